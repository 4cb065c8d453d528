import type { proto, WAMessage } from "@whiskeysockets/baileys";
import type { Content } from "../../../events/content.ts";
import type { Chat, Person } from "../../../events/person.ts";
import { isGroup, serverOf, STATUS_JID } from "../../jid.ts";
import { taggedMediaId } from "../media_id.ts";
import type { Opened } from "../sealed.ts";
import { dedupeKeyOf } from "../../read_inbox.ts";
import type { SessionDraft } from "../../session.ts";
import { contentOf } from "./content.ts";
import { contextInfoOf, contextOf } from "./context.ts";
import { addressFor, chatOf, isMe, type Known, meAsPerson, personIn, personOf } from "./people.ts";
import { placeholderContent, placeholderIn } from "./placeholder.ts";
import { numberOf, sensibleTime, timeOf } from "./time.ts";
import { isSilent, rawTypeOf, unwrap } from "./unwrap.ts";

type Message = proto.IMessage;
type Key = proto.IMessageKey;

/** WAProto, ProtocolMessage.Type: what else is there concerns the linked devices among themselves. */
const REVOKE = 0;
const EPHEMERAL_SETTING = 3;
const MESSAGE_EDIT = 14;

export interface MessageSurroundings extends Known {
  /** The device's id: facts are told apart by it. */
  readonly deviceId: string;
  readonly offline: boolean;
  /** What is in the message, when it was sealed; null when it stays so. */
  readonly opened?: Opened | null;
  /** Another message came first under the same id, in another chat. */
  readonly sameId?: boolean;
}

/** Where a message was said and by whom. */
interface Said {
  readonly chat: Chat;
  readonly from: Person;
  readonly fromMe: boolean;
}

/** Whether a decrypted message tells anything that is published: not keys, syncing, or an empty envelope. */
export function saysSomething(outer: Message): boolean {
  const { message } = unwrap(outer);
  const protocol = message.protocolMessage;
  if (protocol) return isRevoke(protocol) || isEdit(protocol) || isTimer(protocol);
  const rawType = rawTypeOf(message);
  return rawType !== undefined && !isSilent(rawType);
}

/** Whether messages of this address are taken at all: not status posts nor newsletters. */
export function isConversation(remoteJid: string): boolean {
  return remoteJid !== STATUS_JID && serverOf(remoteJid) !== "newsletter";
}

/** What a message means: one event, or none. What is not understood becomes content of the kind `unknown`. */
export function draftsOfMessage(info: WAMessage, around: MessageSurroundings): SessionDraft[] {
  const { remoteJid, id } = info.key;
  if (!remoteJid || !id || !isConversation(remoteJid)) return [];
  const said = saidOf(info, around);
  const { chat } = said;
  const place = `${chat.lid ?? chat.jid}/${id}`; // a person is known by their LID first: numbers change
  const placeholder = placeholderIn(info);
  if (placeholder !== undefined) {
    const viewOnce = placeholder.reason === "view_once" ? { viewOnce: true } : {};
    const data = { ...frameOf(info, said, around), content: placeholderContent(placeholder), ...viewOnce };
    // a key of its own: the content is told as well, when it comes after all
    const dedupeKey = `${around.deviceId}/message.received/${place}/unknown`;
    return [{ type: "message.received", data, dedupeKey }];
  }
  if (!info.message || !saysSomething(info.message)) return [];
  if (isSettings(info)) return settingsOf(info, said, `${around.deviceId}/chat.updated/${place}`);
  const draft = readingOf(info, info.message, said, around);
  if (draft === undefined) return [];
  return [{ ...draft, dedupeKey: dedupeKeyOf(around.deviceId, draft.type, chat, id) }];
}

function readingOf(
  info: WAMessage,
  outer: Message,
  said: Said,
  around: MessageSurroundings,
): SessionDraft | undefined {
  const { opened } = around;
  const whole = opened && "message" in opened ? opened.message : outer;
  const { message } = unwrap(whole);
  try {
    return changeOf(info, message, said, around) ?? receivedOf(info, whole, said, around);
  } catch {
    // whatever another program has made of it: one message must not hold up those after it
    const content: Content = { kind: "unknown", rawType: rawTypeOf(message) ?? "unreadable" };
    return { type: "message.received", data: { ...frameOf(info, said, around), content } };
  }
}

