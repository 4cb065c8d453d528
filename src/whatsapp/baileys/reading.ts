import { Buffer } from "node:buffer";
import {
  cleanMessage,
  decodeMessageNode,
  normalizeMessageContent,
  proto,
  type WAMessage,
} from "@whiskeysockets/baileys";
import { isBot, kindOf, plainJid } from "../jid.ts";
import { type Raw, rawOf } from "./inbox_message.ts";
import { isConversation, saysSomething } from "./normalise/message.ts";
import { asPlaceholder, type Placeholder } from "./normalise/placeholder.ts";
import { numberOf, timeOf } from "./normalise/time.ts";
import { unknownKindIn } from "./normalise/unknown_kinds.ts";
import { rawTypeOf, unwrap } from "./normalise/unwrap.ts";
import { type BinaryNode, childrenOf, isOffline } from "./stanza.ts";

/** Our own addresses, with device. */
export interface Self {
  readonly id: string;
  readonly lid?: string;
}

/** A message that has come, or of which it is known that it exists. */
export interface Arrival {
  readonly info: WAMessage;
  readonly offline: boolean;
  readonly raw?: Raw;
  /** Its content is not there: it may still come. */
  readonly placeholder?: Placeholder;
  /** Another message came first under the same id, in another chat. */
  readonly sameId?: boolean;
}

const UNREADABLE = "unreadable";
const {
  PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
  HISTORY_SYNC_NOTIFICATION,
  LID_MIGRATION_MAPPING_SYNC,
} = proto.Message.ProtocolMessage.Type;

/**
 * The message of a stanza, as Baileys will show it.
 * @param bytes What was decrypted, without padding.
 * @returns Undefined when it says nothing to people. Kinds that are not known here, and bytes that are no message, are
 * told as such.
 */
export function readMessage(stanza: BinaryNode, bytes: Uint8Array, self: Self): Arrival | undefined {
  const frame = frameOf(stanza, self);
  if (frame === undefined) return undefined;
  const offline = isOffline(stanza);
  let decoded: proto.Message;
  try {
    decoded = proto.Message.decode(bytes);
  } catch {
    const placeholder: Placeholder = { reason: UNREADABLE, rawType: UNREADABLE };
    const raw = { kind: "message" as const, bytes, asIs: false };
    return { info: asPlaceholder(frame, placeholder), offline, raw, placeholder };
  }
  const sent = decoded.deviceSentMessage?.message;
  const message: proto.IMessage = sent ?? decoded;
  if (!saysSomething(message)) {
    const rawType = rawTypeOf(unwrap(message).message) === undefined ? unknownKindOf(bytes) : undefined;
    if (rawType === undefined) return undefined;
    const info = asPlaceholder(frame, { reason: UNREADABLE, rawType });
    return { info, offline, raw: { kind: "message", bytes, asIs: false } };
  }
  // what opens votes and edits stays outside of a message that came from another device of ours
  message.messageContextInfo ??= decoded.messageContextInfo;
  const info: WAMessage = { ...frame, message };
  const content = normalizeMessageContent(message);
  const asIs = !sent && !content?.reactionMessage && !content?.pollUpdateMessage;
  return { info: cleaned(info, self), offline, raw: { kind: "message", bytes, asIs } };
}

function unknownKindOf(bytes: Uint8Array): string | undefined {
  try {
    return unknownKindIn(bytes);
  } catch {
    return UNREADABLE;
  }
}

/** A message of which there is a stanza only; undefined when it is not for people. */
export function announced(stanza: BinaryNode, self: Self, placeholder: Placeholder): Arrival | undefined {
  const frame = frameOf(stanza, self);
  if (frame === undefined) return undefined;
  const info = asPlaceholder(cleaned(frame, self), placeholder);
  return { info, offline: isOffline(stanza), raw: { kind: "stanza", bytes: outlineOf(stanza) }, placeholder };
}

/** Where, when and from whom a stanza is: all of a message but its content. */
function frameOf(stanza: BinaryNode, self: Self): WAMessage | undefined {
  if (stanza.attrs.category === "peer") return undefined;
  const { fullMessage } = headOf(stanza, self);
  if (!isConversation(fullMessage.key.remoteJid ?? "")) return undefined;
  const messageTimestamp = Math.floor(timeOf(fullMessage.messageTimestamp) / 1_000);
  return { ...fullMessage, messageTimestamp };
}

/**
 * As Baileys reads it, which knows no bots: neither what they say nor what is said to them. In a broadcast list it does
 * not know its own account by the LID.
 * @see whatsmeow message.go `parseMessageSource`
 */
