import type { Clock, Timer } from "../../async/clock.ts";
import { messageOf } from "../../errors.ts";
import { logOf } from "../../log.ts";
import type { QiscusStatuses } from "./statuses.ts";

const EVERY_MS = 10_000;

const log = logOf("receivers");

/** Sweeps the statuses that wait for their messages at the start and every 10 s. */
export function createStatusSweep({ statuses, clock }: {
  readonly statuses: Pick<QiscusStatuses, "sweep">;
  readonly clock: Pick<Clock, "after">;
}) {
  let timer: Timer | undefined;
  let stopped = false;

  async function sweep(): Promise<void> {
    try {
      await statuses.sweep();
    } catch (error) {
      log.error("qiscus.sweep_failed", { error: messageOf(error) });
    }
    if (!stopped) timer = clock.after(EVERY_MS, () => void sweep());
  }

  return {
    /** Sweeps once, then goes on. */
    start: sweep,
    stop(): void {
      stopped = true;
      timer?.cancel();
    },
  };
}
