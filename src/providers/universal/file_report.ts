import { Buffer } from "node:buffer";
import type { MediaKind } from "../../events/content.ts";
import { record, text } from "../loose.ts";
import { kindOfType } from "./content_types.ts";
import type { Envelope } from "./envelope.ts";

/** A file that came whole with a report. */
export interface ReportedFile {
  /** Names the file: the id of its message. */
  readonly mediaId: string;
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly fileName: string | null;
  readonly bytes: Uint8Array;
}

const MEDIA_KINDS: readonly MediaKind[] = ["image", "video", "audio", "voice", "document", "sticker"];
/** What may stand in the address of a file. */
const ADDRESSABLE = /^[\w.-]{1,200}$/;
/** Of a text without blanks around it: what may follow each other in two ways takes a pattern for ever. */
const BASE64 = /^[\w+/\s-]+={0,2}$/;

/**
 * The file in a report of `media`; undefined when its bytes are not there, are no Base64, or belong to no message that
 * could be asked for.
 */
export function fileIn({ data }: Envelope, mediaId: string | null): ReportedFile | undefined {
  const { data: base64, mimetype, filename } = record(data.messageMedia);
  if (mediaId === null || !ADDRESSABLE.test(mediaId)) return undefined;
  if (typeof base64 !== "string" || !BASE64.test(base64.trim())) return undefined;
  const mimeType = text(mimetype) ?? "application/octet-stream";
  return {
    mediaId,
    kind: kindOf(text(record(data.message).type), mimeType),
    mimeType,
    fileName: text(filename) ?? null,
    bytes: Buffer.from(base64, "base64"),
  };
}

function kindOf(messageType: string | undefined, mimeType: string): MediaKind {
  const told = messageType === undefined ? undefined : kindOfType(messageType);
  const known = MEDIA_KINDS.find((kind) => kind === told);
  return known ?? MEDIA_KINDS.find((kind) => mimeType.startsWith(`${kind}/`)) ?? "document";
}
