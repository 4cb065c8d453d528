import { assertEquals } from "@std/assert";
import type { SignalDataSet, SignalDataTypeMap } from "@whiskeysockets/baileys";
import { withTransactions } from "../../../src/whatsapp/baileys/key_transactions.ts";
import { newWaMessageId } from "../../../src/whatsapp/message_id.ts";
import { aNumber, withWorld } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

function setUp() {
  const stored = new Map<string, unknown>();
  const state = {
    get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const found = ids.filter((id) => stored.has(`${type} ${id}`));
      return Object.fromEntries(found.map((id) => [id, stored.get(`${type} ${id}`) as SignalDataTypeMap[T]]));
    },
    set(data: SignalDataSet) {
      for (const [type, byId] of Object.entries(data)) {
        for (const [id, value] of Object.entries(byId ?? {})) stored.set(`${type} ${id}`, value);
      }
    },
  };
  const keys = withTransactions(state);
  const write = (id: string, value: string) => keys.set({ "lid-mapping": { [id]: value } });
  const read = async (id: string) => (await keys.get("lid-mapping", [id]))[id];
  return { keys, stored, write, read };
}

Deno.test("keys store what is written after the transaction around it has ended", async () => {
  const { keys, stored, write } = setUp();
  const ended = Promise.withResolvers<void>();
  let late: Promise<void> | undefined;

  await keys.transaction(async () => {
    await write("in time", "1");
    late = ended.promise.then(async () => {
      await write("late", "2");
      await keys.transaction(async () => await write("later", "3"), "a");
    });
  }, "a");
  ended.resolve();
  await late;

  assertEquals([...stored], [["lid-mapping in time", "1"], ["lid-mapping late", "2"], [
    "lid-mapping later",
    "3",
  ]]);
});

Deno.test("keys read what is stored now after the transaction around it has ended", async () => {
  const { keys, write, read } = setUp();
  const ended = Promise.withResolvers<void>();
  let late: Promise<string | undefined> | undefined;
  await write("a", "old");

  await keys.transaction(async () => {
    await read("a");
    late = ended.promise.then(() => read("a"));
  }, "a");
  await write("a", "new");
  ended.resolve();

  assertEquals(await late, "new");
});

Deno.test("keys undo a transaction that fails, with those inside it", async () => {
  const { keys, stored, write, read } = setUp();

  const failing = keys.transaction(async () => {
    await keys.transaction(async () => await write("inner", "1"), "b");
    assertEquals(await read("inner"), "1");
    throw new Error("it fails");
  }, "a");
  await failing.catch(() => {});

  assertEquals([...stored], []);
});

Deno.test("keys write a transaction as a whole, at its end, and read in it what it has written", async () => {
  const { keys, stored, write, read } = setUp();
  await write("known", "0");

  const seen = await keys.transaction(async () => {
    await write("new", "1");
    await keys.set({ "lid-mapping": { known: null } });
    return [keys.isInTransaction(), [...stored].length, await read("new"), await read("known")];
  }, "a");

  assertEquals(seen, [true, 1, "1", undefined]);
  assertEquals([...stored], [["lid-mapping known", null], ["lid-mapping new", "1"]]);
  assertEquals(keys.isInTransaction(), false);
});

Deno.test("keys let transactions of one name wait for each other, and those of others not", async () => {
  const { keys } = setUp();
  const steps: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = keys.transaction(async () => {
    await promise;
    steps.push("first");
  }, "a");

  const second = keys.transaction(() => Promise.resolve(steps.push("second")), "a");
  await keys.transaction(() => Promise.resolve(steps.push("other")), "b");
  resolve();
  await Promise.all([first, second]);

  assertEquals(steps, ["other", "first", "second"]);
});

withWorld(
  "session issues its privacy token to a contact once, however much it sends",
  async ({ simulator, link }) => {
    const { session } = await link();
    const anna = simulator.contact(aNumber(), "Anna");
    const issued = () => simulator.queries.get("privacy set tokens") ?? 0;
    const send = () =>
      session.send(
        { waMessageId: newWaMessageId(), to: anna.pnJid, content: { kind: "text", text: "Halo" } },
        {
          timeoutMs: 60_000,
        },
      );
    await send();
    await until(() => issued() === 1, "the token is issued");

    for (let index = 0; index < 5; index++) await send();

    assertEquals(issued(), 1);
  },
);
