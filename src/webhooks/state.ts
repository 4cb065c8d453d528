import type { Delivery, DeliveryState } from "../store/deliveries.ts";
import type { RetrySchedule } from "../store/webhooks.ts";
import type { Outcome } from "./outcome.ts";
import { nextWaitMs } from "./retry.ts";

/** Where a delivery stands after an attempt, and what the attempt tells of its webhook. */
export interface Step {
  readonly state: DeliveryState;
  /** The receiver answered 410: its webhook is to be disabled. */
  readonly gone: boolean;
}

/**
 * The delivery's next state: success; failed when the receiver is gone or the schedule is used up; else pending until
 * the next attempt. An attempt that we broke off ourselves counts for nothing: the delivery stays due.
 * @param delivery As it was before the attempt; `attempts` counts the requests of its present round.
 */
export function advance(
  delivery: Pick<Delivery, "attempts">,
  outcome: Outcome,
  plan: {
    readonly schedule: RetrySchedule;
    /** Multiplies every planned wait. */
    readonly scale: number;
    readonly random: () => number;
    /** Epoch ms. */
    readonly now: number;
  },
): Step {
  if (outcome.ok) return { state: { status: "success" }, gone: false };
  if (outcome.gone) return { state: { status: "failed" }, gone: true };
  if (outcome.reason === "aborted") return { state: { status: "pending", dueAt: plan.now }, gone: false };
  const waitMs = nextWaitMs(plan.schedule, delivery.attempts + 1, outcome, plan);
  const state: DeliveryState = waitMs === undefined
    ? { status: "failed" }
    : { status: "pending", dueAt: plan.now + waitMs };
  return { state, gone: false };
}
