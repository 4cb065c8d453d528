import type { ReceiptStatus } from "../../events/event.ts";
import { addressOf, type Jid } from "../../events/person.ts";
import { present } from "../../events/present.ts";
import { STATUS_JID } from "../../whatsapp/jid.ts";
import type { SessionDraft } from "../../whatsapp/session.ts";
import { firstText, id, isRecord, type Loose, number, record, records, text, timeMs } from "../loose.ts";
import { type Reading, readingOf } from "../reading.ts";
import { isPersonal, jidOf, personIn } from "./address.ts";
import { typeOf } from "./content.ts";
import { isNotice } from "./content_types.ts";
import { readWebKey } from "./key.ts";
import { readWebMessage, type WebMessage } from "./message.ts";
import type { Seen } from "./seen.ts";
import { targetOf } from "./target.ts";

const NO_MESSAGE = "the message lacks its id, its chat or who wrote it";

/** The message of a report: under `message`, or the data itself. */
export function messageIn(data: Loose): Loose {
  return isRecord(data.message) ? data.message : data;
}

/** `message` and `message_create` of somebody else's message are one fact. */
export function messageReading(data: Loose, seen: Seen): Reading {
  const given = messageIn(data);
  const type = typeOf(given);
  if (isNotice(type)) return { kind: "nothing", why: `a note of the system (${type})` };
  const where = readWebKey(given)?.chat;
  if (given.isStatus === true || where?.jid === STATUS_JID) return { kind: "nothing", why: "a status post" };
  if (where?.kind === "newsletter") return { kind: "nothing", why: "a newsletter" };
  return readingOf(messageDraft(given, seen), NO_MESSAGE);
}

/** Another gateway like this one tells of the past as such. */
function pastIn(given: Loose): { readonly backfilled?: true } {
  return given.backfilled === true ? { backfilled: true } : {};
}

function messageDraft(given: Loose, seen: Seen): SessionDraft | undefined {
  const read = readWebMessage(given, seen);
  if (read === undefined) return undefined;
  const { context, ...message } = read;
  return {
    type: "message.received",
    dedupeKey: keyOf(message, seen),
    data: { ...message, offline: false, ...context, ...pastIn(given) },
  };
}

/** One whose content could not be had has a key of its own: the content is told as well, when it comes after all. */
function keyOf({ chat, messageId, content }: Omit<WebMessage, "context">, { scope }: Seen): string {
  const key = `${scope}:message:${chat.jid}:${messageId}`;
  return content.kind === "unknown" && content.reason !== undefined ? `${key}:unknown` : key;
}

/** A message that the other server could not decrypt: somebody has to look at the phone. */
export function undecryptedDraft(data: Loose, seen: Seen): SessionDraft | undefined {
  const read = readWebMessage(messageIn(data), seen);
  if (read === undefined || read.chat.jid === STATUS_JID) return undefined;
  const { context: _, ...message } = read;
  const content = { kind: "unknown", rawType: "ciphertext", reason: "unreadable" } as const;
  return {
    type: "message.received",
    dedupeKey: keyOf({ ...message, content }, seen),
    data: { ...message, offline: false, content },
  };
}

const ACKS: Readonly<Record<number, ReceiptStatus>> = {
  [-1]: "failed",
  1: "sent",
  2: "delivered",
  3: "read",
  4: "played",
};

export function ackReading(data: Loose, seen: Seen): Reading {
  const message = messageIn(data);
  // An ack that says that we read what somebody else wrote is no news of a message of ours.
  if (message.fromMe === false || record(message.id).fromMe === false) {
    return { kind: "nothing", why: "a receipt of our own" };
  }
  const ack = number(data.ack ?? message.ack);
  if (ack === 0) return { kind: "nothing", why: "a message that waits on the server" };
  const key = readWebKey(message);
  const status = ack === undefined ? undefined : ACKS[ack];
  if (key?.chat === undefined || status === undefined) {
    return { kind: "unread", why: "the receipt lacks its message, its chat or what it says" };
  }
  const participant = key.chat.kind === "group" ? personIn(data.participant) : undefined;
  const who = participant === undefined ? "" : `:${addressOf(participant)}`;
  const reason = { code: null, message: text(data.error) ?? "The server reports that sending failed" };
  const draft: SessionDraft = {
    type: "message.status",
    dedupeKey: `${seen.scope}:ack:${key.messageId}:${status}${who}`,
    data: {
      messageId: null,
      waMessageId: key.messageId,
      chat: key.chat,
      ...meIn(message, seen),
      status,
      statusAt: seen.receivedAt,
      ...(status === "delivered" && { deliveredAt: seen.receivedAt }),
      ...((status === "read" || status === "played") && { readAt: seen.receivedAt }),
      ...present({ participant }),
      ...(status === "failed" && { reason }),
    },
  };
  return { kind: "event", draft };
}

/** Our own address in a message that we sent. */
function meIn(message: Loose, { me }: Seen): { readonly me?: Jid } {
  const own = jidOf(message.from) ?? me ?? undefined;
  return own !== undefined && isPersonal(own) ? { me: own } : {};
}

