import type { ContentKind } from "../../events/content.ts";

/** WhatsApp Web's words for kinds of messages, and what they are here. @see whatsapp-web.js, `MessageTypes` */
const KINDS: Readonly<Record<string, ContentKind>> = {
  chat: "text",
  text: "text",
  oversized: "text",
  image: "image",
  video: "video",
  ptv: "video",
  audio: "audio",
  ptt: "voice",
  document: "document",
  sticker: "sticker",
  location: "location",
  live_location: "location",
  vcard: "contact",
  multi_vcard: "contact",
  poll_creation: "poll",
  poll_vote: "poll_vote",
  buttons_response: "reply",
  list_response: "reply",
  template_button_reply: "reply",
  interactive_response: "reply",
  hsm: "template",
  template: "template",
  interactive: "template",
  buttons: "template",
  list: "template",
  native_flow: "template",
  event_creation: "event",
  scheduled_event_creation: "event",
  event_response: "event_response",
  groups_v4_invite: "group_invite",
  product: "product",
  order: "order",
  pinned_message: "pin",
};

/** What WhatsApp Web notes down in a chat by itself: nobody wrote it. */
const NOTICES: ReadonlySet<string> = new Set([
  "album",
  "broadcast_notification",
  "call_log",
  "ciphertext",
  "debug",
  "e2e_notification",
  "gp2",
  "group_notification",
  "notification",
  "notification_template",
  "protocol",
  "reaction",
  "revoked",
]);

/** The kind of content that a type of message stands for; `unknown` for types that are not known. */
export function kindOfType(type: string): ContentKind {
  return Object.hasOwn(KINDS, type) ? KINDS[type] : "unknown";
}

/** Whether a message of this type is a note of the system. */
export function isNotice(type: string): boolean {
  return NOTICES.has(type);
}