/** What every message that comes in has. */
function frameOf(info: WAMessage, said: Said, { offline }: MessageSurroundings) {
  return { messageId: info.key.id ?? "", ...said, sentAt: timeOf(info.messageTimestamp), offline };
}

/** The conversation, the author and whether that is the device's owner. */
export function saidOf(info: WAMessage, { me, altOf }: Known): Said {
  const { key } = info;
  const remoteJid = key.remoteJid ?? "";
  const participant = key.participant || info.participant;
  const fromMe = Boolean(key.fromMe);
  // a message to a broadcast list belongs to the chat with its author
  const place = serverOf(remoteJid) === "broadcast" && participant && !fromMe ? participant : remoteJid;
  const chatAlt = isMe(key.remoteJidAlt, me) && !isMe(remoteJid, me) ? null : key.remoteJidAlt;
  const chat = chatOf(place, altOf, chatAlt);
  if (fromMe) return { chat, from: meAsPerson(me), fromMe };
  const author = participant || remoteJid;
  const authorAlt = isGroup(remoteJid) ? key.participantAlt : key.remoteJidAlt;
  return { chat, from: personOf(author, altOf, authorAlt, info.pushName), fromMe };
}

/**
 * After how many seconds the messages of its chat disappear from now on; undefined when it sets no timer, or that of a
 * group, which tells it by a notification.
 */
export function timerIn(info: WAMessage): number | undefined {
  const { protocolMessage: protocol } = info.message ? unwrap(info.message).message : {};
  if (!protocol || !isTimer(protocol) || isGroup(info.key.remoteJid ?? "")) return undefined;
  return protocol.ephemeralExpiration ?? 0;
}

/** What changes another message: a reaction, an edit, a deletion. Whose that is, is only claimed here. */
function changeOf(
  info: WAMessage,
  message: Message,
  said: Said,
  around: MessageSurroundings,
): SessionDraft | undefined {
  const at = timeOf(info.messageTimestamp);
  const { reactionMessage: reaction, protocolMessage: protocol } = message;
  const messageId = reaction?.key?.id ?? protocol?.key?.id;
  if (!messageId) return undefined;
  if (reaction) {
    const reactedAt = sensibleTime(numberOf(reaction.senderTimestampMs) || at, at);
    const targetFromMe = Boolean(reaction.key?.fromMe); // Baileys has turned it to our point of view
    const author = reaction.key?.participant
      ? { author: personIn(reaction.key.participant, around) }
      : targetFromMe
      ? { author: meAsPerson(around.me) }
      : {};
    const data = { messageId, ...said, emoji: reaction.text ?? "", reactedAt, targetFromMe, ...author };
    return { type: "message.reaction", data };
  }
  if (!protocol) return undefined;
  const whose = claimedAuthor(protocol.key ?? {}, said, around);
  if (isRevoke(protocol)) {
    return { type: "message.deleted", data: { messageId, ...said, deletedAt: at, ...whose } };
  }
  if (!protocol.editedMessage) return undefined;
  const { message: edited } = unwrap(protocol.editedMessage);
  const content = contentOf(edited, factsOf({ ...info.key, id: messageId }, around));
  if (content === undefined) return undefined;
  const editedAt = sensibleTime(numberOf(protocol.timestampMs) || at, at);
  const context = contextOf(protocol.editedMessage, { ...around, chat: said.chat });
  return { type: "message.edited", data: { messageId, ...said, editedAt, content, ...context, ...whose } };
}

/**
 * Whose message a key claims to name. Keys inside messages are written from their sender's point of view.
 * @returns Empty when it names nobody.
 */
export function claimedAuthor(
  key: Key,
  { chat, from, fromMe }: Pick<Said, "chat" | "from" | "fromMe">,
  around: Known,
): { readonly author?: Person; readonly targetFromMe?: boolean } {
  if (key.fromMe) return { author: withoutName(from), targetFromMe: fromMe };
  if (key.participant) {
    return { author: personIn(key.participant, around), targetFromMe: isMe(key.participant, around.me) };
  }
  if (chat.kind !== "person") return {};
  // of two people, whoever is not the sender
  if (!fromMe) return { author: meAsPerson(around.me), targetFromMe: true };
  return { author: personOf(chat.jid, around.altOf, chat.lid), targetFromMe: false };
}

