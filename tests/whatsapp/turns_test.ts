import { assertEquals } from "@std/assert";
import type { Clock } from "../../src/whatsapp/clock.ts";
import { createTurns } from "../../src/whatsapp/turns.ts";

const never: Clock = { now: () => 0, wait: () => new Promise(() => {}) };
const settle = () => new Promise((resolve) => setTimeout(resolve));

function setUp(clock = never) {
  const turn = createTurns({ places: 2, longestMs: 3_000, clock });
  const begun: string[] = [];
  const take = (name: string) =>
    turn().then((giveBack) => {
      begun.push(name);
      return giveBack;
    });
  return { take, begun };
}

Deno.test("turns let as many begin as there are places", async () => {
  const { take, begun } = setUp();

  void take("a");
  void take("b");
  void take("c");
  await settle();

  assertEquals(begun, ["a", "b"]);
});

Deno.test("turns go to who waits longest, however often one is given back", async () => {
  const { take, begun } = setUp();
  const giveBack = await take("a");
  void take("b");
  void take("c");
  void take("d");

  giveBack();
  giveBack();
  await settle();

  assertEquals(begun, ["a", "b", "c"]);
});

Deno.test("turns of those who take too long go on", async () => {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const { take, begun } = setUp({ now: () => 0, wait: () => late });
  void take("a");
  void take("b");
  void take("c");
  await settle();

  resolve();
  await settle();

  assertEquals(begun, ["a", "b", "c"]);
});
