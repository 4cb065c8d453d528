// Reading message protobufs: what kind they are, their words, their file.
import type { proto } from "@whiskeysockets/baileys";
import type { MediaKind } from "../wire/media.ts";

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
