import type { Compared } from "./table.ts";

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

/**
 * Measures two rates in turns, bare and ours and bare and ours, so that whatever else the machine does hits both alike;
 * the medians of each, and the median of the ratios of the pairs.
 */
export async function compare(
  rounds: number,
  bare: () => Promise<number>,
  ours: () => Promise<number>,
  unit = "/s",
): Promise<Compared> {
  const pairs: { readonly bare: number; readonly ours: number }[] = [];
  for (let round = 0; round < rounds; round++) pairs.push({ bare: await bare(), ours: await ours() });
  return {
    bare: median(pairs.map((pair) => pair.bare)),
    ours: median(pairs.map((pair) => pair.ours)),
    ratio: median(pairs.map((pair) => pair.ours / pair.bare)),
    unit,
  };
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which this share (0 to 1) of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Milliseconds since the Unix epoch, to the microsecond, the same in all processes of a machine. */
export function clockMs(): number {
  return performance.timeOrigin + performance.now();
}
