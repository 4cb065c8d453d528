import type { Person } from "../../events/person.ts";
import { present } from "../../events/present.ts";
import { cutText } from "../../events/well_formed.ts";
import type { SessionDraft } from "../../whatsapp/session.ts";
import { firstText, id, isRecord, type Loose, number, record, records, text, timeMs } from "../loose.ts";
import type { Reading } from "../reading.ts";
import { digitsOf, groupIn, namesIn, personIn } from "./address.ts";
import { commentReading } from "./comment.ts";
import { echoReading, messageReading } from "./message.ts";

/** How far a message that we sent through Qiscus has come. */
export interface QiscusStatus {
  /** WhatsApp's id of the message (`wamid.…`). */
  readonly waMessageId: string;
  readonly status: "sent" | "delivered" | "read" | "played" | "failed";
  /** When it happened, epoch ms; null when Qiscus did not tell. */
  readonly statusAt: number | null;
  /** Whom the message was sent to: digits, or a group's jid; null when Qiscus did not tell. */
  readonly recipient: string | null;
  /** Why it failed, in Qiscus' words. */
  readonly error: { readonly code: number | null; readonly message: string } | null;
}

/** A customer took a message back. `from` is null when Qiscus did not tell who. */
export interface QiscusDeletion {
  readonly messageId: string;
  readonly from: Person | null;
  readonly deletedAt: number;
}

/** What one request of Qiscus tells. */
export interface QiscusReport {
  readonly statuses: readonly QiscusStatus[];
  /** Replies and reactions of customers, ready to be published. */
  readonly drafts: readonly SessionDraft[];
  readonly deletions: readonly QiscusDeletion[];
  /** What it was about, for the log; `unknown` when nothing in it could be read. */
  readonly kind: "message_status" | "incoming_message" | "mixed" | "unknown";
  /** Why parts of it could not be read. */
  readonly unread: readonly string[];
  /** Parts that say nothing. */
  readonly nothing: readonly string[];
}

/** `played` is what WhatsApp tells of voice notes. */
const STATUSES: ReadonlySet<string> = new Set(["sent", "delivered", "read", "played", "failed"]);
/** Steps before a message is sent, of which nobody has to know. */
const EARLY_STATUSES: ReadonlySet<string> = new Set([
  "accepted",
  "enqueued",
  "pending",
  "queued",
  "submitted",
]);

type StatusReading =
  | { readonly kind: "status"; readonly status: QiscusStatus }
  | { readonly kind: "deletion"; readonly deletion: QiscusDeletion };
type Part = Reading | StatusReading;

/**
 * Reads a webhook of Qiscus in any of its forms: the documented `{type, payload}`, the `{statuses[]}` and
 * `{messages[], contacts[]}` that Qiscus really sends, these wrapped as WhatsApp's Cloud API does
 * (`{entry: [{changes: [{value}]}]}`) or in `{data}`, and the comments of Qiscus' own chat. Never throws.
 * @param receivedAt Epoch ms, for messages that do not tell their own time.
 */
export function readQiscus(body: unknown, receivedAt: number): QiscusReport {
  const parts = partsOf(body).flatMap((part) => readingsOf(part, receivedAt));
  const statuses = parts.flatMap((part) => part.kind === "status" ? [part.status] : []);
  const drafts = parts.flatMap((part) => part.kind === "event" ? [part.draft] : []);
  const deletions = parts.flatMap((part) => part.kind === "deletion" ? [part.deletion] : []);
  const unread = parts.flatMap((part) => part.kind === "unread" ? [part.why] : []);
  const nothing = parts.flatMap((part) => part.kind === "nothing" ? [part.why] : []);
  return {
    statuses,
    drafts,
    deletions,
    kind: kindOf(statuses.length, drafts.length + deletions.length),
    unread: parts.length === 0 ? ["of no known form"] : unread,
    nothing,
  };
}

function kindOf(statuses: number, messages: number): QiscusReport["kind"] {
  if (statuses > 0) return messages > 0 ? "mixed" : "message_status";
  return messages > 0 ? "incoming_message" : "unknown";
}

