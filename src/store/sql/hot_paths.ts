import type { EventDraft } from "../../events/event.ts";
import type { EventId } from "../../ids.ts";
import type { Attempt, DeliveryState, NewDelivery } from "../deliveries.ts";
import type { HeldLease } from "../leases.ts";
import type { Fixed } from "./recent_deliveries.ts";

/** An event to store, with its deliveries. */
export interface AppendEntry {
  readonly draft: EventDraft;
  readonly deliveries: readonly NewDelivery[];
  readonly id: EventId;
  /** The draft's data as JSON. */
  readonly data: string;
  /** Epoch ms. */
  readonly now: number;
  /** The version of the tenant's webhooks that the deliveries were chosen from; undefined: whichever. */
  readonly webhooksVersion?: number;
  /** The lease that the event is stored under; undefined: under none. */
  readonly fence?: HeldLease;
}

/** What one of those that shared a transaction came to. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

/** The numbers that an entry got, or why it got none. */
export type AppendResult =
  | {
    readonly is: "stored";
    readonly seq: number;
    readonly tenantSeq: number;
    /** In the order of the entry's deliveries. */
    readonly deliveryNumbers: readonly number[];
  }
  | { readonly is: "duplicate"; readonly eventId: EventId };

/** An attempt, and what follows from it. */
export interface RecordEntry {
  readonly attempt: Attempt;
  readonly state: DeliveryState;
  readonly now: number;
  /** What the delivery is, where that is known. */
  readonly known: Fixed | undefined;
}

/**
 * The two paths that every event takes, in an engine's own way: all entries that come together in few statements.
 */
export interface HotPaths {
  /**
   * @throws {NotFoundError} If there is no such tenant.
   * @throws {StaleWebhooksError} If the tenant's webhooks have changed.
   * @throws {LeaseLostError} If the entry's lease is not held any more.
   */
  append(entry: AppendEntry): Promise<AppendResult>;
  record(entry: RecordEntry): Promise<void>;
}
