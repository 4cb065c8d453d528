import { plainName } from "../../../events/plain_text.ts";
import { Buffer } from "node:buffer";
import type { proto } from "@whiskeysockets/baileys";
import type { Content, MediaDescriptor, MediaKind } from "../../../events/content.ts";
import { cleanMimeType, UNKNOWN_TYPE } from "../../../events/mime_type.ts";
import { present } from "../../../events/present.ts";
import { numberOf } from "./time.ts";

type Message = proto.IMessage;

/** A file inside a message: what it is, and what is known of it. */
export interface MediaPart {
  readonly kind: MediaKind;
  readonly part: MediaFields;
}

/** The fields that the media messages of WhatsApp share, where they have them. */
export interface MediaFields {
  readonly url?: string | null;
  readonly directPath?: string | null;
  readonly mediaKey?: Uint8Array | null;
  readonly mimetype?: string | null;
  readonly fileLength?: Parameters<typeof numberOf>[0];
  readonly fileSha256?: Uint8Array | null;
  readonly fileName?: string | null;
  readonly title?: string | null;
  readonly caption?: string | null;
  readonly seconds?: number | null;
  readonly width?: number | null;
  readonly height?: number | null;
  readonly pageCount?: number | null;
  readonly isAnimated?: boolean | null;
  readonly gifPlayback?: boolean | null;
}

const DEFAULT_TYPES: Readonly<Record<MediaKind, string>> = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/mpeg",
  voice: "audio/ogg; codecs=opus",
  document: "application/octet-stream",
  sticker: "image/webp",
};

/** The file of an unwrapped message; undefined when it has none. */
export function mediaPartOf(message: Message): MediaPart | undefined {
  const { imageMessage, videoMessage, ptvMessage, audioMessage, documentMessage, stickerMessage } = message;
  if (imageMessage) return { kind: "image", part: imageMessage };
  if (videoMessage) return { kind: "video", part: videoMessage };
  if (ptvMessage) return { kind: "video", part: ptvMessage };
  if (audioMessage) return { kind: audioMessage.ptt ? "voice" : "audio", part: audioMessage };
  if (documentMessage) return { kind: "document", part: documentMessage };
  if (stickerMessage) return { kind: "sticker", part: stickerMessage };
  return undefined;
}

/** What is published of a message that is a file. */
export function mediaContent(file: MediaPart, mediaId: string): Content {
  const { kind, part } = file;
  return { kind, media: descriptorOf(file, mediaId), ...present({ caption: part.caption || undefined }) };
}

/** What is published of a file: never the key that decrypts it, nor WhatsApp's address of it. */
export function descriptorOf({ kind, part }: MediaPart, mediaId: string): MediaDescriptor {
  return {
    mediaId,
    mimeType: mimeTypeOf(part.mimetype) ?? DEFAULT_TYPES[kind],
    ...present({
      sizeBytes: sizeOf(part.fileLength),
      fileName: plainName(part.fileName || (kind === "document" ? part.title : undefined) || "") || undefined,
      seconds: part.seconds || undefined,
      width: part.width || undefined,
      height: part.height || undefined,
      pages: part.pageCount || undefined,
      animated: part.isAnimated || part.gifPlayback || undefined,
      sha256: part.fileSha256?.length ? Buffer.from(part.fileSha256).toString("hex") : undefined,
    }),
  };
}

/** The type that the sender's program claims, where it is one; it ends up in headers of ours and of receivers. */
function mimeTypeOf(claimed: string | null | undefined): string | undefined {
  if (!claimed) return undefined;
  const type = cleanMimeType(claimed);
  return type === UNKNOWN_TYPE ? undefined : type;
}

/** WhatsApp takes files of up to 2 GB: what claims to be far larger tells nothing. */
const LARGEST_BYTES = 2 ** 40;

function sizeOf(claimed: MediaFields["fileLength"]): number | undefined {
  const size = numberOf(claimed);
  return size > 0 && size <= LARGEST_BYTES ? size : undefined;
}
