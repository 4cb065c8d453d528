import { DAY_MS } from "../spans.ts";
import type { Clock, Timer } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";

/** Rows that one step removes: few enough that nobody notices. */
const STEP_ROWS = 500;
const PAUSE_MS = 20;
const EVERY_MS = 60_000;

const log = logOf("retention");

/** Something that grows: removes at most `limit` things older than `before` and says how many. */
export type Prune = (before: number, limit: number) => Promise<number>;

/** Removes what is older than `days`, in small steps, once a minute. */
export function createRetention({ prunes, days, isClockBelieved, clock }: {
  readonly prunes: Readonly<Record<string, Prune>>;
  readonly days: number;
  /** Asked before each pass: nothing is removed by a clock that may be wrong. */
  readonly isClockBelieved: () => Promise<boolean>;
  readonly clock: Pick<Clock, "now" | "after" | "wait">;
}) {
  const stopping = new AbortController();
  let timer: Timer | undefined;

  async function pass(): Promise<void> {
    try {
      if (await isClockBelieved()) await pruneAll();
    } catch (error) {
      log.error("retention.failed", { what: "clock", error: messageOf(error) });
    }
    if (!stopping.signal.aborted) timer = clock.after(EVERY_MS, () => void pass());
  }

  async function pruneAll(): Promise<void> {
    const before = clock.now() - days * DAY_MS;
    for (const [what, prune] of Object.entries(prunes)) {
      try {
        let removed = 0;
        let step: number;
        do {
          step = await prune(before, STEP_ROWS);
          removed += step;
          if (step > 0) await clock.wait(PAUSE_MS, stopping.signal);
        } while (step > 0 && !stopping.signal.aborted);
        if (removed > 0) log.info("retention.pruned", { what, removed });
      } catch (error) {
        log.error("retention.failed", { what, error: messageOf(error) });
      }
    }
  }

  return {
    start(): void {
      timer = clock.after(EVERY_MS, () => void pass());
    },
    stop(): void {
      stopping.abort();
      timer?.cancel();
    },
  };
}
