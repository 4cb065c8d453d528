import type { proto, WAMessage } from "@whiskeysockets/baileys";
import { type Content, type MessageContext, type Quoted, wordsOf } from "../../events/content.ts";
import type { Chat, Jid, Person } from "../../events/person.ts";
import { isGroup, plainJid, serverOf, STATUS_JID } from "../jid.ts";
import type { Opened } from "../sealed.ts";
import type { SessionDraft } from "../session.ts";
import { contentOf } from "./content.ts";
import { type AltOf, chatOf, isMe, type Me, meAsPerson, personOf } from "./people.ts";
import { present } from "./present.ts";
import { referralOf } from "./referral.ts";
import { fromSeconds, numberOf } from "./time.ts";
import { rawTypeOf, unwrap } from "./unwrap.ts";

type Message = proto.IMessage;

/** WAProto, ProtocolMessage.Type: what else is there concerns the linked devices among themselves. */
const REVOKE = 0;
const MESSAGE_EDIT = 14;

/** What speaks to programs only, or will come again with its content. */
const SILENT: ReadonlySet<string> = new Set([
  "placeholderMessage",
  "stickerSyncRmrMessage",
  "albumMessage",
  "messageHistoryBundle",
  "messageHistoryNotice",
  "chat",
]);

export interface MessageSurroundings {
  /** The device's id: facts are told apart by it. */
  readonly deviceId: string;
  readonly me: Me;
  readonly altOf: AltOf;
  readonly offline: boolean;
  /** What is in the message, when it was sealed; null when it stays so. */
  readonly opened?: Opened | null;
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
  if (protocol) return isRevoke(protocol) || isEdit(protocol);
  const rawType = rawTypeOf(message);
  return rawType !== undefined && !SILENT.has(rawType);
}

/** Whether messages of this address are taken at all: not status posts nor newsletters. */
export function isConversation(remoteJid: string): boolean {
  return remoteJid !== STATUS_JID && serverOf(remoteJid) !== "newsletter";
}

/** What a message means: one event, or none. What is not understood becomes content of the kind `unknown`. */
export function draftsOfMessage(info: WAMessage, around: MessageSurroundings): SessionDraft[] {
  const { remoteJid, id } = info.key;
  if (!remoteJid || !id || !info.message || !isConversation(remoteJid)) return [];
  if (!saysSomething(info.message)) return [];
  const said = saidOf(info, around);
  const draft = readingOf(info, info.message, said, around);
  if (draft === undefined) return [];
  const dedupeKey = `${around.deviceId}/${draft.type}/${plainJid(remoteJid)}/${id}`;
  return [{ ...draft, dedupeKey }];
}

function readingOf(
  info: WAMessage,
  outer: Message,
  said: Said,
  around: MessageSurroundings,
): SessionDraft | undefined {
  const { opened } = around;
  const { message, viewOnce } = unwrap(opened && "message" in opened ? opened.message : outer);
  try {
    return changeOf(info, message, said) ?? receivedOf(info, message, viewOnce, said, around);
  } catch {
    // whatever another program has made of it: one message must not hold up those after it
    const content: Content = { kind: "unknown", rawType: rawTypeOf(message) ?? "unreadable" };
    const sentAt = fromSeconds(info.messageTimestamp);
    const data = { messageId: info.key.id ?? "", ...said, sentAt, offline: around.offline, content };
    return { type: "message.received", data };
  }
}

/** The conversation, the author and whether that is the device's owner. */
export function saidOf(info: WAMessage, { me, altOf }: Pick<MessageSurroundings, "me" | "altOf">): Said {
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

/** What changes another message: a reaction, an edit, a deletion. */
function changeOf(info: WAMessage, message: Message, said: Said): SessionDraft | undefined {
  const at = fromSeconds(info.messageTimestamp);
  const { reactionMessage: reaction, protocolMessage: protocol } = message;
  const messageId = reaction?.key?.id ?? protocol?.key?.id;
  if (!messageId) return undefined;
  if (reaction) {
    const reactedAt = numberOf(reaction.senderTimestampMs) || at;
    const targetFromMe = Boolean(reaction.key?.fromMe); // Baileys has turned it to our point of view
    const data = { messageId, ...said, emoji: reaction.text ?? "", reactedAt, targetFromMe };
    return { type: "message.reaction", data };
  }
  if (protocol && isRevoke(protocol)) {
    return { type: "message.deleted", data: { messageId, ...said, deletedAt: at } };
  }
  if (!protocol?.editedMessage) return undefined;
  const content = contentOf(unwrap(protocol.editedMessage).message, messageId);
  if (content === undefined) return undefined;
  const editedAt = numberOf(protocol.timestampMs) || at;
  return { type: "message.edited", data: { messageId, ...said, editedAt, content } };
}

function receivedOf(
  info: WAMessage,
  message: Message,
  viewOnce: boolean,
  said: Said,
  around: MessageSurroundings,
): SessionDraft | undefined {
  const messageId = info.key.id ?? "";
  const content = openedContentOf(around.opened) ?? contentOf(message, messageId);
  if (content === undefined) return undefined;
  return {
    type: "message.received",
    data: {
      messageId,
      ...said,
      sentAt: fromSeconds(info.messageTimestamp),
      offline: around.offline,
      content,
      ...contextOf(message, viewOnce, around),
    },
  };
}

function openedContentOf(opened: Opened | null | undefined): Content | undefined {
  return opened && "content" in opened ? opened.content : undefined;
}

function contextOf(
  message: Message,
  viewOnce: boolean,
  { me, altOf }: Pick<MessageSurroundings, "me" | "altOf">,
): MessageContext {
  const info = contextInfoOf(message);
  const mentions = (info?.mentionedJid ?? []).map((jid) => addressFor(jid, altOf));
  return present({
    quoted: info?.stanzaId ? quotedOf(info, info.stanzaId, me, altOf) : undefined,
    mentions: mentions.length > 0 ? mentions : undefined,
    forwarded: info?.isForwarded || (info?.forwardingScore ?? 0) > 0 || undefined,
    viewOnce: viewOnce || message.imageMessage?.viewOnce || message.videoMessage?.viewOnce ||
      message.audioMessage?.viewOnce || undefined,
    expiresInSeconds: info?.expiration || undefined,
    referral: info && referralOf(info),
  });
}

function quotedOf(info: proto.IContextInfo, messageId: string, me: Me, altOf: AltOf): Quoted {
  const author = info.participant;
  const from = !author ? null : isMe(author, me) ? meAsPerson(me) : personOf(author, altOf);
  const content = info.quotedMessage && contentOf(unwrap(info.quotedMessage).message, messageId);
  const text = content ? wordsOf(content) : undefined;
  return { messageId, from, ...present({ text }) };
}

function addressFor(jid: string, altOf: AltOf): Jid {
  const { pn, lid } = personOf(jid, altOf);
  return pn ?? lid ?? plainJid(jid);
}

function contextInfoOf(message: Message): proto.IContextInfo | undefined {
  for (const part of Object.values(message)) {
    if (typeof part === "object" && part !== null && "contextInfo" in part && part.contextInfo) {
      return part.contextInfo;
    }
  }
  return undefined;
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
  const inner = info.message ? unwrap(info.message).message : undefined;
  const context = inner && contextInfoOf(inner);
  return [
    key.remoteJid,
    key.participant,
    info.participant,
    context?.participant,
    ...(context?.mentionedJid ?? []),
  ]
    .filter((jid): jid is string => Boolean(jid));
}