function headOf(stanza: BinaryNode, self: Self): Pick<ReturnType<typeof decodeMessageNode>, "fullMessage"> {
  const { from = "", recipient = "", participant = "", id, t, notify } = stanza.attrs;
  if (isBot(from)) {
    const key = { remoteJid: plainJid(from), fromMe: false, id };
    return { fullMessage: { key, messageTimestamp: Number(t), pushName: notify } };
  }
  const { fullMessage } = decodeMessageNode(stanza, self.id, self.lid ?? "");
  if (self.lid && kindOf(from) === "broadcast" && plainJid(participant) === plainJid(self.lid)) {
    return { fullMessage: { ...fullMessage, key: { ...fullMessage.key, fromMe: true } } };
  }
  if (!isBot(recipient)) return { fullMessage };
  return { fullMessage: { ...fullMessage, key: { ...fullMessage.key, remoteJid: plainJid(recipient) } } };
}

function cleaned(info: WAMessage, self: Self): WAMessage {
  try {
    cleanMessage(info, self.id, self.lid ?? "");
  } catch { // a reaction or vote that names no message: it is shown as unknown
  }
  return info;
}

/** The stanza without the bytes inside, as JSON. */
function outlineOf(stanza: BinaryNode): Uint8Array {
  const outline = ({ tag, attrs }: BinaryNode) => ({ tag, attrs });
  return Buffer.from(JSON.stringify({ ...outline(stanza), children: childrenOf(stanza).map(outline) }));
}

/** The message, or an empty one: Baileys finds out next that it cannot be read. */
function decodedOrNothing(bytes: Uint8Array): proto.IMessage {
  try {
    return proto.Message.decode(bytes);
  } catch {
    return {};
  }
}

/** A message as the phone has it. */
export type HandedOver = Pick<Arrival, "info" | "raw">;

/** Messages that the phone hands over because this device was not given them. */
export function handedOver(stanza: BinaryNode, bytes: Uint8Array, self: Self): readonly HandedOver[] {
  if (stanza.attrs.category !== "peer") return [];
  const { protocolMessage: protocol } = decodedOrNothing(bytes);
  if (protocol?.type !== PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE) return [];
  if (!decodeMessageNode(stanza, self.id, self.lid ?? "").fullMessage.key.fromMe) return [];
  const results = protocol.peerDataOperationRequestResponseMessage?.peerDataOperationResult ?? [];
  return results.flatMap(({ placeholderMessageResendResponse: found }) => {
    try {
      return found?.webMessageInfoBytes ? handedOverIn(found.webMessageInfoBytes) : [];
    } catch {
      return []; // the other results may be whole
    }
  });
}

/** A page of the past that our own phone announces. */
export interface AnnouncedPast {
  /** WhatsApp's id of the message that announces it. */
  readonly messageId: string;
  /** WAProto, `HistorySync.HistorySyncType`. */
  readonly kind: number;
  /** The encoded `HistorySyncNotification`. */
  readonly payload: Uint8Array;
}

/** The page of the past that a message of our own phone announces; undefined when it is another message. */
export function announcedPast(stanza: BinaryNode, bytes: Uint8Array, self: Self): AnnouncedPast | undefined {
  if (stanza.attrs.category !== "peer") return undefined;
  const { type, historySyncNotification: notification } = decodedOrNothing(bytes).protocolMessage ?? {};
  if (type !== HISTORY_SYNC_NOTIFICATION || !notification) return undefined;
  if (!decodeMessageNode(stanza, self.id, self.lid ?? "").fullMessage.key.fromMe) return undefined;
  return {
    messageId: stanza.attrs.id,
    kind: notification.syncType ?? 0,
    payload: proto.Message.HistorySyncNotification.encode(notification).finish(),
  };
}

/** Whether a message of our own phone says that the account's chats with people have moved to LIDs. */
export function movesToLids(stanza: BinaryNode, bytes: Uint8Array, self: Self): boolean {
  if (stanza.attrs.category !== "peer") return false;
  const { type, lidMigrationMappingSyncMessage: sync } = decodedOrNothing(bytes).protocolMessage ?? {};
  if (type !== LID_MIGRATION_MAPPING_SYNC || !sync?.encodedMappingPayload) return false;
  if (!decodeMessageNode(stanza, self.id, self.lid ?? "").fullMessage.key.fromMe) return false;
  const payload = proto.LIDMigrationMappingSyncPayload.decode(sync.encodedMappingPayload);
  return numberOf(payload.chatDbMigrationTimestamp) > 0;
}

/** A message as the phone has it: empty when it says nothing to people. @param payload A `WebMessageInfo`. */
export function handedOverIn(payload: Uint8Array): HandedOver[] {
  const { key, message, ...frame } = proto.WebMessageInfo.decode(payload);
  const content = rawOf({ payload });
  if (!key?.id || !message || content === undefined) return [];
  const raw: Raw = { kind: "message", bytes: content.bytes, asIs: true };
  if (saysSomething(message)) return [{ info: { ...frame, key, message }, raw }];
  const rawType = unknownKindOf(content.bytes);
  if (rawType === undefined) return [];
  return [{ info: asPlaceholder({ ...frame, key }, { reason: UNREADABLE, rawType }), raw }];
}
