import type { KabarEvent } from "../events/event.ts";
import { wellFormedJson } from "../events/well_formed.ts";
import { VERSION } from "../version.ts";
import { businessAccountIdOf } from "./cloud_ids.ts";
import { cloudValue, head } from "./cloud_value.ts";
import { defineFormat, type ShapedEvent, type ShapedFacts } from "./format.ts";
import { hexSignatureHeaders } from "./signature.ts";

const NOTHING: readonly string[] = [];
const MESSAGES = ["messages"];
const ECHO = ["smb_message_echoes"];
const GROUP = ["group_messages"];
const HISTORY = ["history"];

/** Which field a name goes out under: what is asked for by name mostly is a kind of message at Meta. */
const FIELDS: Readonly<Record<string, string>> = {
  group_messages: "messages",
  edit: "messages",
  revoke: "messages",
  played: "messages",
  order: "messages",
  test: "messages",
};

/** What is sent to those only who ask for it by name. */
const ASKED_FOR = [
  "smb_message_echoes",
  "group_messages",
  "edit",
  "revoke",
  "played",
  "order",
  "calls",
  "history",
] as const;

/**
 * What Meta's Cloud API posts: one message or status in each request, so that applications written for Meta work with
 * a number that is linked here. `messages` has what every receiver takes; kinds that make strict receivers fail
 * (`edit`, `revoke`, `played`, `order`, `calls`, groups, our own messages) go only to those who ask for them by name,
 * and so does the past (`history`).
 * Bodies are ASCII, with `\u` escapes: of all ways to sign text outside ASCII only this one passes every client.
 * @see Meta, "WhatsApp Cloud API: Webhooks"
 */
export const cloud = defineFormat({
  name: "cloud",
  doc: {
    body: "`{object, entry: [{id, changes: [{value, field}]}]}`, as Meta's Cloud API",
    signature: "`X-Hub-Signature-256: sha256=<hex>`",
  },
  names: ["messages", ...ASKED_FOR],
  onRequest: ASKED_FOR,
  userAgent: `Kabar/${VERSION}`,
  timeoutMs: 10_000,
  retry: { waitsMs: [5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 86_400_000], jitter: 0.2 },
  ownHeaders: ["X-Hub-Signature-256", "X-Hub-Signature-256-Next"],
  asciiOnly: true,
  test: { name: "test", data: () => head(null, undefined) },

  says(event: ShapedFacts) {
    if (event.device === null) return NOTHING;
    if (event.type === "call.ended") return ["calls"];
    if (!("chat" in event.data) || event.type === "presence.updated") return NOTHING;
    const { kind } = event.data.chat;
    if (kind !== "person" && kind !== "group") return NOTHING;
    // as a message it would be answered
    if ("backfilled" in event.data) {
      return event.type === "message.received" && kind === "person" ? HISTORY : NOTHING;
    }
    switch (event.type) {
      case "message.received":
        if (event.data.fromMe) return ECHO;
        if (kind === "group") return GROUP;
        return event.data.content.kind === "order" ? ["messages", "order"] : MESSAGES;
      case "message.sent":
        return ECHO;
      case "message.edited":
        if (event.data.fromMe || kind === "group") return NOTHING;
        return ["messages", "edit"];
      case "message.deleted":
        return event.data.fromMe || kind === "group" ? NOTHING : ["revoke"];
      case "message.reaction":
        if (event.data.fromMe) return NOTHING;
        return kind === "group" ? GROUP : MESSAGES;
      case "message.status":
        if (kind === "group") return GROUP;
        return event.data.status === "played" ? ["messages", "played"] : MESSAGES;
      default:
        return NOTHING;
    }
  },

  data(event: ShapedEvent, name: string) {
    return cloudValue(event, name);
  },

  envelope(event: KabarEvent, name: string, value: unknown) {
    const changes = [{ value, field: FIELDS[name] ?? name }];
    const entry = [{ id: businessAccountIdOf(event.tenantId), changes }];
    return ascii(wellFormedJson({ object: "whatsapp_business_account", entry }));
  },

  headers(_facts, body, secrets): Readonly<Record<string, string>> {
    return hexSignatureHeaders("X-Hub-Signature-256", body, secrets, "sha256=");
  },
});

const OUTSIDE = /[\x7f-\uffff]/g;

/** JSON with `\u` escapes for everything outside ASCII, surrogates one by one, in lower-case hex. */
export function ascii(json: string): string {
  return json.replace(OUTSIDE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
