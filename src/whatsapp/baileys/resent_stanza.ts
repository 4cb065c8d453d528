import { normalizeMessageContent, proto } from "@whiskeysockets/baileys";
import { isGroup } from "../jid.ts";
import { isMe, type Me } from "./normalise/people.ts";
import { type BinaryNode, childOf, childrenOf } from "./stanza.ts";

/** What a retry receipt asks for. */
export interface Retry {
  /** Ids of the messages that could not be opened. */
  readonly messageIds: readonly string[];
  /** The conversation that they were sent to, as the one who asks addresses it. */
  readonly chat: string;
  /** The device that asks. */
  readonly asker: string;
  /** The one who asks is another device of ours, whose copy it is. */
  readonly own: boolean;
  /** The how manyth time it asks; 1 for the first. */
  readonly count: number;
}

/** @returns Undefined when the receipt asks for nothing that this number sent. */
export function retryIn(receipt: BinaryNode, me: Me): Retry | undefined {
  const { id, from, participant, recipient } = receipt.attrs;
  const asker = participant ?? from;
  const own = isMe(asker, me);
  const chat = own && !isGroup(from) ? recipient : from;
  if (!chat || (recipient !== undefined && !own)) return undefined;
  const list = childOf(receipt, "list");
  const others = list === undefined ? [] : childrenOf(list, "item").map(({ attrs }) => attrs.id);
  const count = Number(childOf(receipt, "retry")?.attrs.count) || 1;
  return { messageIds: [id, ...others], chat, asker, own, count };
}

/**
 * A message for one device that could not open it before.
 * @param enc What was encrypted for this device alone.
 * @param identity Proves to it that this device belongs to its phone.
 * @see Baileys lib/Socket/messages-send.js `relayMessage`
 */
export function resentStanza(
  { retry, id, message, enc, identity }: {
    readonly retry: Retry;
    readonly id: string;
    readonly message: proto.IMessage;
    readonly enc: { readonly type: string; readonly ciphertext: Uint8Array };
    readonly identity: Uint8Array;
  },
): BinaryNode {
  const { chat, asker, own, count } = retry;
  const content = normalizeMessageContent(message) ?? {};
  const mediatype = mediaTypeOf(content);
  const edit = editOf(content, chat);
  const encrypted: BinaryNode = {
    tag: "enc",
    attrs: {
      v: "2",
      type: enc.type,
      count: String(count),
      ...(mediatype === undefined ? {} : { mediatype }),
      ...(content.reactionMessage ? { "decrypt-fail": "hide" } : {}),
    },
    content: enc.ciphertext,
  };
  const address: Readonly<Record<string, string>> = isGroup(chat)
    ? { to: chat, participant: asker }
    : { to: asker, device_fanout: "false", ...(own ? { recipient: chat } : {}) };
  return {
    tag: "message",
    attrs: { id, type: typeOf(content), ...address, ...(edit === undefined ? {} : { edit }) },
    content: [
      encrypted,
      { tag: "device-identity", attrs: {}, content: identity },
      ...(typeOf(content) === "poll" ? [{ tag: "meta", attrs: { polltype: "creation" } }] : []),
    ],
  };
}

function typeOf(content: proto.IMessage): string {
  if (content.reactionMessage) return "reaction";
  const { pollCreationMessage, pollCreationMessageV2, pollCreationMessageV3 } = content;
  if (pollCreationMessage || pollCreationMessageV2 || pollCreationMessageV3) return "poll";
  return mediaTypeOf(content) === undefined ? "text" : "media";
}

/** What `<enc>` says of a file, of the kinds that this gateway sends. */
function mediaTypeOf(content: proto.IMessage): string | undefined {
  if (content.imageMessage) return "image";
  if (content.videoMessage) return content.videoMessage.gifPlayback ? "gif" : "video";
  if (content.audioMessage) return content.audioMessage.ptt ? "ptt" : "audio";
  if (content.documentMessage) return "document";
  if (content.stickerMessage) return "sticker";
  if (content.contactMessage) return "vcard";
  if (content.contactsArrayMessage) return "contact_array";
  return undefined;
}

function editOf({ protocolMessage }: proto.IMessage, chat: string): string | undefined {
  const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type;
  if (protocolMessage?.type === MESSAGE_EDIT) return "1";
  if (protocolMessage?.type !== REVOKE) return undefined;
  // an admin deletes the message of somebody else
  return isGroup(chat) && !protocolMessage.key?.fromMe ? "8" : "7";
}
