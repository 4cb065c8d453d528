import { HOUR_MS } from "../spans.ts";
import type { EventType } from "../events/event.ts";
import type { TenantId } from "../ids.ts";
import type { Events } from "../store/events.ts";
import type { Hours } from "../store/hours.ts";

const DAY_HOURS = 24;

/** How often a tenant's events of a type came. */
export interface Seen {
  /** By type, in the last 24 hours and the running one; types without any are left out. Not yet written counts lack. */
  counts(tenantId: TenantId, types: readonly EventType[]): Promise<ReadonlyMap<EventType, number>>;
  /** When the last one that is kept was recorded, epoch ms. */
  lastAt(tenantId: TenantId, type: EventType): Promise<number | undefined>;
}

export function createSeen({ hours, events, now }: {
  readonly hours: Pick<Hours, "events">;
  readonly events: Pick<Events, "list">;
  readonly now: () => number;
}): Seen {
  return {
    async counts(tenantId, types) {
      const hour = Math.floor(now() / HOUR_MS);
      const rows = await hours.events({ tenantId, types }, { from: hour - DAY_HOURS, to: hour + 1 });
      const counts = new Map<EventType, number>();
      for (const { type, count } of rows) {
        counts.set(type as EventType, (counts.get(type as EventType) ?? 0) + count);
      }
      return counts;
    },
    async lastAt(tenantId, type) {
      const [last] = await events.list({ tenantId, types: [type], limit: 1, order: "newest" });
      return last?.at;
    },
  };
}
