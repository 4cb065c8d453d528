import { assert, assertEquals, assertRejects } from "@std/assert";
import { LeaseLostError, NotFoundError, StoreUnavailableError } from "../../../src/errors.ts";
import { logOf } from "../../../src/log.ts";
import type { KeyEntry } from "../../../src/store/credentials.ts";
import type { InboxMessage } from "../../../src/store/inbox.ts";
import { createLedger, type NewKey } from "../../../src/whatsapp/baileys/ledger.ts";
import { settled } from "../../support/manual_clock.ts";

function row(messageId: string): InboxMessage {
  return {
    deviceId: "device_1",
    messageId,
    chat: "628@s.whatsapp.net",
    sender: null,
    fromMe: false,
    payload: Uint8Array.of(1),
    sentAt: 0,
  };
}

function setUp() {
  const writes: string[] = [];
  const over = new AbortController();
  let disk: () => Promise<void> = () => Promise.resolve();
  const write = (what: string) => {
    writes.push(what);
    return disk();
  };
  const ledger = createLedger({
    deviceId: "device_1",
    credentials: {
      save: (_, creds) => write(`creds ${creds}`),
      setKeys: (_, entries) =>
        write(`keys ${entries.map(({ id, value }: KeyEntry) => `${id}=${value}`).join(",")}`),
    },
    inbox: {
      journal: (rows) => write(`rows ${rows.map(({ messageId }) => messageId).join(",")}`),
      keep: (kept) => write(`kept ${kept.map(({ messageId }) => messageId).join(",")}`),
    },
    history: { addPages: (pages) => write(`past ${pages.map(({ messageId }) => messageId).join(",")}`) },
    trying: {
      signal: over.signal,
      clock: { now: () => 0, wait: settled },
      random: () => 0.5,
      log: logOf("test"),
    },
    onGone: () => void writes.push("gone"),
  });
  return { ledger, writes, over, setDisk: (change: typeof disk) => disk = change };
}

const session = (value: string): NewKey[] => [{ type: "session", id: "anna", value, text: () => value }];

Deno.test("ledger writes messages before the keys that opened them", async () => {
  const { ledger, writes } = setUp();

  ledger.journal(row("1"));
  ledger.keys(session("a"));
  ledger.creds(() => "me");
  await ledger.durable();

  assertEquals(writes, ["rows 1", "keys anna=a", "creds me"]);
  assertEquals(ledger.durable(), undefined);
});

Deno.test("ledger writes what comes within a turn together, however many steps that takes", async () => {
  const { ledger, writes, setDisk } = setUp();
  const disk = Promise.withResolvers<void>();
  setDisk(() => disk.promise); // a second page would wait for the first

  ledger.keep(row("1"));
  for (let step = 0; step < 20; step++) await Promise.resolve(); // its encryption
  ledger.keys(session("a"));
  await settled();

  assertEquals(writes, ["kept 1", "keys anna=a"]);
  disk.resolve();
  await ledger.durable();
});

Deno.test("ledger gathers what comes during a write, and keeps only the newest of each key", async () => {
  const { ledger, writes, setDisk } = setUp();
  const { promise: first, resolve: written } = Promise.withResolvers<void>();
  setDisk(() => first);
  ledger.keys(session("a"));
  await settled();

  ledger.journal(row("1"));
  ledger.keys(session("b"));
  ledger.journal(row("2"));
  ledger.keys(session("c"));
  written();
  await ledger.durable();

  assertEquals(writes, ["keys anna=a", "rows 1,2", "keys anna=c"]);
});

Deno.test("ledger knows what is not on disk yet", async () => {
  const { ledger } = setUp();

  ledger.keys(session("a"));
  const pending = ledger.pendingKey("session", "anna");
  await ledger.durable();

  assertEquals([pending?.value, ledger.pendingKey("session", "anna")], ["a", undefined]);
});

Deno.test("ledger writes a page again, whole, before the next when the store was away", async () => {
  const { ledger, writes, setDisk } = setUp();
  let refusals = 1;
  setDisk(() => refusals-- > 0 ? Promise.reject(new StoreUnavailableError("full")) : Promise.resolve());
  ledger.journal(row("1"));
  ledger.keys(session("a"));
  const first = ledger.durable();
  await settled();
  ledger.journal(row("2"));

  await first;
  await ledger.durable();

  const seconds = writes.indexOf("rows 2");
  assertEquals(writes.slice(0, seconds), ["rows 1", "keys anna=a", "rows 1", "keys anna=a"]);
});

Deno.test("ledger tells that nothing more is written after the session", async () => {
  const { ledger, over, setDisk } = setUp();
  setDisk(() => Promise.reject(new StoreUnavailableError("full")));
  ledger.journal(row("1"));
  const durable = ledger.durable();
  await settled();

  over.abort();
  await ledger.close();

  assert(durable !== undefined);
  await assertRejects(() => durable, StoreUnavailableError);
});

Deno.test("ledger writes no keys after messages that it could not write", async () => {
  const { ledger, writes, setDisk } = setUp();
  const disk = Promise.withResolvers<void>();
  setDisk(() => disk.promise);
  ledger.journal(row("1"));
  await settled();
  ledger.journal(row("2"));
  ledger.keys(session("b"));
  const second = ledger.durable();

  setDisk(() => Promise.resolve()); // the device has its next lease
  disk.reject(new LeaseLostError("device/device_1"));
  await assertRejects(() => second ?? Promise.resolve(), Error, "what came before could not be written");
  ledger.keys(session("c"));
  const third = ledger.durable();

  assertEquals(writes, ["rows 1", "gone"]);
  await assertRejects(() => third ?? Promise.resolve());
});

Deno.test("ledger gives up when its device was removed", async () => {
  const { ledger, writes, setDisk } = setUp();
  setDisk(() => Promise.reject(new NotFoundError("device", "device_1")));

  ledger.journal(row("1"));
  await assertRejects(() => ledger.durable() ?? Promise.resolve(), NotFoundError);

  assertEquals(writes, ["rows 1", "gone"]);
});
