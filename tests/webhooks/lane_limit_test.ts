import { assertEquals } from "@std/assert";
import { afterFailure, afterSuccess, INITIAL_LIMIT, MAX_LIMIT } from "../../src/webhooks/lane_limit.ts";

Deno.test("lane limit starts low and doubles within a round of successes", () => {
  let limit = INITIAL_LIMIT;
  for (let i = 0; i < INITIAL_LIMIT; i++) limit = afterSuccess(limit);

  assertEquals([INITIAL_LIMIT, limit], [4, 8]);
});

Deno.test("lane limit does not rise above 64", () => {
  let limit = INITIAL_LIMIT;
  for (let i = 0; i < 200; i++) limit = afterSuccess(limit);

  assertEquals(limit, MAX_LIMIT);
  assertEquals(MAX_LIMIT, 64);
});

Deno.test("lane limit halves on failures, down to one", () => {
  const limits = [64];
  for (let i = 0; i < 7; i++) limits.push(afterFailure(limits.at(-1)!));

  assertEquals(limits, [64, 32, 16, 8, 4, 2, 1, 1]);
});
