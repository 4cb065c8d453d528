import type { SessionDraft } from "../whatsapp/session.ts";
import { PN_SERVER } from "../whatsapp/jid.ts";
import { present } from "../whatsapp/normalise/present.ts";
import type { Person } from "../events/person.ts";
import { firstText, id, isRecord, type Loose, number, record, records, text, timeMs } from "./loose.ts";
import { qiscusContent, qiscusContext } from "./qiscus_content.ts";

/** How far a message that we sent through Qiscus has come. */
export interface QiscusStatus {
  /** WhatsApp's id of the message (`wamid.…`). */
  readonly waMessageId: string;
  readonly status: "sent" | "delivered" | "read" | "failed";
  /** When it happened, epoch ms; null when Qiscus did not tell. */
  readonly statusAt: number | null;
  /** Whom the message was sent to, digits; null when Qiscus did not tell. */
  readonly recipient: string | null;
  /** Why it failed, in Qiscus' words. */
  readonly error: { readonly code: number | null; readonly message: string } | null;
}

/** What one request of Qiscus tells. */
export interface QiscusReport {
  readonly statuses: readonly QiscusStatus[];
  /** Replies and reactions of customers, ready to be published. */
  readonly drafts: readonly SessionDraft[];
  /** What it was about, for the log; `unknown` when nothing in it could be read. */
  readonly kind: "message_status" | "incoming_message" | "mixed" | "unknown";
  /** Parts that were of a known form, but without what makes them usable. */
  readonly unusable: number;
}

const STATUSES: ReadonlySet<string> = new Set(["sent", "delivered", "read", "failed"]);

/**
 * Reads a webhook of Qiscus in any of its forms: the documented `{type, payload}`, the `{statuses[]}` and
 * `{messages[], contacts[]}` that Qiscus really sends, and these wrapped as WhatsApp's Cloud API does
 * (`{entry: [{changes: [{value}]}]}`). Never throws: what cannot be read is counted.
 * @param receivedAt Epoch ms, for messages that do not tell their own time.
 */
export function readQiscus(body: unknown, receivedAt: number): QiscusReport {
  const statuses: (QiscusStatus | undefined)[] = [];
  const drafts: (SessionDraft | undefined)[] = [];
  for (const part of partsOf(body)) {
    const payload = record(part.payload);
    if (part.type === "message_status") statuses.push(statusOf(payload));
    else if (part.type === "incoming_message") drafts.push(draftOf(payload, new Map(), receivedAt));
    for (const status of records(part.statuses)) statuses.push(statusOf(status));
    const names = namesIn(part.contacts);
    for (const message of records(part.messages)) drafts.push(draftOf(message, names, receivedAt));
  }
  const readStatuses = statuses.filter((status) => status !== undefined);
  const readDrafts = drafts.filter((draft) => draft !== undefined);
  return {
    statuses: readStatuses,
    drafts: readDrafts,
    kind: kindOf(readStatuses.length, readDrafts.length),
    unusable: statuses.length + drafts.length - readStatuses.length - readDrafts.length,
  };
}

function kindOf(statuses: number, drafts: number): QiscusReport["kind"] {
  if (statuses > 0) return drafts > 0 ? "mixed" : "message_status";
  return drafts > 0 ? "incoming_message" : "unknown";
}

function partsOf(body: unknown): readonly Loose[] {
  if (Array.isArray(body)) return records(body);
  if (!isRecord(body)) return [];
  if (!Array.isArray(body.entry)) return [body];
  return records(body.entry).flatMap((entry) => records(entry.changes)).map((change) => record(change.value));
}

function statusOf(payload: Loose): QiscusStatus | undefined {
  const waMessageId = id(payload.message_id) ?? id(payload.id);
  const status = text(payload.status)?.toLowerCase();
  if (waMessageId === undefined || status === undefined || !STATUSES.has(status)) return undefined;
  return {
    waMessageId,
    status: status as QiscusStatus["status"], // it is one of the set just above
    statusAt: timeMs(payload.timestamp) ?? null,
    recipient: digitsOf(payload.recipient_id) ?? digitsOf(payload.from) ?? null,
    error: status === "failed" ? errorOf(payload) : null,
  };
}

function errorOf(payload: Loose): QiscusStatus["error"] {
  const [first = {}] = records(payload.errors);
  const given = isRecord(payload.error) ? payload.error : first;
  const message = firstText(
    payload.error,
    given.title,
    given.message,
    record(given.error_data).details,
    given.details,
  );
  const code = number(given.code);
  return message === undefined && code === undefined ? null : {
    code: code !== undefined && Number.isSafeInteger(code) ? code : null,
    message: (message ?? `Delivery failed (${code})`).slice(0, 1000),
  };
}

/** Names that customers gave themselves, by their digits. */
function namesIn(contacts: unknown): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const contact of records(contacts)) {
    const digits = digitsOf(contact.wa_id);
    const name = text(record(contact.profile).name);
    if (digits !== undefined && name !== undefined) names.set(digits, name);
  }
  return names;
}

function draftOf(
  message: Loose,
  names: ReadonlyMap<string, string>,
  receivedAt: number,
): SessionDraft | undefined {
  const digits = digitsOf(message.from);
  const messageId = id(message.id) ?? id(message.message_id);
  if (digits === undefined || messageId === undefined) return undefined;
  const pushName = names.get(digits) ??
    firstText(record(message.profile).name, message.sender_name, message.name);
  const from: Person = { pn: `${digits}@${PN_SERVER}`, lid: null, ...present({ pushName }) };
  const chat = { kind: "person", jid: `${digits}@${PN_SERVER}` } as const;
  const sentAt = timeMs(message.timestamp) ?? receivedAt;
  const dedupeKey = `qiscus:message:${messageId}`;
  if (message.type === "reaction") {
    const { message_id, emoji } = record(message.reaction);
    const target = id(message_id);
    if (target === undefined) return undefined;
    const data = {
      messageId: target,
      chat,
      from,
      fromMe: false,
      emoji: text(emoji) ?? "",
      reactedAt: sentAt,
    };
    return { type: "message.reaction", dedupeKey, data };
  }
  return {
    type: "message.received",
    dedupeKey,
    data: {
      messageId,
      chat,
      from,
      fromMe: false,
      sentAt,
      offline: false,
      content: qiscusContent(message, messageId),
      ...qiscusContext(message),
    },
  };
}

/** The digits of a phone number as Qiscus writes it: with or without `+` and a server. */
function digitsOf(value: unknown): string | undefined {
  const digits = id(value)?.replace(/@.*$/, "").replace(/[\s+().-]/g, "");
  return digits !== undefined && /^[1-9]\d{4,19}$/.test(digits) ? digits : undefined;
}
