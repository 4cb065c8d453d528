import type { EventDraft, EventType, KabarEvent } from "../events/event.ts";
import type { DeviceId, EventId, TenantId } from "../ids.ts";
import type { Delivery, NewDelivery } from "./deliveries.ts";

/** What one append stored. `duplicate`: an event with the same dedupe key existed; nothing was added. */
export type Appended =
  | { readonly duplicate: false; readonly event: KabarEvent; readonly deliveries: readonly Delivery[] }
  | { readonly duplicate: true; readonly eventId: EventId };

export interface EventFilter {
  readonly tenantId: TenantId;
  /** Only events with a tenant sequence number above this one. */
  readonly after?: number;
  readonly before?: number;
  readonly types?: readonly EventType[];
  readonly deviceIds?: readonly DeviceId[];
  /** Recorded at or after, epoch ms. */
  readonly since?: number;
  readonly limit: number;
  readonly order?: "oldest" | "newest";
}

/** The log of everything that happened. */
export interface Events {
  /**
   * Stores an event and its deliveries in one transaction; durable when resolved. Appends that come together
   * share one commit.
   * @param now Epoch ms, the event's `at`.
   */
  append(draft: EventDraft, deliveries: readonly NewDelivery[], now: number): Promise<Appended>;
  get(id: EventId): Promise<KabarEvent | undefined>;
  bySeq(seqs: readonly number[]): Promise<ReadonlyMap<number, KabarEvent>>;
  list(filter: EventFilter): Promise<readonly KabarEvent[]>;
  /** The tenant's oldest kept and its newest sequence number; 0 when there is none. */
  range(tenantId: TenantId): Promise<{ readonly oldest: number; readonly newest: number }>;
  /** Removes at most `limit` events recorded before `before` whose deliveries are all decided, with these. */
  prune(before: number, limit: number): Promise<number>;
}
