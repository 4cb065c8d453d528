import { assertEquals } from "@std/assert";
import { StoreUnavailableError } from "../../../src/errors.ts";
import type { KeyEntry } from "../../../src/store/credentials.ts";
import { aNumber, Reports, withWorld, type World } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";
import { settled } from "../../support/manual_clock.ts";

const RECEIVING = 2;

interface Chain {
  readonly chainType: number;
  readonly chainKey: { readonly counter: number };
  readonly messageKeys: Readonly<Record<string, unknown>>;
}

/** How many messages of a contact's Signal session have been opened, by what the session keeps of its chains. */
function openedIn({ value }: KeyEntry): number {
  const { _sessions: sessions }: { readonly _sessions: Record<string, { readonly _chains: object }> } = JSON
    .parse(value ?? '{"_sessions":{}}');
  const chains = Object.values(sessions).flatMap(({ _chains }) => Object.values(_chains) as Chain[]);
  return chains.filter(({ chainType }) => chainType === RECEIVING)
    .reduce(
      (sum, { chainKey, messageKeys }) => sum + chainKey.counter + 1 - Object.keys(messageKeys).length,
      0,
    );
}

const rowsOf = ({ inbox }: World, deviceId: string): number =>
  [...inbox.rows.values()].filter(({ message }) => message.deviceId === deviceId).length;

/** Notes each write of keys that have opened more of the contact's messages than the inbox holds. */
function watchKeys(world: World, lid: string): { readonly ahead: string[]; readonly writes: () => number } {
  const ahead: string[] = [];
  let writes = 0;
  const setKeys = world.credentials.setKeys.bind(world.credentials);
  world.credentials.setKeys = (deviceId, entries) => {
    for (const entry of entries) {
      if (entry.type !== "session" || !entry.id.startsWith(lid)) continue;
      writes++;
      const [opened, rows] = [openedIn(entry), rowsOf(world, deviceId)];
      if (opened > rows) ahead.push(`${deviceId}: ${opened} opened, ${rows} written down`);
    }
    return setKeys(deviceId, entries);
  };
  return { ahead, writes: () => writes };
}

for (const count of [2, 20]) {
  withWorld(`keys never get ahead of messages when ${count} devices hear one writer`, async (world) => {
    const anna = world.simulator.contact(aNumber(), "Anna");
    const { ahead, writes } = watchKeys(world, anna.lid);
    const linked = await Promise.all(Array.from({ length: count }, (_, n) => world.link(`device_${n}`)));

    const texts = 12;
    for (let n = 0; n < texts; n++) {
      await Promise.all(linked.map(({ phone }) => anna.sendText(phone, `kabar ${n}`)));
    }
    await Promise.all(linked.map(({ reports }) => reports.data("message.received", texts)));
    await until(() => linked.every(({ device }) => device.pending.size === 0), "all receipts");

    assertEquals(ahead, []);
    assertEquals(writes() > 0, true);
    assertEquals(linked.map((_, n) => rowsOf(world, `device_${n}`)), linked.map(() => texts));
  });
}

/**
 * A store that a crash leaves alone after so many pages: what is asked of it in one turn is a page, and what is asked
 * later is never done.
 * @param half Of one more page, the messages are written but not the keys.
 */
function mortal({ credentials, inbox }: World, pages: number, half: boolean) {
  const { promise: never, reject: endOfTest } = Promise.withResolvers<never>();
  never.catch(() => {});
  let left = pages;
  let isWithin = false;
  let rowsOnly = false;
  let dead = false;
  let isArmed = false;
  function turn(): void {
    if (!isArmed || isWithin || dead) return;
    isWithin = true;
    rowsOnly = left-- === 0;
    queueMicrotask(() => {
      isWithin = false;
      dead ||= rowsOnly || (left === 0 && !half); // the page is whole
    });
  }
  const guarded =
    <A extends readonly unknown[]>(isRow: boolean, write: (...args: A) => Promise<void>) => (...args: A) => {
      turn();
      return dead || (rowsOnly && !isRow) ? never : write(...args);
    };
  return {
    credentials: {
      ...credentials,
      setKeys: guarded(false, credentials.setKeys),
      save: guarded(false, credentials.save),
    },
    inbox: { ...inbox, journal: guarded(true, inbox.journal), keep: guarded(true, inbox.keep) },
    /** From here on pages are counted. */
    arm: () => void (isArmed = true),
    isDead: () => dead,
    never,
    endOfTest: () => endOfTest(new StoreUnavailableError("the process is gone")),
  };
}

const MOST_PAGES = 9;
const PATIENT_MS = 60_000;
/** Each page is the last one of a run, alone and with a half one behind it. */
const CRASHES = Array.from({ length: MOST_PAGES }, (_, n) => n + 1)
  .flatMap((pages) => [{ pages, half: false }, { pages, half: true }]);

withWorld(
  "crash between any two pages, or within one, leaves no message out, with a common writer",
  async (world) => {
    const anna = world.simulator.contact(aNumber(), "Anna");
    const names = ["device_0", "device_1"];
    const linked = [await world.link(names[0]), await world.link(names[1])];
    for (const { session } of linked) await session.stop();
    const group = world.simulator.group("Both", [anna, ...linked.map(({ phone }) => phone)]);
    const sent = names.map((): string[] => []);
    const told: Reports[][] = names.map(() => []);
    const stores = [];
    const isQuiet = () => linked.every(({ device }) => device.pending.size === 0);

    for (const [run, { pages, half }] of CRASHES.entries()) {
      const store = mortal(world, pages, half);
      stores.push(store);
      for (const [n, name] of names.entries()) {
        const reports = new Reports();
        reports.store = () => store.isDead() ? store.never : Promise.resolve();
        told[n].push(reports);
        await world.again({}, store).open(name, reports);
        await reports.logged("connected");
      }
      await until(isQuiet, "what the last crash left", PATIENT_MS);
      store.arm();
      for (let n = 0; !store.isDead(); n++) {
        const texts = linked.map(({ phone }) => anna.sendText(phone, `run ${run}, text ${n}`));
        const inGroup = n % 4 === 0 ? [await anna.sendText(group, `run ${run}, group ${n}`)] : [];
        for (const [index, id] of (await Promise.all(texts)).entries()) sent[index].push(id, ...inGroup);
        await settled(); // sending alone gives the disk no turn
      }
      for (const { device } of linked) device.drop();
    }
    for (const [n, name] of names.entries()) {
      const reports = new Reports();
      told[n].push(reports);
      await world.again().open(name, reports);
    }
    await until(isQuiet, "an empty backlog", PATIENT_MS);
    const idsOf = (n: number) =>
      new Set(told[n].flatMap((reports) => reports.of("message.received").map(({ data }) => data.messageId)));
    await until(() => names.every((_, n) => idsOf(n).size >= sent[n].length), "every event").catch(
      () => {},
    );

    for (const [n, name] of names.entries()) {
      const ids = idsOf(n);
      assertEquals(sent[n].filter((id) => !ids.has(id)), [], "told by no session");
      const rows = await Promise.all(sent[n].map(async (id) => (await world.inbox.named(name, id)).length));
      assertEquals(sent[n].filter((_, index) => rows[index] !== 1), [], "not one row each");
      const drafts = told[n].flatMap((reports) => reports.of("message.received"));
      const contents = drafts.map(({ data }) => data.content.kind);
      assertEquals(contents.filter((kind) => kind !== "text"), [], "not opened");
    }
    for (const store of stores) store.endOfTest();
  },
);
