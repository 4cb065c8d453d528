import { allowedPerMinute } from "../../src/blasts/device_pace.ts";
import { assert, assertEquals } from "@std/assert";
import { BlastRate } from "../../src/blasts/rate.ts";
import { Turns } from "../../src/async/pacer.ts";

Deno.test("turns come at an even rate", () => {
  const turns = new Turns({ perSecond: 10, now: () => 1_000 });

  const waits = Array.from({ length: 5 }, () => turns.take());

  assertEquals(waits, [0, 0, 100, 200, 300]);
});

Deno.test("turns make up for little after a standstill", () => {
  let at = 1_000;
  const turns = new Turns({ perSecond: 10, now: () => at });
  turns.take();
  at = 60_000;

  const waits = Array.from({ length: 4 }, () => turns.take());

  assertEquals(waits, [0, 0, 100, 200]);
});

Deno.test("what a device may send a minute is what the longer of its pauses comes to", () => {
  const pace = { minGapMs: 3_000, maxGapMs: 7_000 };
  const slow = { pacing: { minGapMs: 30_000, maxGapMs: 30_000, typing: true } };

  const allowed = [
    allowedPerMinute(pace, undefined),
    allowedPerMinute(pace, { pacing: null }),
    allowedPerMinute(pace, slow),
    allowedPerMinute({ minGapMs: 0, maxGapMs: 0 }, slow),
    allowedPerMinute({ minGapMs: 0, maxGapMs: 0 }, undefined),
  ];

  assertEquals(allowed, [12, 12, 2, 2, null]);
});

Deno.test("blast rate is that of the last minute", () => {
  const rate = new BlastRate();
  for (let second = 0; second < 200; second++) {
    rate.add(second * 1_000);
    rate.add(second * 1_000 + 500);
  }

  const perSecond = rate.perSecond(199_900);

  assert(perSecond !== null && Math.abs(perSecond - 2) < 0.1, `is ${perSecond}`);
  assertEquals(rate.perSecond(400_000), null);
});
