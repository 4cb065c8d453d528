import type { DisconnectReason, ReceiptStatus } from "../events/event.ts";
import type { Jid } from "../events/person.ts";
import type { SessionDraft } from "../whatsapp/session.ts";
import { isGroup } from "../whatsapp/jid.ts";
import { present } from "../whatsapp/normalise/present.ts";
import { firstText, id, isRecord, type Loose, number, record, text, timeMs } from "./loose.ts";
import { meIn, percentOf, qrIn } from "./session_state.ts";
import type { Envelope } from "./universal_envelope.ts";
import { isPersonal, jidOf, personOf, readWebKey, readWebMessage } from "./web_message.ts";

/** What reading an event needs to know besides it. */
export interface Seen {
  /** Sets the facts of one session apart from those of others: the device's id. */
  readonly scope: string;
  /** The session's own address, when it is known. */
  readonly me: Jid | null;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/** Names that every server of this kind reports. */
export const UNIVERSAL_EVENTS = [
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
] as const;

/** WhatsApp Web shows a code for about this long before it draws the next one. */
const QR_LIFETIME_MS = 60_000;

type Read = (data: Loose, seen: Seen) => SessionDraft | undefined;

const READERS: Readonly<Record<string, Read>> = {
  qr: (data, { receivedAt }) => {
    const code = qrIn(data);
    return code === undefined
      ? undefined
      : { type: "device.qr", data: { code, expiresAt: receivedAt + QR_LIFETIME_MS } };
  },
  ready: (data) => {
    const { phoneNumber = null, jid = null, pushName } = meIn(data);
    return { type: "device.connected", data: { phoneNumber, jid, ...present({ name: pushName }) } };
  },
  authenticated: () => ({ type: "device.authenticated", data: {} }),
  disconnected: (data) => {
    const given = text(data.reason);
    const { reason, final } = disconnectReason(given);
    const message = given === undefined ? undefined : `The server reports: ${given.slice(0, 200)}`;
    return { type: "device.disconnected", data: { reason, final, ...present({ message }) } };
  },
  auth_failure: (data) => {
    const message = (firstText(data.msg, data.message) ?? "Authentication failed").slice(0, 200);
    return { type: "device.disconnected", data: { reason: "auth_failure", final: true, message } };
  },
  change_state: (data) => {
    const state = text(data.state);
    return state === undefined ? undefined : { type: "device.state", data: { state: state.slice(0, 64) } };
  },
  loading_screen: (data) => ({
    type: "device.connecting",
    data: present({ percent: percentOf(data.percent), message: text(data.message)?.slice(0, 200) }),
  }),
  message: messageDraft,
  message_create: messageDraft,
  message_ack: ackDraft,
  message_edit: (data, seen) => {
    const read = readWebMessage(messageIn(data), seen);
    if (read === undefined) return undefined;
    const { messageId, chat, from, fromMe } = read;
    const words = firstText(data.newBody) ?? "";
    return {
      type: "message.edited",
      data: {
        messageId,
        chat,
        from,
        fromMe,
        editedAt: seen.receivedAt,
        content: { kind: "text", text: words },
      },
    };
  },
  message_revoke_everyone: (data, seen) => {
    // The message as it was before is the one that everybody knows by its id.
    const read = readWebMessage(record(data.revoked_msg ?? data.before ?? messageIn(data)), seen);
    if (read === undefined) return undefined;
    const { messageId, chat, from, fromMe } = read;
    return {
      type: "message.deleted",
      dedupeKey: `${seen.scope}:deleted:${messageId}`,
      data: { messageId, chat, from, fromMe, deletedAt: seen.receivedAt },
    };
  },
  message_reaction: reactionDraft,
  call: callDraft,
  group_join: (data, seen) => groupDraft("group.join", data, seen),
  group_leave: (data, seen) => groupDraft("group.leave", data, seen),
  media: (data) => {
    const file = record(data.messageMedia);
    return {
      type: "media.received",
      data: {
        messageId: readWebKey(messageIn(data))?.messageId ?? null,
        ...present({ mimeType: text(file.mimetype), fileName: text(file.filename) }),
      },
    };
  },
  media_uploaded: (data) => ({
    type: "media.uploaded",
    data: { messageId: readWebKey(messageIn(data))?.messageId ?? null },
  }),
};

/**
 * The event that a report of another WhatsApp server amounts to; undefined when it is of an unknown kind, or does not
 * say enough to be one. Never throws.
 */
export function readUniversal({ event, data }: Envelope, seen: Seen): SessionDraft | undefined {
  return Object.hasOwn(READERS, event) ? READERS[event](data, seen) : undefined;
}

/** The message of a report: under `message`, or the data itself. */
function messageIn(data: Loose): Loose {
  return isRecord(data.message) ? data.message : data;
}

/** `message` and `message_create` of somebody else's message are one fact. */
function messageDraft(data: Loose, seen: Seen): SessionDraft | undefined {
  const read = readWebMessage(messageIn(data), seen);
  if (read === undefined) return undefined;
  const { context, ...message } = read;
  return {
    type: "message.received",
    dedupeKey: `${seen.scope}:message:${message.chat.jid}:${message.messageId}`,
    data: { ...message, offline: false, ...context },
  };
}

const ACKS: Readonly<Record<number, ReceiptStatus>> = {
  [-1]: "failed",
  1: "sent",
  2: "delivered",
  3: "read",
  4: "played",
};

function ackDraft(data: Loose, seen: Seen): SessionDraft | undefined {
  const message = messageIn(data);
  const key = readWebKey(message);
  const ack = number(data.ack ?? message.ack);
  const status = ack === undefined ? undefined : ACKS[ack];
  if (key?.chat === undefined || status === undefined || isIncoming(message)) return undefined;
  return {
    type: "message.status",
    dedupeKey: `${seen.scope}:ack:${key.messageId}:${status}`,
    data: {
      messageId: null,
      waMessageId: key.messageId,
      chat: key.chat,
      status,
      statusAt: seen.receivedAt,
      ...(status === "delivered" && { deliveredAt: seen.receivedAt }),
      ...((status === "read" || status === "played") && { readAt: seen.receivedAt }),
      ...(status === "failed" &&
        { reason: { code: null, message: "The server reports that sending failed" } }),
    },
  };
}

/** An ack that says that we read what somebody else wrote is no news of a message of ours. */
function isIncoming(message: Loose): boolean {
  return message.fromMe === false || record(message.id).fromMe === false;
}

function reactionDraft(data: Loose, seen: Seen): SessionDraft | undefined {
  const reaction = record(data.reaction);
  const target = readWebKey({ id: reaction.msgId });
  const sender = jidOf(reaction.senderId) ?? (target?.fromMe === false ? target.chat?.jid : undefined);
  if (target?.chat === undefined || sender === undefined || !isPersonal(sender)) return undefined;
  const at = timeMs(reaction.timestamp) ?? seen.receivedAt;
  const own = readWebKey({ id: reaction.id });
  return {
    type: "message.reaction",
    ...(own !== undefined && { dedupeKey: `${seen.scope}:reaction:${own.messageId}` }),
    data: {
      messageId: target.messageId,
      chat: target.chat,
      from: personOf(sender),
      fromMe: own?.fromMe ?? false,
      emoji: text(reaction.reaction) ?? "",
      reactedAt: at,
    },
  };
}

function callDraft(data: Loose, seen: Seen): SessionDraft | undefined {
  const call = isRecord(data.call) ? data.call : data;
  const callId = id(call.id);
  const from = jidOf(call.from) ?? jidOf(call.peerJid);
  if (callId === undefined || from === undefined || !isPersonal(from) || call.fromMe === true) {
    return undefined;
  }
  const group = jidOf(call.groupJid);
  return {
    type: "call.received",
    dedupeKey: `${seen.scope}:call:${callId}`,
    data: {
      callId,
      from: personOf(from),
      kind: call.isVideo === true ? "video" : "voice",
      ...(group !== undefined && isGroup(group) && { group }),
      calledAt: timeMs(call.timestamp) ?? seen.receivedAt,
      offline: false,
    },
  };
}

function groupDraft(type: "group.join" | "group.leave", data: Loose, seen: Seen): SessionDraft | undefined {
  const notice = isRecord(data.notification) ? data.notification : data;
  const key = record(notice.id);
  const group = [notice.chatId, key.remote, notice.group].map(jidOf).find((jid) => jid && isGroup(jid));
  if (group === undefined) return undefined;
  const recipients = Array.isArray(notice.recipientIds) ? notice.recipientIds : notice.participants;
  const participants = (Array.isArray(recipients) ? recipients : []).map(jidOf)
    .filter((jid) => jid !== undefined).filter(isPersonal).map((jid) => personOf(jid));
  const author = jidOf(notice.author);
  const noticeId = id(key._serialized) ?? id(notice.id);
  return {
    type,
    ...(noticeId !== undefined && { dedupeKey: `${seen.scope}:${type}:${noticeId}` }),
    data: { group, participants, by: author !== undefined && isPersonal(author) ? personOf(author) : null },
  };
}

/** The reason in our words. `LOGOUT` and `UNPAIRED` mean that somebody removed the linked device. */
function disconnectReason(
  given: string | undefined,
): { readonly reason: DisconnectReason; readonly final: boolean } {
  switch (given?.toUpperCase()) {
    case "LOGOUT":
    case "UNPAIRED":
    case "UNPAIRED_IDLE":
      return { reason: "logout", final: true };
    case "CONFLICT":
      return { reason: "replaced", final: true };
    default:
      return { reason: "connection_lost", final: false };
  }
}
