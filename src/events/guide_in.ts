import type { EventType } from "./event.ts";
import { EVENT_GUIDE, type EventGuide } from "./guide.ts";
import { EVENT_GUIDE_ID } from "./guide_id.ts";

/** What a subscriber has to know about a type of event, in a reader's language. */
export function guideIn(type: EventType, lang: "en" | "id"): EventGuide {
  const guide = EVENT_GUIDE[type];
  return lang === "id" ? { ...guide, ...EVENT_GUIDE_ID[type] } : guide;
}
