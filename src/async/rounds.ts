import type { Clock } from "./clock.ts";

/** Work that is done again and again: every so often, and as soon as somebody says that there is something. */
export interface Rounds {
  /** There may be something to do: a round begins now, or right after the one under way. */
  look(): void;
  /** Goes round until `stopping` aborts. */
  run(): Promise<void>;
}

/** @param deps.failed Hears of a round that failed; the next one comes all the same. */
export function createRounds({ round, everyMs, stopping, failed, clock }: {
  readonly round: () => Promise<void>;
  readonly everyMs: number;
  readonly stopping: AbortSignal;
  readonly failed: (error: unknown) => void;
  readonly clock: Pick<Clock, "wait">;
}): Rounds {
  let looks = 0;
  let wake = () => {};

  return {
    look() {
      looks++;
      wake();
    },
    async run() {
      while (!stopping.aborted) {
        const before = looks;
        await round().catch((error) => {
          if (!stopping.aborted) failed(error);
        });
        if (looks !== before) continue;
        const woken = new Promise<void>((resolve) => wake = resolve);
        await Promise.race([woken, clock.wait(everyMs, stopping)]);
      }
    },
  };
}