function withoutName({ pn, lid }: Person): Person {
  return { pn, lid };
}

function receivedOf(
  info: WAMessage,
  whole: Message,
  said: Said,
  around: MessageSurroundings,
): SessionDraft | undefined {
  const { message } = unwrap(whole);
  const content = openedContentOf(around.opened) ?? contentOf(message, factsOf(info.key, around));
  if (content === undefined) return undefined;
  const about = targetKeyIn(message);
  const whose = about === undefined ? {} : claimedAuthor(about, said, around);
  return {
    type: "message.received",
    data: {
      ...frameOf(info, said, around),
      content: isAboutAnother(content) ? { ...content, ...whose } : content,
      ...contextOf(whole, { ...around, chat: said.chat }),
    },
  };
}

/** Contents that are about another message. */
export type AboutAnother = Extract<Content, { readonly kind: "poll_vote" | "event_response" | "pin" }>;

export function isAboutAnother(content: Content): content is AboutAnother {
  return content.kind === "poll_vote" || content.kind === "event_response" || content.kind === "pin";
}

/** The message that a vote, an answer to an event or a pin is about; a vote's key is turned to our view by Baileys. */
function targetKeyIn({ pinInChatMessage, encEventResponseMessage }: Message): Key | undefined {
  const key = pinInChatMessage?.key ?? encEventResponseMessage?.eventCreationMessageKey;
  return key?.participant || key?.fromMe ? key : undefined;
}

function openedContentOf(opened: Opened | null | undefined): Content | undefined {
  return opened && "content" in opened ? opened.content : undefined;
}

function factsOf(key: WAMessage["key"], around: MessageSurroundings) {
  return {
    mediaId: around.sameId ? taggedMediaId(key) : key.id ?? "",
    addressFor: (jid: string) => addressFor(jid, around),
  };
}

function settingsOf(info: WAMessage, said: Said, dedupeKey: string): SessionDraft[] {
  const seconds = timerIn(info);
  if (seconds === undefined) return [];
  const { chat, from, fromMe } = said;
  const data = {
    messageId: info.key.id ?? "",
    chat,
    from: withoutName(from),
    fromMe,
    change: { what: "disappearing" as const, value: seconds },
    changedAt: timeOf(info.messageTimestamp),
  };
  return [{ type: "chat.updated", data, dedupeKey }];
}

/** Whether a message does no more than change how its chat works. */
export function isSettings({ message }: WAMessage): boolean {
  const { protocolMessage } = message ? unwrap(message).message : {};
  return Boolean(protocolMessage && isTimer(protocolMessage));
}

function isTimer({ type }: proto.Message.IProtocolMessage): boolean {
  return type === EPHEMERAL_SETTING;
}

function isRevoke({ type, key }: proto.Message.IProtocolMessage): boolean {
  // the type that is left out on the wire is the first one; keys alone tell a revocation from nothing
  return (type ?? REVOKE) === REVOKE && Boolean(key?.id);
}

function isEdit({ type, key, editedMessage }: proto.Message.IProtocolMessage): boolean {
  return type === MESSAGE_EDIT && Boolean(key?.id) && Boolean(editedMessage);
}

/** Every address inside a message whose other half is worth knowing before it is normalised. */
export function addressesIn(info: WAMessage): string[] {
  const { key } = info;
  const inner = info.message ? unwrap(info.message).message : {};
  const { protocolMessage: protocol, reactionMessage, pinInChatMessage, encEventResponseMessage } = inner;
  const edited = protocol?.editedMessage ? unwrap(protocol.editedMessage).message : undefined;
  const contexts = [contextInfoOf(inner), edited && contextInfoOf(edited)];
  const targets = [
    protocol?.key,
    reactionMessage?.key,
    pinInChatMessage?.key,
    inner.pollUpdateMessage?.pollCreationMessageKey,
    encEventResponseMessage?.eventCreationMessageKey,
  ];
  return [
    key.remoteJid,
    key.participant,
    info.participant,
    inner.orderMessage?.sellerJid,
    inner.productMessage?.businessOwnerJid,
    ...targets.map((target) => target?.participant),
    ...contexts.flatMap((
      context,
    ) => [context?.participant, context?.remoteJid, ...(context?.mentionedJid ?? [])]),
  ]
    .filter((jid): jid is string => Boolean(jid));
}
