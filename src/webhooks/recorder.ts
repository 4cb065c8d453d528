import type { Clock } from "../async/clock.ts";
import { messageOf, StoreUnavailableError } from "../errors.ts";
import { logOf } from "../log.ts";
import type { Deliveries, Delivery, DeliveryState } from "../store/deliveries.ts";
import type { Outcome } from "./outcome.ts";

/** How long everything rests after the store refused a write. */
const REST_MS = 1_000;

const log = logOf("webhooks");

/**
 * Writes down what came of attempts. While the store refuses writes, nothing new should be tried; what has been tried
 * is kept and written as soon as the store takes it, so that no request has to be made twice for it.
 */
export interface Recorder {
  /** False: it could not be written. The lease runs out, and the delivery is tried again: at least once, never lost. */
  record(delivery: Delivery, outcome: Outcome, state: DeliveryState): Promise<boolean>;
  /** Outcomes that wait for their commit. */
  waiting(): number;
  /** The store refused a write lately. */
  resting(): boolean;
  /** Something else than an outcome was refused. */
  refused(error: unknown): void;
  /** Waits no longer for a store that refuses. */
  stop(): void;
}

export function createRecorder({ deliveries, clock, onRested }: {
  readonly deliveries: Pick<Deliveries, "record">;
  readonly clock: Pick<Clock, "now" | "wait">;
  /** Work can go on. */
  readonly onRested: () => void;
}): Recorder {
  let waiting = 0;
  let restingUntil: Promise<void> | undefined;
  let stopped = false;

  function rest(error: unknown): Promise<void> {
    log.error("store.refused_outcome", { error: messageOf(error) });
    restingUntil ??= clock.wait(REST_MS).then(() => {
      restingUntil = undefined;
      onRested();
    });
    return restingUntil;
  }

  async function write(delivery: Delivery, outcome: Outcome, state: DeliveryState): Promise<boolean> {
    const made = {
      deliveryNumber: delivery.number,
      attempt: delivery.attempts + 1,
      startedAt: outcome.startedAt,
      durationMs: outcome.durationMs,
      statusCode: outcome.statusCode,
      error: outcome.ok ? null : outcome.error,
      response: outcome.response,
      ...(!outcome.ok && outcome.headers !== undefined && { headers: outcome.headers }),
    };
    for (;;) {
      try {
        await deliveries.record(made, state, clock.now());
        return true;
      } catch (error) {
        const rested = rest(error);
        if (stopped || !(error instanceof StoreUnavailableError)) return false;
        await rested;
      }
    }
  }

  return {
    async record(delivery, outcome, state) {
      waiting++;
      try {
        return await write(delivery, outcome, state);
      } finally {
        waiting--;
      }
    },
    waiting: () => waiting,
    resting: () => restingUntil !== undefined,
    refused: (error) => void rest(error),
    stop() {
      stopped = true;
    },
  };
}
