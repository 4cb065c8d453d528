import type { TenantId } from "../ids.ts";
import type { DeliveryFilter } from "./deliveries.ts";

/** Everything that a filter finds, sent again. */
export interface Replay {
  /** `rpl_…` */
  readonly id: string;
  readonly tenantId: TenantId;
  /** `stopped`: by its owner, or as its tenant was suspended. */
  readonly status: "running" | "done" | "failed" | "stopped";
  readonly filter: DeliveryFilter;
  /** Deliveries that the filter found when it began, `done` ones and those that take none included. */
  readonly total: number;
  /** Deliveries that were looked at so far. */
  readonly looked: number;
  /** Deliveries made pending again so far. */
  readonly replayed: number;
  /** The number of the last delivery that was looked at: it goes on above. */
  readonly after: number;
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

export type ReplayProgress = Pick<Replay, "looked" | "replayed" | "after">;

/** Replays that were begun, whoever carries them out. */
export interface Replays {
  create(replay: Replay): Promise<void>;
  get(id: string): Promise<Replay | undefined>;
  /** A tenant's, newest first. */
  list(tenantId: TenantId, limit: number): Promise<readonly Replay[]>;
  /**
   * Takes a running replay in hand until `until`: undefined when another holder has it, or it is over. The holder
   * that has it calls it again, under its own name, to keep it.
   */
  claim(
    id: string,
    at: { readonly holder: string; readonly now: number; readonly until: number },
  ): Promise<Replay | undefined>;
  /** Running ones that nobody has in hand now. */
  free(now: number, limit: number): Promise<readonly Replay[]>;
  /** Writes how far it is; one that is over stays as it is. */
  progress(id: string, progress: ReplayProgress): Promise<void>;
  /** Ends a running replay; returns it as it is then. */
  finish(id: string, status: Exclude<Replay["status"], "running">, now: number): Promise<Replay | undefined>;
  /** Removes those that ended before, at most `limit`; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}
