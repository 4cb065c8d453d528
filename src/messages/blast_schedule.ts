import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import type { Blast, Blasts } from "../store/blasts.ts";

const log = logOf("blasts");

/** Clocks are set, and machines sleep, while a timer runs: the time of day is looked at this often. */
const LOOK_AT_CLOCK_MS = 60_000;
const AFTER_FAULT_MS = 5_000;

/** Begins blasts when their time has come. */
export interface BlastSchedule {
  /** Begins what was due while nothing ran, and waits for the rest. */
  start(): Promise<void>;
  /** A scheduled blast was stored. */
  added(): Promise<void>;
  stop(): void;
}

export function createBlastSchedule({ blasts, begun, now }: {
  readonly blasts: Pick<Blasts, "nextScheduled" | "change">;
  /** To be told of each blast that begins. */
  readonly begun: (blast: Blast) => void;
  readonly now: () => number;
}): BlastSchedule {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking = Promise.resolve();
  let stopped = false;

  /** Looks after what is being looked at, so that the last look knows all blasts. */
  function look(): Promise<void> {
    return looking = looking.then(beginDue).catch((error) => {
      log.error("blast.schedule_failed", { error: messageOf(error) });
      plan(() => void look(), AFTER_FAULT_MS);
    });
  }

  async function beginDue(): Promise<void> {
    while (!stopped) {
      const next = await blasts.nextScheduled();
      if (next === undefined) return clearTimeout(timer);
      if (next.at > now()) return waitFor(next.at);
      await begin(next.id);
    }
  }

  async function begin(id: string): Promise<void> {
    const result = await blasts.change(
      id,
      ({ status }) => status === "scheduled" ? { status: "running", startedAt: now() } : null,
      now(),
    );
    if (result === undefined || !result.changed) return; // its owner was faster
    const { blast } = result;
    log.info("blast.begun", { blastId: id, scheduledAt: blast.scheduledAt, total: blast.total });
    begun(blast);
  }

  function waitFor(at: number): void {
    const leftMs = Math.max(0, at - now());
    plan(() => now() < at ? waitFor(at) : void look(), Math.min(leftMs, LOOK_AT_CLOCK_MS));
  }

  function plan(act: () => void, ms: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(act, ms);
  }

  return {
    start: look,
    added: look,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
