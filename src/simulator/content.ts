// What is inside a message: pure builders of message protobufs, as phones make them.
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { proto } from "@whiskeysockets/baileys";
import type { MediaKind, SealedMedia } from "./media.ts";
import type { StoredMedia } from "./media_host.ts";
import { unixSeconds } from "./nodes.ts";

const MIME: Readonly<Record<MediaKind, string>> = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/ogg; codecs=opus",
  document: "application/pdf",
  sticker: "image/webp",
};

/** What is said about a file, beside the file. */
export interface MediaDetails {
  readonly caption?: string;
  readonly fileName?: string;
  readonly mimetype?: string;
  /** Audio only: a voice note. */
  readonly voiceNote?: boolean;
  readonly seconds?: number;
  /**
   * Sends the https address. Without it only `url` is set, to plain http: Baileys makes https out of every
   * `directPath`, and would have to trust the simulator's authority.
   */
  readonly https?: boolean;
}

export function textContent(words: string): proto.IMessage {
  return { extendedTextMessage: { text: words }, messageContextInfo: { messageSecret: randomBytes(32) } };
}

/** A message with a file that is on the media host already. */
export function mediaContent(
  kind: MediaKind,
  sealed: SealedMedia,
  stored: StoredMedia,
  details: MediaDetails & { readonly host: string },
): proto.IMessage {
  const part = {
    url: details.https ? `https://${details.host}${stored.path}` : stored.url,
    directPath: details.https ? stored.path : undefined,
    mediaKey: sealed.mediaKey,
    mediaKeyTimestamp: unixSeconds(),
    fileSha256: sealed.fileSha256,
    fileEncSha256: sealed.fileEncSha256,
    fileLength: sealed.fileLength,
    mimetype: details.mimetype ?? MIME[kind],
  };
  const { caption, fileName, seconds } = details;
  switch (kind) {
    case "image":
      return { imageMessage: { ...part, caption, height: 1, width: 1 } };
    case "video":
      return { videoMessage: { ...part, caption, seconds } };
    case "audio":
      return { audioMessage: { ...part, seconds: seconds ?? 1, ptt: details.voiceNote === true } };
    case "sticker":
      return { stickerMessage: { ...part, height: 512, width: 512 } };
    case "document": {
      const documentMessage = { ...part, caption, fileName, title: fileName };
      // phones wrap a document that has a caption
      return caption === undefined
        ? { documentMessage }
        : { documentWithCaptionMessage: { message: { documentMessage } } };
    }
  }
}

/** The `type` that a message stanza states for this content. */
export function stanzaType(message: proto.IMessage): "text" | "media" | "reaction" | "poll" {
  const inner = innermost(message);
  if (inner.reactionMessage) return "reaction";
  if (inner.pollCreationMessageV3 || inner.pollCreationMessage || inner.pollUpdateMessage) return "poll";
  const { imageMessage, videoMessage, audioMessage, documentMessage, stickerMessage } = inner;
  const { locationMessage, contactMessage, contactsArrayMessage } = inner;
  const media = imageMessage ?? videoMessage ?? audioMessage ?? documentMessage ?? stickerMessage ??
    locationMessage ?? contactMessage ?? contactsArrayMessage;
  return media ? "media" : "text";
}

/** The message inside its wrappers: view once, disappearing, document with caption. */
export function innermost(message: proto.IMessage): proto.IMessage {
  const wrapped = message.viewOnceMessage ?? message.viewOnceMessageV2 ??
    message.viewOnceMessageV2Extension ??
    message.ephemeralMessage ?? message.documentWithCaptionMessage;
  return wrapped?.message ? innermost(wrapped.message) : message;
}

/** @param key The message as its writer of the reaction sees it. An empty emoji takes the reaction back. */
export function reactionContent(key: proto.IMessageKey, emoji: string): proto.IMessage {
  return { reactionMessage: { key, text: emoji, senderTimestampMs: Date.now() } };
}

export function editContent(key: proto.IMessageKey, words: string): proto.IMessage {
  const protocolMessage = {
    type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
    key,
    editedMessage: { extendedTextMessage: { text: words } },
    timestampMs: Date.now(),
  };
  return { editedMessage: { message: { protocolMessage } } };
}

export function revokeContent(key: proto.IMessageKey): proto.IMessage {
  return { protocolMessage: { type: proto.Message.ProtocolMessage.Type.REVOKE, key } };
}

/** The file of a message, whichever kind it is. */
export function mediaOf(
  message: proto.IMessage,
): { readonly kind: MediaKind; readonly part: MediaPart } | undefined {
  const inner = innermost(message);
  for (const kind of ["image", "video", "audio", "document", "sticker"] as const) {
    const part = inner[`${kind}Message`];
    if (part) return { kind, part };
  }
}

/** The fields that every message with a file has. */
export interface MediaPart {
  readonly url?: string | null;
  readonly directPath?: string | null;
  readonly mediaKey?: Uint8Array | null;
}

/** The words of a message, wherever they are: text, caption, edited text. */
export function wordsOf(message: proto.IMessage): string | undefined {
  const inner = innermost(message);
  return inner.conversation ?? inner.extendedTextMessage?.text ?? inner.imageMessage?.caption ??
    inner.videoMessage?.caption ?? inner.documentMessage?.caption ?? undefined;
}

/** A 1×1 PNG, for those who need some image. */
export function tinyPng(): Buffer {
  const data =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  return Buffer.from(data, "base64");
}
