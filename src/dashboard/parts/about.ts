import type { KabarEvent } from "../../events/event.ts";
import type { OutgoingMessage } from "../../store/messages.ts";
import type { Words } from "../words/mod.ts";
import { jidShown, phoneShown } from "./phone.ts";
import { hostOf } from "./webhook_state.ts";

/**
 * Whom or what an event is about, in a few words: a person's name, else a number, a group, or a webhook's host; empty
 * when it is about the device itself.
 */
export function aboutOf(event: KabarEvent | undefined): string {
  if (event === undefined) return "";
  const data = event.data as Readonly<Record<string, unknown>>;
  const name = [
    textIn(data.from, "pushName"),
    textIn(data.contact, "pushName"),
    textIn(data.group, "subject"),
    textIn(data.data, "subject"),
    data.subject,
    data.name,
  ].find(isName);
  if (name !== undefined && event.type !== "device.connected") return name;
  const jid = [
    textIn(data.chat, "jid"),
    textIn(data.from, "pn"),
    textIn(data.contact, "pn"),
    textIn(data.person, "pn"),
    textIn(data.group, "jid"),
    data.group,
    data.pn,
  ].find(isName);
  if (jid !== undefined) return jidShown(jid);
  return event.type.startsWith("webhook.") && isName(data.url) ? hostOf(data.url) : "";
}

/** The chat that an event happened in; undefined: in none. */
export function chatOf(event: KabarEvent | undefined): string | undefined {
  const chat = event === undefined ? undefined : textIn((event.data as Record<string, unknown>).chat, "jid");
  return isName(chat) ? chat : undefined;
}

/** What an event says, in a few words: the text, how far a message has come, why a line is down; often nothing. */
export function wordsIn(event: KabarEvent, { events: t }: Pick<Words, "events">): string {
  switch (event.type) {
    case "message.received":
    case "message.sent":
    case "message.edited": {
      const { content } = event.data;
      const words = ["text" in content && content.text, "caption" in content && content.caption].find(isName);
      return words ?? content.kind;
    }
    case "message.status":
      return event.data.reason?.message ?? t[event.data.status];
    case "message.reaction":
      return event.data.emoji;
    case "device.connected":
      return event.data.phoneNumber === null ? "" : phoneShown(event.data.phoneNumber);
    case "device.disconnected":
      return event.data.message ?? event.data.reason;
    case "device.unstable":
    case "device.proxy_failed":
    case "webhook.test":
      return event.data.message;
    case "device.state":
      return event.data.state;
    case "call.received":
      return event.data.kind;
    case "call.ended":
      return event.data.outcome;
    case "group.updated":
      return event.data.change.what;
    case "contact.opted_out":
    case "contact.opted_in":
      return event.data.word;
    case "presence.updated":
      return event.data.presence;
    case "webhook.failing":
    case "webhook.disabled":
      return event.data.lastError;
    default:
      return "";
  }
}

/** The words of a message on its way out, else its kind. */
export function wordsOut({ content }: OutgoingMessage): string {
  if ("text" in content && typeof content.text === "string") return content.text;
  if ("caption" in content && typeof content.caption === "string") return content.caption;
  return content.kind;
}

function textIn(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
