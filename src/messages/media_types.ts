import { RefusedError } from "../errors.ts";
import type { MediaKind } from "../events/content.ts";

/** As many bytes of a file's beginning as tell what it is. */
export const TELLING_BYTES = 16;

const UNTOLD: ReadonlySet<string> = new Set(["application/octet-stream", "binary/octet-stream", ""]);
/** What phones show; anything else is taken by WhatsApp, and shown by nobody. */
const SHOWN: Readonly<Record<"image" | "video", ReadonlySet<string>>> = {
  image: new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]),
  video: new Set(["video/mp4", "video/3gpp"]),
};
/** Other names of types, as some servers tell them. */
const SAME_AS: Readonly<Record<string, string>> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/x-png": "image/png",
  "video/x-m4v": "video/mp4",
  "video/3gp": "video/3gpp",
};
const VOICE_TYPES: ReadonlySet<string> = new Set(["audio/ogg", "audio/opus", "application/ogg"]);

/** File name endings, for sources that tell nothing else. */
const BY_ENDING: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
  mp4: "video/mp4",
  m4v: "video/mp4",
  mov: "video/quicktime",
  "3gp": "video/3gpp",
  webm: "video/webm",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  opus: "audio/ogg",
  oga: "audio/ogg",
  m4a: "audio/mp4",
  aac: "audio/aac",
  amr: "audio/amr",
  wav: "audio/wav",
  pdf: "application/pdf",
  zip: "application/zip",
  txt: "text/plain",
  csv: "text/csv",
  json: "application/json",
  doc: "application/msword",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xls: "application/vnd.ms-excel",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ppt: "application/vnd.ms-powerpoint",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
};

/** The kind that a file of this type is sent as when nobody says. */
export function kindOfType(mimeType: string): MediaKind {
  if (SHOWN.image.has(mimeType)) return "image";
  if (SHOWN.video.has(mimeType)) return "video";
  if (mimeType.startsWith("audio/")) return "audio";
  return "document";
}

/** What is known of a file's type, and from whom. */
export interface TypeClues {
  /** What the sender of the message says. */
  readonly said?: string;
  /** What the server or the form says that the file came from. */
  readonly told?: string;
  readonly fileName?: string;
  /** The file's first bytes. */
  readonly head: Uint8Array;
}

/**
 * The type under which a file is sent as this kind of message.
 * @throws {RefusedError} If the file is nothing that such a message can carry.
 */
export function typeFor(kind: MediaKind, clues: TypeClues): string {
  const { said, told, fileName, head } = clues;
  const seen = typeOfBytes(head);
  const type = bare(said) ?? seen ?? bare(told) ?? typeOfName(fileName) ?? "application/octet-stream";
  if (kind === "document") return type;
  const carried = seen ?? type;
  if (fits(kind, carried, head)) {
    return kind === "voice" ? "audio/ogg; codecs=opus" : fitting(kind, type, carried);
  }
  throw new RefusedError(
    "MEDIA_TYPE_NOT_SUPPORTED",
    `Cannot send this file as ${WORDS[kind]}: it is ${carried}`,
    {
      type: carried,
    },
  );
}

const WORDS: Readonly<Record<Exclude<MediaKind, "document">, string>> = {
  image: "an image (JPEG, PNG, GIF or WebP)",
  video: "a video (MP4 or 3GP)",
  audio: "audio",
  voice: "a voice note, which must be OGG with Opus (any other audio can be sent as audio)",
  sticker: "a sticker, which must be WebP",
};

function fits(kind: Exclude<MediaKind, "document">, type: string, head: Uint8Array): boolean {
  switch (kind) {
    case "sticker":
      return type === "image/webp";
    case "voice":
      return VOICE_TYPES.has(type) && (head.length === 0 || typeOfBytes(head) === "audio/ogg");
    case "audio":
      return type.startsWith("audio/") || type === "application/ogg" || type === "video/mp4";
    case "image":
    case "video":
      return SHOWN[kind].has(type);
  }
}

/** What was said, when it agrees with what is there. */
function fitting(kind: string, type: string, carried: string): string {
  if (kind === "image" || kind === "video") return SHOWN[kind].has(type) ? type : carried;
  return type.split("/")[0] === (kind === "sticker" ? "image" : kind) ? type : carried;
}

function bare(type: string | undefined): string | undefined {
  const trimmed = type?.split(";")[0].trim().toLowerCase() ?? "";
  if (UNTOLD.has(trimmed) || !/^[\w.+-]+\/[\w.+-]+$/.test(trimmed)) return undefined;
  return SAME_AS[trimmed] ?? trimmed;
}

function typeOfName(fileName: string | undefined): string | undefined {
  return BY_ENDING[/\.([a-z0-9]{1,5})$/i.exec(fileName ?? "")?.[1].toLowerCase() ?? ""];
}

/**
 * The type that a file's beginning gives away.
 * @see WHATWG MIME Sniffing, "Matching a MIME type pattern"
 */
export function typeOfBytes(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, TELLING_BYTES));
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("\x89PNG")) return "image/png";
  if (text.startsWith("GIF8")) return "image/gif";
  if (text.startsWith("RIFF")) return { WEBP: "image/webp", WAVE: "audio/wav" }[text.slice(8, 12)];
  if (text.slice(4, 8) === "ftyp") return isoType(text.slice(8, 12));
  if (text.startsWith("OggS")) return "audio/ogg";
  if (text.startsWith("ID3")) return "audio/mpeg";
  if (text.startsWith("#!AMR")) return "audio/amr";
  if (text.startsWith("\x1aE\xdf\xa3")) return "video/webm";
  if (text.startsWith("%PDF")) return "application/pdf";
  if (/^\s*<svg/i.test(text)) return "image/svg+xml";
  if (/^\s*<(!doctype html|html)/i.test(text)) return "text/html";
  if (head.length > 1 && head[0] === 0xff && (head[1] & 0xe0) === 0xe0) {
    return (head[1] & 0x06) === 0 ? "audio/aac" : "audio/mpeg";
  }
  return undefined;
}

function isoType(brand: string): string {
  if (brand.startsWith("M4A")) return "audio/mp4";
  if (brand.startsWith("3g")) return "video/3gpp";
  if (brand.startsWith("qt")) return "video/quicktime";
  if (/^(he[iv]|mif1|msf1)/.test(brand)) return "image/heic";
  if (brand.startsWith("avif")) return "image/avif";
  return "video/mp4";
}
