import type { Clock } from "../async/clock.ts";
import type { TenantId } from "../ids.ts";
import { hearOrLook } from "../store/hear_or_look.ts";
import { ANYTHING, type News } from "../store/news.ts";

/** News: a tenant has new events. */
export const EVENTS = "events";

/**
 * Hears which tenants have new events, whichever gateway stored them.
 * @param told Called with a tenant; undefined: any of them may have some.
 * @returns What stops it.
 */
export function hearEvents(
  news: Pick<News, "hear" | "hearsOthers">,
  clock: Pick<Clock, "every">,
  told: (tenantId: TenantId | undefined) => void,
): () => void {
  return hearOrLook({ news, clock }, EVENTS, (id) => told(id === ANYTHING ? undefined : id));
}
