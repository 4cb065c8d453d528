import { proto } from "@whiskeysockets/baileys";
import { isConversation, isSettings } from "./normalise/message.ts";
import { numberOf, timeOf } from "./normalise/time.ts";
import { type HandedOver, handedOverIn } from "./reading.ts";
import { wireFields } from "./wire_fields.ts";

const { COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY: NO_MORE } =
  proto.Conversation.EndOfHistoryTransferType;

/** WAProto, fields of `HistorySync`, `Conversation` and `HistorySyncMsg`. */
const CONVERSATIONS = 2;
const CHAT = { id: 1, messages: 2, end: 11, pnJid: 39, lidJid: 42 } as const;
const MESSAGE = 1;

const text = new TextDecoder();

/** A conversation in a page of the past. Its messages are left encoded: there may be very many. */
export interface PastChat {
  /** The address that the phone has it under. */
  readonly jid: string;
  readonly pn: string | undefined;
  readonly lid: string | undefined;
  /** The phone has nothing older of it. */
  readonly isComplete: boolean;
  /** Each an encoded `WebMessageInfo`. */
  readonly messages: readonly Uint8Array[];
}

/**
 * The conversations in a page of the past, one by one.
 * @param page An encoded `HistorySync`.
 * @throws {RangeError} If the bytes are none.
 */
export function* chatsIn(page: Uint8Array): Generator<PastChat> {
  for (const { number, bytes } of wireFields(page)) {
    if (number === CONVERSATIONS && bytes !== undefined) yield chatOf(bytes);
  }
}

function chatOf(conversation: Uint8Array): PastChat {
  let jid = "";
  let pn: string | undefined;
  let lid: string | undefined;
  let end: number | undefined;
  const messages: Uint8Array[] = [];
  for (const { number, bytes, value } of wireFields(conversation)) {
    if (number === CHAT.id && bytes !== undefined) jid = text.decode(bytes);
    else if (number === CHAT.pnJid && bytes !== undefined) pn = text.decode(bytes);
    else if (number === CHAT.lidJid && bytes !== undefined) lid = text.decode(bytes);
    else if (number === CHAT.end) end = value;
    else if (number === CHAT.messages && bytes !== undefined) {
      for (const field of wireFields(bytes)) {
        if (field.number === MESSAGE && field.bytes !== undefined) messages.push(field.bytes);
      }
    }
  }
  return { jid, pn, lid, isComplete: end === NO_MORE, messages };
}

/**
 * What a message of the past says: itself, and the reactions that it has gathered, each as the message that it was.
 * @param encoded A `WebMessageInfo`.
 * @returns Empty when it says nothing to people.
 * @see WAProto, `WebMessageInfo.reactions`; mautrix-whatsapp `convertHistorySyncMessage`
 */
export function pastMessagesIn(encoded: Uint8Array): readonly HandedOver[] {
  const { key, message, participant, reactions, messageTimestamp } = proto.WebMessageInfo.decode(encoded);
  const { id, remoteJid } = key ?? {};
  if (!id || !remoteJid || !isConversation(remoteJid)) return [];
  const found = handedOverIn(encoded).filter(({ info }) => !isSettings(info)).map(finished);
  if (found.length === 0 && !message) return [];
  const author = key?.participant ?? participant;
  const target = { remoteJid, id, fromMe: Boolean(key?.fromMe), ...(author ? { participant: author } : {}) };
  return [
    ...found,
    ...(reactions ?? []).flatMap((reaction) => reactionTo(target, reaction, timeOf(messageTimestamp))),
  ];
}

/** An edit that stands in its message's own place is that message as it reads now. */
function finished(found: HandedOver): HandedOver {
  const { info } = found;
  const protocol = info.message?.protocolMessage ?? info.message?.editedMessage?.message?.protocolMessage;
  if (!protocol?.editedMessage || protocol.key?.id !== info.key.id) return found;
  return { info: { ...info, message: protocol.editedMessage } };
}

function reactionTo(
  target: proto.IMessageKey & { readonly id: string; readonly remoteJid: string },
  { key, text: emoji, senderTimestampMs }: proto.IReaction,
  targetAt: number,
): HandedOver[] {
  const fromMe = Boolean(key?.fromMe);
  const author = key?.participant;
  const who = fromMe ? "me" : author ?? target.remoteJid;
  // one that has no id of its own gets one that stays the same
  const id = key?.id && key.id !== target.id ? key.id : `${target.id}:reaction:${who}`;
  const at = numberOf(senderTimestampMs) || targetAt;
  return [{
    info: {
      key: { remoteJid: target.remoteJid, id, fromMe, ...(author ? { participant: author } : {}) },
      messageTimestamp: Math.floor(at / 1_000),
      message: { reactionMessage: { key: target, text: emoji, senderTimestampMs: at } },
    },
  }];
}
