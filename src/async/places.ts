import type { Clock } from "./clock.ts";

/**
 * Lets a few do something at a time. Whoever takes longer than `longestMs` gives up their place, so that one that
 * hangs holds up nobody.
 * @returns A function that waits for a turn; what it resolves to gives the turn back, once.
 */
export function createTurns(
  { places, longestMs, clock }: {
    readonly places: number;
    readonly longestMs: number;
    readonly clock: Pick<Clock, "wait">;
  },
): () => Promise<() => void> {
  let free = places;
  const waiting: (() => void)[] = [];

  function leave() {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }

  return async () => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    const left = new AbortController();
    left.signal.addEventListener("abort", leave, { once: true });
    void clock.wait(longestMs, left.signal).then(() => left.abort());
    return () => left.abort();
  };
}
