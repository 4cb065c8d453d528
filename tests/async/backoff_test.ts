import { assertEquals } from "@std/assert";
import { backoffMs } from "../../src/async/backoff.ts";
import { afterLoss, CALM, type Flapping } from "../../src/devices/flapping.ts";

const BACKOFF = { firstMs: 1_000, mostMs: 60_000 };
const LIMIT = { losses: 3, withinMs: 60_000 };

Deno.test("backoff doubles up to its most", () => {
  assertEquals([1, 2, 3, 6, 7, 8, 100].map((tries) => backoffMs(tries, BACKOFF, 0.9999999)), [
    1_000,
    2_000,
    4_000,
    32_000,
    60_000,
    60_000,
    60_000,
  ]);
});

Deno.test("backoff spreads over the whole wait, but never spins", () => {
  assertEquals([0, 0.25, 0.5].map((random) => backoffMs(3, BACKOFF, random)), [100, 1_000, 2_000]);
});

/** Losses at these times, and which of them began an episode. */
function begins(times: readonly number[]): number[] {
  let state: Flapping = CALM;
  return times.filter((at) => {
    const { flapping, began } = afterLoss(state, at, LIMIT);
    state = flapping;
    return began;
  });
}

Deno.test("flapping begins with the last of many losses within the time", () => {
  assertEquals(begins([0, 20_000, 40_000]), [40_000]);
});

Deno.test("flapping does not begin when losses are far apart", () => {
  assertEquals(begins([0, 40_000, 80_000, 120_000]), []);
});

Deno.test("flapping begins once per episode, and again after a calm", () => {
  assertEquals(begins([0, 1, 2, 3, 4, 200_000, 200_001, 200_002]), [2, 200_002]);
});
