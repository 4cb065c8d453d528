/** How often something came in its window. */
export interface Hits {
  readonly count: number;
  /** When the window ends and all is forgotten, epoch ms. */
  readonly endsAt: number;
}

/** Counts hits by key in one window for all keys. */
export interface HitCounter {
  of(key: string): Hits;
  /** Counts some more, one where nothing is said; what there is now. */
  add(key: string, hits?: number): Hits;
}

/** Makes the counter of this name: what is counted under one name by others may be counted, too. */
export type CounterOf = (name: string, windowMs: number) => HitCounter;

/**
 * Counts in this process. When the window ends everything is forgotten at once, so memory is bounded by the keys of one
 * window, and no timer runs.
 */
export function createHitCounter(windowMs: number, now: () => number): HitCounter {
  let hits = new Map<string, number>();
  let endsAt = 0;
  const turn = () => {
    const at = now();
    if (at < endsAt) return;
    hits = new Map();
    endsAt = at + windowMs;
  };
  return {
    of(key) {
      turn();
      return { count: hits.get(key) ?? 0, endsAt };
    },
    add(key, more = 1) {
      turn();
      const count = Math.max(0, (hits.get(key) ?? 0) + more);
      hits.set(key, count);
      return { count, endsAt };
    },
  };
}
