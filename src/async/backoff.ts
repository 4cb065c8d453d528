/** How long to wait before trying again: doubling from `firstMs` to `mostMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * The wait before the given try, with full jitter: anything between nothing and the doubled wait, so that many
 * devices that lost their connection together do not come back together.
 * @param tries Failures so far, from 1.
 * @param random A number from 0 to below 1.
 * @returns Milliseconds; at least a tenth of `firstMs`.
 * @see AWS Architecture Blog, "Exponential Backoff And Jitter"
 */
export function backoffMs(tries: number, { firstMs, mostMs }: Backoff, random: number): number {
  const cap = Math.min(mostMs, firstMs * 2 ** Math.min(tries - 1, 30));
  return Math.round(Math.max(firstMs / 10, cap * random));
}
