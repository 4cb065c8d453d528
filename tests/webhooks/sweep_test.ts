import { assertEquals } from "@std/assert";
import { createSweep } from "../../src/webhooks/sweep.ts";
import { createManualClock } from "../support/manual_clock.ts";

/** Deliveries that fall due so many ms from now, and are gone once poked; nobody sets alarms. */
function setUp(...dueInMs: readonly number[]) {
  const clock = createManualClock();
  const start = clock.now();
  let waiting = dueInMs.map((ms) => start + ms);
  const poked: number[] = [];
  let asked = 0;
  const sweep = createSweep({
    deliveries: {
      due(webhookIds, now) {
        asked++;
        const [nextDueAt] = waiting;
        if (nextDueAt === undefined) return Promise.resolve(new Map());
        return Promise.resolve(
          new Map(webhookIds.map((id) => [id, { dueNow: nextDueAt <= now, nextDueAt }])),
        );
      },
    },
    active: () => ["wh_1"],
    poke() {
      const now = clock.now();
      const due = waiting.filter((at) => at <= now);
      waiting = waiting.filter((at) => at > now);
      poked.push(...due.map((at) => at - start));
    },
    clock,
  });
  return { sweep, clock, poked, asked: () => asked };
}

Deno.test("sweep finds what falls due one after the other, without any alarm", async () => {
  const { sweep, clock, poked } = setUp(0, 40, 80, 600, 640);

  await sweep.start();
  await clock.advance(1_000);

  assertEquals(poked, [0, 40, 80, 600, 640]);
});

Deno.test("sweep asks every 30 s and no more when nothing is due soon", async () => {
  const { sweep, clock, asked } = setUp(3_600_000);

  await sweep.start();
  await clock.advance(29_999);
  const before = asked();
  await clock.advance(1);

  assertEquals([before, asked()], [1, 2]);
});

Deno.test("sweep asks nothing after it was stopped", async () => {
  const { sweep, clock, poked, asked } = setUp(100);
  await sweep.start();

  sweep.stop();
  await clock.advance(60_000);

  assertEquals([poked, asked(), clock.waits()], [[], 1, []]);
});
