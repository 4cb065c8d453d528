import type { Clock } from "../async/clock.ts";
import type { TenantId } from "../ids.ts";
import { ANYTHING, type News } from "../store/news.ts";

/** News: a tenant has new events. */
export const EVENTS = "events";
/** How often events are looked for where the news of other gateways are not heard. */
const LOOK_EVERY_MS = 1_000;

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
  const deaf = news.hear(EVENTS, (id) => told(id === ANYTHING ? undefined : id));
  const looking = news.hearsOthers ? undefined : clock.every(LOOK_EVERY_MS, () => told(undefined));
  return () => {
    looking?.cancel();
    deaf();
  };
}
