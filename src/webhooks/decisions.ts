import type { Clock } from "../async/clock.ts";
import type { DeliveryStatus } from "../store/deliveries.ts";

/** How a delivery ended. */
export interface Decision {
  readonly deliveryNumber: number;
  readonly status: Exclude<DeliveryStatus, "pending">;
  readonly attempts: number;
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly response: string | null;
}

/** Lets a caller wait until a delivery is decided: for the calls that answer with the outcome. */
export interface Decisions {
  /**
   * Undefined when it was not decided within `timeoutMs`. Ask before the delivery can be decided.
   * @param attempts How many it had before: what was decided by then is not meant, though it may be announced late.
   */
  wait(deliveryNumber: number, timeoutMs: number, attempts?: number): Promise<Decision | undefined>;
  announce(decision: Decision): void;
}

export function createDecisions(clock: Pick<Clock, "after">): Decisions {
  const waiting = new Map<number, Set<(decision: Decision | undefined) => void>>();
  return {
    wait(deliveryNumber, timeoutMs, attempts = -1) {
      return new Promise((resolve) => {
        const listeners = waiting.get(deliveryNumber) ?? new Set();
        waiting.set(deliveryNumber, listeners);
        const settle = (decision: Decision | undefined) => {
          if (decision !== undefined && decision.attempts <= attempts) return;
          timer.cancel();
          listeners.delete(settle);
          if (listeners.size === 0) waiting.delete(deliveryNumber);
          resolve(decision);
        };
        const timer = clock.after(timeoutMs, () => settle(undefined));
        listeners.add(settle);
      });
    },
    announce(decision) {
      for (const settle of [...waiting.get(decision.deliveryNumber) ?? []]) settle(decision);
    },
  };
}
