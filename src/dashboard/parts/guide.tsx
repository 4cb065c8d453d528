import type { EventType } from "../../events/event.ts";
import { EVENT_GUIDE } from "../../events/guide.ts";
import { guideIn } from "../../events/guide_in.ts";

export { guideIn as guideOf };

/** Every type of event, in the order of the catalogue. */
export const EVENT_TYPES = Object.keys(EVENT_GUIDE) as readonly EventType[];

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(EVENT_GUIDE, text);
}

/** A sentence of ours whose parts between backticks are code. */
export function WithCode({ text }: { readonly text: string }) {
  return <>{text.split("`").map((part, index) => index % 2 === 1 ? <code>{part}</code> : part)}</>;
}
