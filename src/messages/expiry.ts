import type { OutgoingMessage } from "../store/messages.ts";
import type { Failure } from "./outcomes.ts";

const EXPIRE_AFTER_MS = 24 * 3_600_000;

/** How long a message may wait for its device. */
export interface Expiry {
  isOver(message: OutgoingMessage): boolean;
  /** What is then told of it. */
  readonly error: Failure;
}

export function createExpiry(now: () => number, expireAfterMs = EXPIRE_AFTER_MS): Expiry {
  const hours = Math.round(expireAfterMs / 3_600_000);
  return {
    // one of a blast waits its turn for as long as that takes: for its device it waits since it was taken in hand
    isOver: ({ blastId, createdAt, updatedAt, sendAt }) =>
      now() - (blastId === null ? sendAt ?? createdAt : updatedAt) > expireAfterMs,
    error: {
      code: null,
      message: `The device was not connected for ${hours} h after it was queued`,
      reason: "expired",
    },
  };
}
