import { assertEquals } from "@std/assert";
import { afterOutcome, type Breaker, closedBreaker, mayTry, probing } from "../../src/webhooks/breaker.ts";

const COOL_DOWN_MS = 30_000;

function afterFailures(count: number, now: number, breaker: Breaker = closedBreaker): Breaker {
  for (let i = 0; i < count; i++) breaker = afterOutcome(breaker, false, now);
  return breaker;
}

Deno.test("breaker stays closed below 20 failures in a row", () => {
  assertEquals(mayTry(afterFailures(19, 0), 0), "yes");
});

Deno.test("breaker opens after 20 failures in a row", () => {
  const breaker = afterFailures(20, 0);

  assertEquals(mayTry(breaker, 0), "no");
  assertEquals(mayTry(breaker, COOL_DOWN_MS - 1), "no");
});

Deno.test("breaker counts only failures in a row", () => {
  const once = afterOutcome(afterFailures(19, 0), true, 0);

  assertEquals(mayTry(afterFailures(19, 0, once), 0), "yes");
});

Deno.test("breaker lets one request probe after the cool-down", () => {
  assertEquals(mayTry(afterFailures(20, 0), COOL_DOWN_MS), "probe");
});

Deno.test("breaker closes when the probe succeeds", () => {
  const breaker = afterOutcome(afterFailures(20, 0), true, COOL_DOWN_MS);

  assertEquals(breaker, closedBreaker);
});

Deno.test("breaker stays open twice as long after each failed probe, up to 5 min", () => {
  let breaker = afterFailures(20, 0);
  let now = 0;
  const waits: number[] = [];

  for (let i = 0; i < 6; i++) {
    const until = breaker.state === "open" ? breaker.until : NaN;
    waits.push((until - now) / 1000);
    now = until;
    breaker = afterOutcome(breaker, false, now);
  }

  assertEquals(waits, [30, 60, 120, 240, 300, 300]);
});

Deno.test("breaker is not opened for longer by what was in flight when it opened", () => {
  const opened = afterFailures(20, 0);

  assertEquals(afterOutcome(opened, false, 5_000), opened);
});

Deno.test("breaker scales its cool-down", () => {
  let breaker: Breaker = closedBreaker;
  for (let i = 0; i < 20; i++) breaker = afterOutcome(breaker, false, 0, 0.01);

  assertEquals(mayTry(breaker, 299), "no");
  assertEquals(mayTry(breaker, 300), "probe");
});

Deno.test("breaker lets one request probe before the cool-down is over when somebody cannot wait", () => {
  const opened = afterFailures(20, 0);

  const asked = probing(opened, 1_000);

  assertEquals([mayTry(opened, 1_000), mayTry(asked, 1_000)], ["no", "probe"]);
});

Deno.test("breaker that is closed stays so when somebody cannot wait", () => {
  assertEquals(probing(closedBreaker, 1_000), closedBreaker);
});
