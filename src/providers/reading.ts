import type { SessionDraft } from "../whatsapp/session.ts";

/**
 * What one report of another system amounts to: an event; nothing that anybody has to know (`why` in a few words); or
 * something that is not understood. What makes no event is kept as it came.
 */
export type Reading =
  | { readonly kind: "event"; readonly draft: SessionDraft }
  | { readonly kind: "nothing"; readonly why: string }
  | { readonly kind: "unread"; readonly why: string };

/** An event, or what was missing for one. */
export function readingOf(draft: SessionDraft | undefined, missing: string): Reading {
  return draft === undefined ? { kind: "unread", why: missing } : { kind: "event", draft };
}
