/** Requests that a webhook may have in flight before anything is known of its endpoint. */
export const INITIAL_LIMIT = 4;
export const MAX_LIMIT = 64;

/** One more for each success: an endpoint that keeps up gets twice as many within one round, as in TCP's slow start. */
export function afterSuccess(limit: number): number {
  return Math.min(limit + 1, MAX_LIMIT);
}

/** Half as many, but at least one. */
export function afterFailure(limit: number): number {
  return Math.max(Math.floor(limit / 2), 1);
}
