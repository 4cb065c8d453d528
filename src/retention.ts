import { messageOf } from "./errors.ts";
import { logOf } from "./log.ts";

/** Rows that one step removes: few enough that nobody notices. */
const STEP_ROWS = 500;
const PAUSE_MS = 20;
const EVERY_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

const log = logOf("retention");

/** Something that grows: removes at most `limit` things older than `before` and says how many. */
export type Prune = (before: number, limit: number) => Promise<number>;

/** Removes what is older than `days`, in small steps, once a minute. */
export function createRetention({ prunes, days, now }: {
  readonly prunes: Readonly<Record<string, Prune>>;
  readonly days: number;
  readonly now: () => number;
}) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  async function pass(): Promise<void> {
    const before = now() - days * DAY_MS;
    for (const [what, prune] of Object.entries(prunes)) {
      try {
        let removed = 0;
        let step: number;
        do {
          step = await prune(before, STEP_ROWS);
          removed += step;
          if (step > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        } while (step > 0 && !stopped);
        if (removed > 0) log.info("retention.pruned", { what, removed });
      } catch (error) {
        log.error("retention.failed", { what, error: messageOf(error) });
      }
    }
    if (!stopped) timer = setTimeout(pass, EVERY_MS);
  }

  return {
    start(): void {
      timer = setTimeout(pass, EVERY_MS);
    },
    stop(): void {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
