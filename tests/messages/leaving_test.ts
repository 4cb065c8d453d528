import { assertEquals, assertThrows } from "@std/assert";
import { InvalidError } from "../../src/errors.ts";
import { checkLeaving } from "../../src/messages/leaving.ts";
import { NOW } from "../support/messaging.ts";

const DAY = 24 * 3_600_000;

for (
  const [what, at, takes] of [
    ["is over", NOW - 61_000, "in the future"],
    ["is further away than a year", NOW + 367 * DAY, "at most a year ahead"],
  ] as const
) {
  Deno.test(`a time to leave that ${what} is refused, naming both clocks`, () => {
    const error = assertThrows(() => checkLeaving({ field: "send_at", at, got: "this" }, NOW), InvalidError);

    const sentence = `Field \`send_at\` must be ${takes}, got this (it is ${
      new Date(NOW).toISOString()
    } here)`;
    assertEquals([error.field, error.message], ["send_at", sentence]);
  });
}

Deno.test("a time to leave may be now, for a clock that is a little slow, and up to a year ahead", () => {
  for (const at of [NOW - 59_000, NOW, NOW + 365 * DAY]) {
    checkLeaving({ field: "send_at", at, got: "this" }, NOW);
  }
});
