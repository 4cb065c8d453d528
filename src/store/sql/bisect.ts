import type { Work } from "./database.ts";

/** Clocks are set back now and then: what was recorded this long before or after may still be out of order. */
export const CLOCK_SLACK_MS = 300_000;

/**
 * Finds where in a numbered history a time lies, with a handful of seeks and no index over times.
 * @param probe Gives the first entry numbered `from` or above.
 * @returns The lowest number at or after `time`, or `end` when there is none.
 */
export function* firstSince(
  probe: (from: number) => Work<{ readonly number: number; readonly at: number } | undefined>,
  time: number,
  start: number,
  end: number,
): Work<number> {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const entry = yield* probe(middle);
    if (entry === undefined || entry.number >= high || entry.at >= time) high = middle;
    else low = entry.number + 1;
  }
  return low;
}
