import { assertEquals } from "@std/assert";
import { createSweep } from "../../src/webhooks/sweep.ts";
import { until } from "../support/engine.ts";

/** Deliveries that fall due at these times, and are gone once poked; nobody sets alarms. */
function setUp(dueAts: readonly number[]) {
  let waiting = [...dueAts].sort((a, b) => a - b);
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
      const now = Date.now();
      const due = waiting.filter((at) => at <= now);
      waiting = waiting.filter((at) => at > now);
      poked.push(...due);
    },
    now: Date.now,
  });
  return { sweep, poked, asked: () => asked };
}

Deno.test("sweep finds what falls due one after the other, without any alarm", async () => {
  const start = Date.now();
  const dueAts = [0, 40, 80, 600, 640].map((ms) => start + ms);
  const { sweep, poked } = setUp(dueAts);

  await sweep.start();

  await until(() => poked.length === dueAts.length, "everything to be poked", 5_000);
  assertEquals(poked, dueAts);
  sweep.stop();
});

Deno.test("sweep asks no more than it needs when nothing is due soon", async () => {
  const { sweep, asked } = setUp([Date.now() + 3_600_000]);

  await sweep.start();
  await new Promise((resolve) => setTimeout(resolve, 600));

  assertEquals(asked(), 1);
  sweep.stop();
});

Deno.test("sweep asks nothing after it was stopped", async () => {
  const { sweep, poked } = setUp([Date.now() + 100]);
  await sweep.start();

  sweep.stop();
  await new Promise((resolve) => setTimeout(resolve, 300));

  assertEquals(poked, []);
});
