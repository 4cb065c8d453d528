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

/** The webhooks that an event's deliveries were chosen from have changed meanwhile; nothing was stored. */
export class StaleWebhooksError extends Error {
  override readonly name = "StaleWebhooksError";
  constructor(readonly tenantId: TenantId) {
    super(`Cannot store it for ${tenantId}: its webhooks have changed`);
  }
}

/** The log of everything that happened. */
export interface Events {
  /**
   * Stores an event and its deliveries in one transaction; durable when resolved. Appends that come together
   * share one commit.
   * @param now Epoch ms, the event's `at`.
   * @param webhooksVersion Of `Webhooks.ofTenant`, as the deliveries were chosen; looked at where a store is shared.
   * @throws {StaleWebhooksError} If the tenant's webhooks have another version by now.
   */
  append(
    draft: EventDraft,
    deliveries: readonly NewDelivery[],
    now: number,
    webhooksVersion?: number,
  ): Promise<Appended>;
  get(id: EventId): Promise<KabarEvent | undefined>;
  /**
   * A tenant's events whose ids begin so, those made last first. Of all tenants' only the newest
   * 500 are looked at: a short beginning finds little.
   */
  beginning(tenantId: TenantId, prefix: string, limit: number): Promise<readonly KabarEvent[]>;
  /** The event that was stored under this key; its tenant has no other under it. */
  byDedupeKey(tenantId: TenantId, dedupeKey: string): Promise<KabarEvent | undefined>;
  bySeq(seqs: readonly number[]): Promise<ReadonlyMap<number, KabarEvent>>;
  /** Events whose dedupe key begins so, oldest first: those about one message begin with its id. */
  byDedupePrefix(tenantId: TenantId, prefix: string, limit: number): Promise<readonly KabarEvent[]>;
  list(filter: EventFilter): Promise<readonly KabarEvent[]>;
  /** The tenant's oldest kept and its newest sequence number; 0 when there is none. */
  range(tenantId: TenantId): Promise<{ readonly oldest: number; readonly newest: number }>;
  /** Removes at most `limit` events recorded before `before` whose deliveries are all decided, with these. */
  prune(before: number, limit: number): Promise<number>;
}
