import type { Clock } from "./clock.ts";

/** Waits for work, but no longer than `ms`: then it goes on unwatched. */
export async function within(ms: number, work: Promise<unknown>, clock: Pick<Clock, "wait">): Promise<void> {
  const enough = new AbortController();
  try {
    await Promise.race([work, clock.wait(ms, enough.signal)]);
  } finally {
    enough.abort();
  }
}
