/** Runs `work` `total` times with `width` at once; returns how many were done per second. */
export async function perSecond(
  total: number,
  width: number,
  work: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < total) await work(next++);
  }));
  return total / ((performance.now() - startedAt) / 1000);
}

/** The value below which this share (0 to 1) of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
