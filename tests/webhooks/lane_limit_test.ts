import { assertEquals } from "@std/assert";
import { INITIAL_LIMIT, limitAfter, MAX_LIMIT } from "../../src/webhooks/lane_limit.ts";
import { aFailure, aSuccess } from "../support/outcomes.ts";

const success = aSuccess();
const answered = (statusCode: number | null) => aFailure({ statusCode });

Deno.test("lane limit starts low and doubles within a round of successes", () => {
  let limit = INITIAL_LIMIT;
  for (let i = 0; i < INITIAL_LIMIT; i++) limit = limitAfter(limit, success);

  assertEquals([INITIAL_LIMIT, limit], [4, 8]);
});

Deno.test("lane limit does not rise above 64", () => {
  let limit = INITIAL_LIMIT;
  for (let i = 0; i < 200; i++) limit = limitAfter(limit, success);

  assertEquals(limit, MAX_LIMIT);
  assertEquals(MAX_LIMIT, 64);
});

for (const statusCode of [429, 502, 503, 504, null]) {
  Deno.test(`lane limit halves, down to one (${statusCode ?? "no answer"})`, () => {
    const limits = [64];
    for (let i = 0; i < 7; i++) limits.push(limitAfter(limits.at(-1)!, answered(statusCode)));

    assertEquals(limits, [64, 32, 16, 8, 4, 2, 1, 1]);
  });
}

for (const statusCode of [400, 404, 422, 500]) {
  Deno.test(`lane limit falls by one, down to one (${statusCode})`, () => {
    assertEquals([64, 2, 1].map((limit) => limitAfter(limit, answered(statusCode))), [63, 1, 1]);
  });
}

Deno.test("lane limit stays high while every fifth request is refused", () => {
  let limit = INITIAL_LIMIT;
  for (let i = 0; i < 500; i++) limit = limitAfter(limit, i % 5 === 4 ? answered(422) : success);

  assertEquals(limit, MAX_LIMIT - 1);
});
