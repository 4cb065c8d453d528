import { assertEquals } from "@std/assert";
import { createRounds } from "../../src/async/rounds.ts";
import { until } from "../support/until.ts";
import { createManualClock } from "../support/manual_clock.ts";

function setUp(round: () => Promise<void>) {
  const clock = createManualClock();
  const over = new AbortController();
  const faults: unknown[] = [];
  const rounds = createRounds({
    round,
    everyMs: 1_000,
    stopping: over.signal,
    failed: (error) => faults.push(error),
    clock,
  });
  return { clock, over, faults, rounds };
}

Deno.test("rounds are made every so often, and end when they are told to", async () => {
  let made = 0;
  const { clock, over, rounds } = setUp(() => Promise.resolve(void made++));

  const running = rounds.run();
  await until(() => clock.waits().length === 1, "the wait after the first round");
  await clock.advance(999);
  const before = made;
  await clock.advance(1);
  await until(() => made === 2, "the second round");
  over.abort();
  await running;

  assertEquals([before, made], [1, 2]);
});

Deno.test("rounds begin at once when somebody looks, also in the middle of one", async () => {
  let made = 0;
  let finish = () => {};
  const { over, rounds } = setUp(() => {
    made++;
    return new Promise((resolve) => finish = resolve);
  });

  const running = rounds.run();
  rounds.look(); // while the first is under way
  finish();
  await until(() => made === 2, "the round after it");
  finish();
  await until(() => (rounds.look(), made === 3), "a round for a look between two");
  over.abort();
  finish();
  await running;

  assertEquals(made, 3);
});

Deno.test("rounds go on after one that failed, and say so", async () => {
  let made = 0;
  const { over, faults, rounds } = setUp(() => {
    made++;
    return made === 1 ? Promise.reject(new Error("the store is away")) : Promise.resolve();
  });

  const running = rounds.run();
  await until(() => faults.length === 1, "the fault");
  rounds.look();
  await until(() => made === 2, "the next round");
  over.abort();
  await running;

  assertEquals(faults.map(String), ["Error: the store is away"]);
});
