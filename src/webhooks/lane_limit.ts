import type { Outcome } from "./outcome.ts";

/** Requests that a webhook may have in flight before anything is known of its endpoint. */
export const INITIAL_LIMIT = 4;
export const MAX_LIMIT = 64;

/** Answers that say "too much": Too Many Requests, Bad Gateway, Service Unavailable, Gateway Timeout. */
const OVERLOADED: ReadonlySet<number | null> = new Set([429, 502, 503, 504]);

/**
 * The limit after a request has ended. One more for each success: an endpoint that keeps up gets twice as many within
 * one round, as in TCP's slow start. Half as many when it has too much to do, or does not answer at all. One less when
 * it refuses: an endpoint that wants every fifth event not at all still gets the others as fast as it takes them.
 */
export function limitAfter(limit: number, outcome: Outcome): number {
  if (outcome.ok) return Math.min(limit + 1, MAX_LIMIT);
  const isOverloaded = outcome.statusCode === null || OVERLOADED.has(outcome.statusCode);
  return Math.max(isOverloaded ? Math.floor(limit / 2) : limit - 1, 1);
}
