import { assertEquals } from "@std/assert";
import { createBelievedClock } from "../../src/retention/believed_clock.ts";
import { temporaryStore } from "../support/temporary_store.ts";

const DAY = 24 * 3_600_000;
const T0 = 1_762_000_000_000;

async function setUp() {
  const kept = await temporaryStore();
  const clock = { at: T0 };
  const { settings } = kept.store;
  return {
    clock,
    isBelieved: createBelievedClock({ settings, now: () => clock.at }),
    restarted: () => createBelievedClock({ settings, now: () => clock.at }),
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

Deno.test("clock is believed while it goes on, also over a night without the gateway", async () => {
  await using test = await setUp();
  const believed = [];
  for (const step of [0, 60_000, 20 * 3_600_000, 60_000]) {
    test.clock.at += step;
    believed.push(await test.isBelieved());
  }

  assertEquals(believed, [true, true, true, true]);
});

Deno.test("clock that jumps ahead is believed only after it has gone on for a day, over restarts too", async () => {
  await using test = await setUp();
  await test.isBelieved();

  test.clock.at += 400 * DAY;
  const atOnce = await test.isBelieved();
  test.clock.at += DAY / 2;
  const later = await test.restarted()();
  test.clock.at += DAY / 2;
  const afterADay = await test.isBelieved();
  test.clock.at += 60_000;

  assertEquals([atOnce, later, afterADay, await test.isBelieved()], [false, false, true, true]);
});

Deno.test("clock that is put right again is believed at once", async () => {
  await using test = await setUp();
  await test.isBelieved();
  test.clock.at += 400 * DAY;
  await test.isBelieved();

  test.clock.at = T0 + 60_000;

  assertEquals(await test.isBelieved(), true);
});
