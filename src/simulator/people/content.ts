// What is inside a message: pure builders of message protobufs, as phones make them.
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { proto } from "@whiskeysockets/baileys";
import type { MediaKind, SealedMedia } from "../wire/media.ts";
import type { StoredMedia } from "../wire/media_host.ts";
import { unixSeconds } from "../wire/nodes.ts";

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

/** A 1×1 PNG, for those who need some image. */
export function tinyPng(): Buffer {
  const data =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  return Buffer.from(data, "base64");
}

/** Degrees; a place may have a name and an address. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly name?: string;
  readonly address?: string;
}

export function locationContent({ latitude, longitude, name, address }: Place): proto.IMessage {
  return { locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, name, address } };
}

/** Address book entries: one is a contact message, several are an array. `number` in international form. */
export function contactCardContent(
  cards: readonly { readonly name: string; readonly number: string }[],
): proto.IMessage {
  const contacts = cards.map(({ name, number }) => ({
    displayName: name,
    vcard: [
      "BEGIN:VCARD",
      "VERSION:3.0",
      `FN:${name}`,
      `TEL;type=CELL;waid=${number}:+${number}`,
      "END:VCARD",
    ].join("\n"),
  }));
  if (contacts.length === 1) return { contactMessage: contacts[0] };
  return { contactsArrayMessage: { displayName: `${contacts.length} contacts`, contacts } };
}

/** A poll; `selectable` is how many options one may choose, 0 for any number. */
export function pollContent(name: string, options: readonly string[], selectable = 1): proto.IMessage {
  const poll = {
    name,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: selectable,
  };
  return { pollCreationMessageV3: poll, messageContextInfo: { messageSecret: randomBytes(32) } };
}

const WITH_CONTEXT = [
  "extendedTextMessage",
  "imageMessage",
  "videoMessage",
  "audioMessage",
  "documentMessage",
  "stickerMessage",
  "locationMessage",
  "contactMessage",
  "contactsArrayMessage",
  "pollCreationMessageV3",
] as const;

/** The message with a context: what it quotes, whom it mentions. Messages that cannot have one stay as they are. */
export function withContext(message: proto.IMessage, contextInfo: proto.IContextInfo): proto.IMessage {
  if (Object.keys(contextInfo).length === 0) return message;
  const wrapped = message.documentWithCaptionMessage?.message;
  if (wrapped) return { documentWithCaptionMessage: { message: withContext(wrapped, contextInfo) } };
  const kind = WITH_CONTEXT.find((name) => message[name]);
  if (kind === undefined) return message;
  return {
    ...message,
    [kind]: { ...message[kind], contextInfo: { ...message[kind]?.contextInfo, ...contextInfo } },
  };
}

/** Media that can be looked at once. */
export function viewOnceContent(message: proto.IMessage): proto.IMessage {
  const { imageMessage, videoMessage, audioMessage } = message;
  if (imageMessage) {
    return { viewOnceMessageV2: { message: { imageMessage: { ...imageMessage, viewOnce: true } } } };
  }
  if (videoMessage) {
    return { viewOnceMessageV2: { message: { videoMessage: { ...videoMessage, viewOnce: true } } } };
  }
  return { viewOnceMessageV2Extension: { message: { audioMessage: { ...audioMessage, viewOnce: true } } } };
}

/** A message of a chat whose messages disappear after so many seconds. */
export function disappearingContent(message: proto.IMessage, seconds: number): proto.IMessage {
  return { ephemeralMessage: { message: withContext(message, { expiration: seconds }) } };
}
