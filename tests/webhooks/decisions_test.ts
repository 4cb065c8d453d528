import { assertEquals } from "@std/assert";
import { createDecisions, type Decision } from "../../src/webhooks/decisions.ts";
import { createManualClock } from "../support/manual_clock.ts";

function aDecision(change: Partial<Decision> = {}): Decision {
  return {
    deliveryNumber: 7,
    status: "success",
    attempts: 1,
    statusCode: 200,
    error: null,
    response: "ok",
    ...change,
  };
}

const clock = createManualClock();

Deno.test("decisions tell everybody who waits for a delivery", async () => {
  const decisions = createDecisions(clock);
  const waiting = [decisions.wait(7, 5_000), decisions.wait(7, 5_000)];

  decisions.announce(aDecision());

  assertEquals(await Promise.all(waiting), [aDecision(), aDecision()]);
});

Deno.test("decisions tell nothing when the time is up", async () => {
  const decisions = createDecisions(clock);

  const waiting = decisions.wait(7, 5_000);
  decisions.announce(aDecision({ deliveryNumber: 8 }));
  await clock.advance(5_000);

  assertEquals(await waiting, undefined);
});

Deno.test("decisions pass over one that is announced after it was asked to try again", async () => {
  const decisions = createDecisions(clock);
  const waiting = decisions.wait(7, 5_000, 4);

  decisions.announce(aDecision({ attempts: 4, status: "failed" }));
  decisions.announce(aDecision({ attempts: 5 }));

  assertEquals((await waiting)?.status, "success");
});
