import { assertEquals } from "@std/assert";
import type { Failed, Outcome } from "../../src/webhooks/outcome.ts";
import { advance, type Step } from "../../src/webhooks/state.ts";
import { aFailure, aSuccess } from "../support/outcomes.ts";

const SUCCESS = aSuccess();
const FAILURE = aFailure({
  reason: "timeout",
  statusCode: null,
  error: "Response timeout after 10 s",
  response: null,
});

/** Advances a delivery with waits of 1 s and 5 s at the time 1000. */
function advanced(attempts: number, outcome: Outcome): Step {
  const schedule = { waitsMs: [1_000, 5_000], jitter: 0 };
  return advance({ attempts }, outcome, { schedule, scale: 1, random: () => 0.5, now: 1_000 });
}

Deno.test("delivery is a success after a 2xx", () => {
  assertEquals(advanced(0, SUCCESS), { state: { status: "success" }, gone: false });
});

Deno.test("delivery waits for the next attempt after a failure", () => {
  assertEquals(advanced(0, FAILURE).state, { status: "pending", dueAt: 2_000 });
  assertEquals(advanced(1, FAILURE).state, { status: "pending", dueAt: 6_000 });
});

Deno.test("delivery fails when its schedule is used up", () => {
  assertEquals(advanced(2, FAILURE), { state: { status: "failed" }, gone: false });
});

Deno.test("delivery succeeds on its last attempt", () => {
  assertEquals(advanced(2, SUCCESS).state, { status: "success" });
});

Deno.test("delivery fails at once when the receiver is gone (410)", () => {
  const gone: Failed = { ...FAILURE, reason: "status", statusCode: 410, gone: true };

  assertEquals(advanced(0, gone), { state: { status: "failed" }, gone: true });
});

Deno.test("delivery stays due when we stopped the attempt ourselves, even the last one", () => {
  const stopped: Failed = { ...FAILURE, reason: "aborted" };

  assertEquals(advanced(2, stopped).state, { status: "pending", dueAt: 1_000 });
});