function readingsOf(part: Loose, receivedAt: number): readonly Part[] {
  const names = namesIn(part.contacts);
  const payload = record(part.payload);
  const readings: Part[] = [
    ...itemsOf(part.statuses).map((status) => statusReading(status, receivedAt)),
    ...itemsOf(part.messages).map((message) => messageReading(message, names, receivedAt)),
    ...itemsOf(part.message_echoes).map((message) => echoReading(message, record(part.metadata), receivedAt)),
  ];
  if (part.type === "message_status") readings.push(statusReading(payload, receivedAt));
  else if (part.type === "incoming_message") readings.push(messageReading(payload, new Map(), receivedAt));
  else if (isRecord(payload.message) && isRecord(payload.from)) {
    readings.push(commentReading(payload, receivedAt));
  }
  if (readings.length > 0) return readings;
  const form = text(part.type) ?? Object.keys(part).slice(0, 5).join(", ");
  return [{ kind: "unread", why: `of no known form (${cutText(form, 64)})` }];
}

/** Also what is no object counts: it came, and cannot be read. */
function itemsOf(list: unknown): readonly Loose[] {
  return Array.isArray(list) ? list.map(record) : isRecord(list) ? [list] : [];
}

function partsOf(body: unknown, depth = 0): readonly Loose[] {
  if (Array.isArray(body)) return records(body);
  if (!isRecord(body)) return [];
  if (Array.isArray(body.entry)) {
    return records(body.entry).flatMap((entry) => records(entry.changes)).map((change) =>
      record(change.value)
    );
  }
  const isBare = !("type" in body || "statuses" in body || "messages" in body || "message_echoes" in body);
  const inner = body.data ??
    (isRecord(body.payload) || Array.isArray(body.payload) ? body.payload : undefined);
  if (isBare && depth < 3 && (isRecord(inner) || Array.isArray(inner))) return partsOf(inner, depth + 1);
  return [body];
}

function statusReading(payload: Loose, receivedAt: number): Part {
  const waMessageId = id(payload.message_id) ?? id(payload.id);
  const status = text(payload.status)?.toLowerCase();
  if (waMessageId === undefined || status === undefined) {
    return { kind: "unread", why: "a status without the message's id or without what it is" };
  }
  if (status === "deleted") {
    const from = personIn(payload.recipient_id) ?? personIn(payload.from) ?? null;
    const deletedAt = timeMs(payload.timestamp) ?? receivedAt;
    return { kind: "deletion", deletion: { messageId: waMessageId, from, deletedAt } };
  }
  if (EARLY_STATUSES.has(status)) return { kind: "nothing", why: `status ${status}` };
  if (!STATUSES.has(status)) return { kind: "unread", why: `status "${cutText(status, 64)}" is not known` };
  return {
    kind: "status",
    status: {
      waMessageId,
      status: status as QiscusStatus["status"], // it is one of the set just above
      statusAt: timeMs(payload.timestamp) ?? null,
      recipient: groupIn(payload.recipient_id) ?? digitsOf(payload.recipient_id) ?? digitsOf(payload.from) ??
        null,
      error: status === "failed" ? errorOf(payload) : null,
    },
  };
}

function errorOf(payload: Loose): QiscusStatus["error"] {
  const [first = {}] = records(payload.errors);
  const given = isRecord(payload.error) ? payload.error : first;
  const title = firstText(payload.error, given.title, given.message);
  const details = firstText(record(given.error_data).details, given.details);
  const message = title === undefined || details === undefined || title.includes(details)
    ? title ?? details
    : `${title}: ${details}`;
  const code = number(given.code);
  return message === undefined && code === undefined ? null : {
    code: code !== undefined && Number.isSafeInteger(code) ? code : null,
    message: cutText(message ?? `Delivery failed (${code})`, 1000),
  };
}

/** The event of a deletion whose author is known. */
export function deletionDraft(
  { messageId, from, deletedAt }: QiscusDeletion & { readonly from: Person },
): SessionDraft {
  const chat = {
    kind: "person" as const,
    jid: from.pn ?? from.lid ?? "",
    ...present({ lid: from.lid ?? undefined }),
  };
  return {
    type: "message.deleted",
    dedupeKey: `qiscus:deleted:${messageId}`,
    data: { messageId, chat, from, fromMe: false, deletedAt },
  };
}
