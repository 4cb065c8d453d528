import { mediaOf } from "../events/content.ts";
import type { EventType, KabarEvent } from "../events/event.ts";
import { wellFormedJson } from "../events/well_formed.ts";
import { defineFormat, type ShapedFacts } from "./format.ts";
import { deviceNameOf } from "./naming.ts";
import { sessionData } from "./session_data.ts";
import { hexSignatureHeaders } from "./signature.ts";

const NOTHING: readonly string[] = [];

/** Names of events whose name does not depend on what they say. */
const SAID: { readonly [T in EventType]?: readonly string[] } = {
  "message.status": ["message_ack"],
  "message.edited": ["message_edit"],
  "message.deleted": ["message_revoke_everyone"],
  "message.reaction": ["message_reaction"],
  "device.qr": ["qr"],
  "device.connecting": ["loading_screen", "change_state"],
  "device.authenticated": ["authenticated"],
  "device.connected": ["ready", "change_state"],
  "device.state": ["change_state"],
  "call.received": ["call"],
  "group.created": ["group_update"],
  "group.join": ["group_join"],
  "group.leave": ["group_leave"],
  "group.promote": ["group_admin_changed"],
  "group.demote": ["group_admin_changed"],
  "group.updated": ["group_update"],
  "group.deleted": ["group_update"],
  "identity.changed": ["contact_changed"],
  "media.received": ["media"],
  "media.uploaded": ["media_uploaded"],
};

/**
 * What a whatsapp-web.js server posts, in its three keys and this order. A message that came in is `message`; those
 * who ask for `message_create` (all messages, also our own) or `media` (messages with a file) get these as well.
 * Signed with `X-Webhook-Signature`, the hex HMAC of the body after `sha256=`.
 */
export const session = defineFormat({
  name: "session",
  doc: {
    body: "`{sessionId, event, data}`, as whatsapp-web.js",
    signature: "`X-Webhook-Signature: sha256=<hex>`",
  },
  names: [
    "qr",
    "ready",
    "authenticated",
    "disconnected",
    "auth_failure",
    "change_state",
    "loading_screen",
    "message",
    "message_create",
    "message_ack",
    "call",
    "media_uploaded",
    "media",
    "message_edit",
    "message_reaction",
    "message_revoke_everyone",
    "vote_update",
    "group_join",
    "group_leave",
    "group_update",
    "group_admin_changed",
    "group_membership_request",
    "contact_changed",
    "test",
  ],
  userAgent: "WhatsApp-Server/1.0",
  timeoutMs: 10_000,
  retry: { waitsMs: [], jitter: 0 },
  ownHeaders: ["X-Webhook-Signature", "X-Webhook-Signature-Next"],
  test: { name: "test", data: (message) => ({ message }) },

  says(event: ShapedFacts) {
    if (event.device === null) return NOTHING;
    switch (event.type) {
      case "message.received": {
        const { content, fromMe } = event.data;
        if (content.kind === "poll_vote") return ["vote_update"];
        if (fromMe) return ["message_create"];
        return mediaOf(content) ? ["message", "message_create", "media"] : ["message", "message_create"];
      }
      case "message.sent":
        return mediaOf(event.data.content) ? ["message_create", "media_uploaded"] : ["message_create"];
      case "group.join_request":
        return event.data.state === "requested" ? ["group_membership_request"] : ["group_update"];
      case "device.disconnected":
        return event.data.reason === "auth_failure"
          ? ["auth_failure", "disconnected", "change_state"]
          : ["disconnected", "change_state"];
      default:
        return SAID[event.type] ?? NOTHING;
    }
  },

  data: sessionData,

  envelope(event: KabarEvent, name: string, data: unknown) {
    const sessionId = event.device === null ? "test-session" : deviceNameOf(event.device);
    return wellFormedJson({ sessionId, event: name, data });
  },

  headers(_facts, body, secrets): Readonly<Record<string, string>> {
    return hexSignatureHeaders("X-Webhook-Signature", body, secrets, "sha256=");
  },
});
