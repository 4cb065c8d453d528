import { LeaseLostError, messageOf, NotFoundError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";

export interface Trying {
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, "now" | "wait">;
  readonly random: () => number;
  readonly log: Logger;
}

const WAITS = { firstMs: 200, mostMs: 10_000 };

/**
 * Does something that has to be done until it works, or the signal aborts. This is how a session outlives a store
 * that is unavailable for a while: what it owes WhatsApp waits.
 * @param what Names the work in the log.
 * @throws What the work last threw, when the signal aborts, or when what it is for does not exist, or is
 * somebody else's, by now.
 */
export async function keepTrying<T>(what: string, work: () => Promise<T>, trying: Trying): Promise<T> {
  const { signal, clock, random, log } = trying;
  for (let tries = 1;; tries++) {
    try {
      return await work();
    } catch (error) {
      const isVain = error instanceof NotFoundError || error instanceof LeaseLostError;
      if (signal.aborted || isVain) throw error;
      log.warn("session.store_failed", { what, tries, error: messageOf(error) });
      await clock.wait(backoffMs(tries, WAITS, random()), signal);
      if (signal.aborted) throw error;
    }
  }
}
