import { RefusedError } from "../errors.ts";
import type { MediaKind } from "../events/content.ts";

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
  "image/apng": "image/png", // which begins with a still picture
  "video/x-m4v": "video/mp4",
  "video/3gp": "video/3gpp",
  "video/3gpp2": "video/3gpp",
  "video/x-matroska": "video/matroska",
  "audio/x-m4a": "audio/mp4",
  "audio/mp3": "audio/mpeg",
  "audio/x-wav": "audio/wav",
  "audio/vnd.wave": "audio/wav",
};
/** What phones record, and play as a voice note. */
const VOICE_TYPE = "audio/ogg; codecs=opus";
/** Types that hold many others: who knows more about the file is believed. */
const CONTAINERS: ReadonlySet<string> = new Set([
  "application/zip",
  "application/x-cfb",
  "application/xml",
  "application/ogg",
]);

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
  mkv: "video/matroska",
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
  /** What the file's bytes give away. */
  readonly seen?: string;
}

/**
 * The type under which a file is sent as this kind of message.
 * @throws {RefusedError} If the file is nothing that such a message can carry.
 */
export function typeFor(kind: MediaKind, clues: TypeClues): string {
  const seen = bare(clues.seen);
  const type = bare(clues.said) ?? knownBetter(seen, clues) ?? "application/octet-stream";
  if (kind === "document") return type;
  const carried = seen ?? type;
  if (fits(kind, carried, clues.seen)) return kind === "voice" ? VOICE_TYPE : fitting(kind, type, carried);
  const shown = kind === "voice" && carried === "audio/ogg" ? `${carried} without Opus` : carried;
  throw new RefusedError(
    "MEDIA_TYPE_NOT_SUPPORTED",
    `Cannot send this file as ${WORDS[kind]}: it is ${shown}`,
    { type: carried },
  );
}

/** What the bytes say, unless that is only the container of what the file's source or its name says. */
function knownBetter(seen: string | undefined, { told, fileName }: TypeClues): string | undefined {
  const named = typeOfName(fileName);
  const source = bare(told);
  // A form's part without a type counts as plain text.
  const other = source === "text/plain" ? named ?? source : source ?? named;
  return seen === undefined || CONTAINERS.has(seen) ? other ?? seen : seen;
}

const WORDS: Readonly<Record<Exclude<MediaKind, "document">, string>> = {
  image: "an image (JPEG, PNG, GIF or WebP)",
  video: "a video (MP4 or 3GP)",
  audio: "audio",
  voice: "a voice note, which must be OGG with Opus (any other audio can be sent as audio)",
  sticker: "a sticker, which must be WebP",
};

function fits(kind: Exclude<MediaKind, "document">, type: string, seen: string | undefined): boolean {
  switch (kind) {
    case "sticker":
      return type === "image/webp";
    case "voice":
      return seen === VOICE_TYPE;
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