export function editedDraft(data: Loose, seen: Seen): SessionDraft | undefined {
  const read = readWebMessage(messageIn(data), seen);
  if (read === undefined) return undefined;
  const { messageId, chat, from, fromMe, me, content, context } = read;
  const words = text(data.newBody);
  const edited = words === undefined
    ? content
    : "media" in content && content.kind !== "template"
    ? { ...content, caption: words }
    : content.kind === "text" || content.kind === "unknown"
    ? { kind: "text" as const, text: words }
    : content;
  return {
    type: "message.edited",
    data: {
      ...context,
      messageId,
      chat,
      from,
      fromMe,
      ...present({ me }),
      editedAt: seen.receivedAt,
      content: edited,
      ...pastIn(messageIn(data)),
    },
  };
}

/**
 * WhatsApp Web gives the note of a deletion an id of its own. The one that everybody knows the message by is in its
 * `protocolMessageKey`, and in the message as it was before.
 */
export function deletedDraft(data: Loose, seen: Seen): SessionDraft | undefined {
  const note = messageIn(data);
  const before = record(data.revoked_msg ?? data.before);
  const rawData = record(note._data);
  const original = record(note.protocolMessageKey ?? rawData.protocolMessageKey);
  const key = readWebKey({ id: original }) ?? readWebKey(before) ?? readWebKey(note);
  const read = readWebMessage(note, seen) ?? readWebMessage(before, seen);
  if (key === undefined || read === undefined) return undefined;
  const revoker = personIn(rawData.revokeSender) ?? read.from;
  const { chat, me, fromMe } = read;
  const own = me === undefined ? undefined : revoker.pn === me || revoker.lid === me;
  // What follows tells whose the message was; the note itself only who deleted it.
  const told = rawData.revokeSender === undefined ? {} : { author: read.from };
  return {
    type: "message.deleted",
    dedupeKey: `${seen.scope}:deleted:${key.messageId}`,
    data: {
      messageId: key.messageId,
      chat,
      from: revoker,
      fromMe: own ?? (chat.kind === "person" ? addressOf(revoker) !== chat.jid : fromMe),
      ...present({ me }),
      deletedAt: rawData.revokeSender === undefined ? seen.receivedAt : read.sentAt,
      ...targetOf(key),
      ...told,
      ...pastIn(note),
    },
  };
}

export function reactionDraft(data: Loose, seen: Seen): SessionDraft | undefined {
  const reaction = record(data.reaction);
  const target = readWebKey({ id: reaction.msgId });
  const own = readWebKey({ id: reaction.id });
  const sender = personIn(reaction.senderId) ??
    (target?.fromMe === false && target.chat?.kind === "person" ? personIn(target.chat.jid) : undefined);
  if (target?.chat === undefined || sender === undefined) return undefined;
  return {
    type: "message.reaction",
    ...(own !== undefined && { dedupeKey: `${seen.scope}:reaction:${own.messageId}` }),
    data: {
      messageId: target.messageId,
      chat: target.chat,
      from: sender,
      fromMe: own?.fromMe ?? false,
      ...present({ me: seen.me ?? undefined }),
      emoji: text(reaction.reaction) ?? "",
      reactedAt: timeMs(reaction.timestamp) ?? seen.receivedAt,
      ...targetOf(target),
      ...pastIn(reaction),
    },
  };
}

/** An answer to a poll has no id: it is known by its poll, who gave it and when. @see whatsapp-web.js, `PollVote` */
export function voteDraft(data: Loose, seen: Seen): SessionDraft | undefined {
  const vote = isRecord(data.vote) ? data.vote : data;
  const poll = readWebKey({ id: vote.parentMsgKey }) ?? readWebKey(record(vote.parentMessage));
  const voter = personIn(vote.voter);
  if (poll?.chat === undefined || voter === undefined) return undefined;
  const at = timeMs(vote.interractedAtTs) ?? timeMs(vote.interactedAtTs) ?? seen.receivedAt;
  const chosen = Array.isArray(vote.selectedOptions) ? records(vote.selectedOptions) : null;
  const places = chosen?.map((option) => number(option.localId) ?? number(option.id));
  const messageId = `${poll.messageId}:${addressOf(voter)}:${at}`;
  return {
    type: "message.received",
    dedupeKey: `${seen.scope}:vote:${messageId}`,
    data: {
      messageId,
      chat: poll.chat,
      from: voter,
      fromMe: seen.me !== null && (voter.pn === seen.me || voter.lid === seen.me),
      ...present({ me: seen.me ?? undefined }),
      sentAt: at,
      offline: false,
      content: {
        kind: "poll_vote",
        pollMessageId: poll.messageId,
        options: chosen?.map((option) => firstText(option.name, id(option.id)) ?? "") ?? null,
        ...present({
          optionIndexes: places?.every((place) => place !== undefined) && places.length > 0
            ? places as readonly number[]
            : undefined,
          unknownOptions: number(vote.unknownOptions),
        }),
        ...targetOf(poll),
      },
      ...pastIn(vote),
    },
  };
}
