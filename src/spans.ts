/** Spans of time in milliseconds. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Milliseconds, or a time in them, as the whole seconds that resources show. */
export function secondsOf(atMs: number): number {
  return Math.floor(atMs / 1000);
}
