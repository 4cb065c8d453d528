import type { Clock, Timer } from "./clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";

/** Clocks are set, and machines sleep, while a timer runs: the time of day is looked at this often. */
const LOOK_AT_CLOCK_MS = 60_000;
const AFTER_FAULT_MS = 5_000;

/** Begins what a store holds for later when its time has come. */
export interface Agenda {
  /** Begins what was due while nothing ran, and waits for the rest. */
  start(): Promise<void>;
  /** Something was stored for later. */
  added(): Promise<void>;
  stop(): void;
}

export function createAgenda({ next, begin, log, clock }: {
  /** What comes first, epoch ms. */
  readonly next: () => Promise<{ readonly id: string; readonly at: number } | undefined>;
  /** Begins it, so that `next` does not name it again. */
  readonly begin: (id: string) => Promise<void>;
  readonly log: Logger;
  readonly clock: Pick<Clock, "now" | "after">;
}): Agenda {
  const { now } = clock;
  let timer: Timer | undefined;
  let looking = Promise.resolve();
  let stopped = false;

  /** Looks after what is being looked at, so that the last look knows everything. */
  function look(): Promise<void> {
    return looking = looking.then(beginDue).catch((error) => {
      log.error("agenda.failed", { error: messageOf(error) });
      plan(() => void look(), AFTER_FAULT_MS);
    });
  }

  async function beginDue(): Promise<void> {
    while (!stopped) {
      const first = await next();
      if (first === undefined) return timer?.cancel();
      if (first.at > now()) return waitFor(first.at);
      await begin(first.id);
    }
  }

  function waitFor(at: number): void {
    const leftMs = Math.max(0, at - now());
    plan(() => now() < at ? waitFor(at) : void look(), Math.min(leftMs, LOOK_AT_CLOCK_MS));
  }

  function plan(act: () => void, ms: number): void {
    timer?.cancel();
    if (!stopped) timer = clock.after(ms, act);
  }

  return {
    start: look,
    added: look,
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
