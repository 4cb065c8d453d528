import { assertEquals, assertThrows } from "@std/assert";
import { InvalidError } from "../../src/errors.ts";
import { nextWaitMs, parseRetry, RETRY_POLICIES } from "../../src/webhooks/retry.ts";
import { aFailure } from "../support/outcomes.ts";

const EVEN = { random: () => 0.5, scale: 1 };

Deno.test("retry waits as planned", () => {
  const waits = [1, 2, 3, 4].map((made) => nextWaitMs(RETRY_POLICIES.account, made, aFailure(), EVEN));

  assertEquals(waits, [2_000, 4_000, 8_000, undefined]);
});

Deno.test("retry is over at once (policy none)", () => {
  assertEquals(nextWaitMs(RETRY_POLICIES.none, 1, aFailure(), EVEN), undefined);
});

Deno.test("retry spreads waits by the jitter", () => {
  const at = (random: number) =>
    nextWaitMs(RETRY_POLICIES.standard, 1, aFailure(), { random: () => random, scale: 1 });

  assertEquals([at(0), at(0.5), at(1)], [4_000, 5_000, 6_000]);
});

Deno.test("retry scales planned waits", () => {
  assertEquals(
    nextWaitMs(RETRY_POLICIES.instance, 2, aFailure(), { random: () => 0.5, scale: 0.01 }),
    100,
  );
});

for (
  const [asked, waited] of [[0, 4_000], [3_999, 4_000], [6_000, 6_000], [8_000, 8_000], [
    3_600_000,
    8_000,
  ]] as const
) {
  Deno.test(`retry honours Retry-After within one to two times the plan (${asked} of 4000 ms)`, () => {
    const wait = nextWaitMs(RETRY_POLICIES.account, 2, aFailure({ retryAfterMs: asked }), EVEN);

    assertEquals(wait, waited);
  });
}

Deno.test("retry never waits longer than 30 days", () => {
  const month = parseRetry([30 * 24 * 3600]);

  assertEquals(
    nextWaitMs(month, 1, aFailure({ retryAfterMs: Number.MAX_SAFE_INTEGER }), EVEN),
    30 * 24 * 3600 * 1000,
  );
});

Deno.test("retry policy standard is the one of Standard Webhooks", () => {
  const { waitsMs, jitter } = parseRetry("standard");

  assertEquals(waitsMs.map((ms) => ms / 1000), [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]);
  assertEquals(jitter, 0.2);
});

for (
  const [format, waits] of [["device", [1, 5]], ["session", []], ["account", [2, 4, 8]], ["instance", [
    5,
    10,
    15,
  ]]] as const
) {
  Deno.test(`retry policy ${format} is the format's own`, () => {
    assertEquals(parseRetry(format), { waitsMs: waits.map((seconds) => seconds * 1000), jitter: 0 });
  });
}

Deno.test("retry takes a list of seconds", () => {
  assertEquals(parseRetry([0.5, 1, 1, 60]), { waitsMs: [500, 1_000, 1_000, 60_000], jitter: 0 });
});

Deno.test("retry takes an empty list (one attempt only)", () => {
  assertEquals(parseRetry([]), { waitsMs: [], jitter: 0 });
});

const REFUSED: readonly (readonly [unknown, string, string])[] = [
  ["weekly", "retry", 'There is no retry policy "weekly"'],
  ["toString", "retry", "There is no retry policy"],
  [5, "retry", "list of seconds"],
  [{ waits: [1] }, "retry", "list of seconds"],
  [null, "retry", "list of seconds"],
  [[1, 2, 0], "retry[2]", "above 0"],
  [[-1], "retry[0]", "above 0"],
  [[NaN], "retry[0]", "above 0"],
  [[Infinity], "retry[0]", "above 0"],
  [["5"], "retry[0]", "number of seconds"],
  [[1, null], "retry[1]", "number of seconds"],
  [[1, 30 * 24 * 3600 + 1], "retry[1]", "at most 30 days"],
  [[5, 60, 10], "retry[2]", "shorter"],
  [Array(21).fill(1), "retry", "21 entries"],
];

for (const [input, field, sentence] of REFUSED) {
  Deno.test(`retry refuses ${JSON.stringify(input)?.slice(0, 40)} naming ${field}`, () => {
    const error = assertThrows(() => parseRetry(input), InvalidError, sentence);

    assertEquals(error.field, field);
  });
}
