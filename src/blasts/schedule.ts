import { type Agenda, createAgenda } from "../async/agenda.ts";
import type { Clock } from "../async/clock.ts";
import { logOf } from "../log.ts";
import type { TenantId } from "../ids.ts";
import type { Blast, Blasts } from "../store/blasts.ts";
import { pausedBySuspension } from "./lane.ts";

const log = logOf("blasts");

const MISSED = "Its time came while the tenant was suspended; once it is active again, resume the blast";

/** Begins blasts when their time has come. */
export type BlastSchedule = Agenda;

export function createBlastSchedule({ blasts, begun, isSuspended, clock }: {
  readonly blasts: Pick<Blasts, "nextScheduled" | "change">;
  /** To be told of each blast that begins. */
  readonly begun: (blast: Blast) => void;
  /** Nothing begins for a suspended tenant. */
  readonly isSuspended: (tenantId: TenantId) => boolean;
  readonly clock: Pick<Clock, "now" | "after">;
}): BlastSchedule {
  const { now } = clock;

  async function begin(id: string): Promise<void> {
    const result = await blasts.change(
      id,
      ({ status, tenantId }) => {
        if (status !== "scheduled") return null;
        return isSuspended(tenantId)
          ? { status: "paused", reason: MISSED, turn: pausedBySuspension(MISSED) }
          : { status: "running", startedAt: now() };
      },
      now(),
    );
    if (result === undefined || !result.changed) return; // its owner was faster
    const { blast } = result;
    if (blast.status === "paused") return log.warn("blast.not_begun", { blastId: id, reason: MISSED });
    log.info("blast.begun", { blastId: id, scheduledAt: blast.scheduledAt, total: blast.total });
    begun(blast);
  }

  return createAgenda({ next: () => blasts.nextScheduled(), begin, log, clock });
}
