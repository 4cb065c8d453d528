import { z } from "@hono/zod-openapi";
import { InvalidError, RefusedError } from "../../errors.ts";
import type { MediaKind } from "../../events/content.ts";
import type { FileRequest, Upload } from "../../media/outgoing.ts";
import { body } from "../fields.ts";
import { withFlags } from "../media_request.ts";
import { Caption, ENVELOPE_FIELDS, envelopeOf, type SendBody } from "./message_bodies.ts";

const Name = z.string().min(1).max(255);
const Type = z.string().min(3).max(100);
const Url = z.string().min(1).max(8_192);
const Base64 = z.string().min(1);
const KINDS = ["image", "video", "audio", "voice", "document", "sticker"] as const;

/** What a message with a file takes as JSON. Names of other gateways for the same things are taken too. */
export const MediaBody = body({
  ...ENVELOPE_FIELDS,
  media_url: Url.optional().openapi({ description: "Where the file is fetched from" }),
  mediaUrl: Url.optional(),
  url: Url.optional(),
  media_base64: Base64.optional().openapi({ description: "The file itself, as base64 or as a data URL" }),
  mediaBuffer: Base64.optional(),
  base64: Base64.optional(),
  media_type: z.enum(KINDS).optional().openapi({
    description: "How it is sent, on `/messages/media`; by the file's type when left out",
  }),
  mediaType: z.enum(KINDS).optional(),
  mime_type: Type.optional().openapi({ description: "By the file's first bytes when left out" }),
  mimeType: Type.optional(),
  caption: Caption.optional(),
  file_name: Name.optional(),
  fileName: Name.optional(),
  seconds: z.int().min(0).max(86_400).optional().openapi({ description: "How long it plays" }),
  view_once: z.boolean().optional().openapi({
    description: "The recipient can open it only once: images, videos, audio and voice notes",
  }),
  viewOnce: z.boolean().optional(),
  gif_playback: z.boolean().optional().openapi({
    description: "A video plays by itself, over and over, without sound, as GIFs do on WhatsApp",
  }),
  gifPlayback: z.boolean().optional(),
});

const URL_FIELDS = ["media_url", "mediaUrl", "url"] as const;
/** Those that carry the file itself. */
export const BASE64_FIELDS: ReadonlySet<string> = new Set(["media_base64", "mediaBuffer", "base64"]);

type MediaFields = z.output<typeof MediaBody>;

/** What a message with a file takes as a form: the file, and the same fields beside it. */
export const MediaForm = z.object({
  to: z.string(),
  file: z.string().openapi({ format: "binary", description: "The file; any name of the field will do" }),
  caption: z.string().optional(),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
  media_type: z.enum(KINDS).optional(),
  seconds: z.string().optional(),
  view_once: z.enum(["true", "false"]).optional(),
  gif_playback: z.enum(["true", "false"]).optional(),
  quoted_message_id: z.string().optional(),
  mentions: z.string().optional().openapi({ description: "Separated by commas" }),
  idempotency_key: z.string().optional(),
  send_at: z.string().optional(),
});

const FLAGS: ReadonlySet<string> = new Set(["view_once", "viewOnce", "gif_playback", "gifPlayback"]);

/** A form's fields, all text, as the JSON that they stand for. */
export function fieldsOfForm(fields: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const { seconds, mentions, ...others } = fields;
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== ""));
  return {
    ...withFlags(given, FLAGS),
    ...(seconds ? { seconds: /^\d+$/.test(seconds) ? Number(seconds) : seconds } : {}),
    ...(mentions
      ? { mentions: mentions.split(",").map((one) => one.trim()).filter((one) => one !== "") }
      : {}),
  };
}

/**
 * The message that a body asks for.
 * @param kind What the path says; null on `/messages/media`.
 * @throws {RefusedError | InvalidError} If it names no file, or more than one, or says what its kind cannot.
 */
export function mediaMessageOf(
  kind: MediaKind | null,
  fields: MediaFields,
  upload: Upload | undefined,
): SendBody {
  checkKind(kind, fields);
  const fileName = fields.file_name ?? fields.fileName;
  const file = fileOf(fields, upload);
  const { caption, seconds, view_once, viewOnce = view_once, gif_playback, gifPlayback = gif_playback } =
    fields;
  return {
    ...envelopeOf(fields),
    content: {
      kind: kind ?? fields.media_type ?? fields.mediaType ?? "any",
      file,
      ...(caption === undefined ? {} : { caption }),
      ...(fileName === undefined ? {} : { fileName }),
      ...(seconds === undefined ? {} : { seconds }),
      ...(viewOnce ? { viewOnce } : {}),
      ...(gifPlayback ? { gifPlayback } : {}),
    },
  };
}

function fileOf(fields: MediaFields, upload: Upload | undefined): FileRequest {
  const url = fields.media_url ?? fields.mediaUrl ?? fields.url;
  if ((url === undefined) === (upload === undefined)) {
    const what = url === undefined ? "it names no file" : "it names more than one file";
    const message =
      `Cannot send this: ${what}; give one of \`media_url\`, \`media_base64\`, or a file in a form`;
    throw new RefusedError("INVALID_MEDIA", message);
  }
  const mimeType = fields.mime_type ?? fields.mimeType;
  const said = mimeType === undefined ? {} : { mimeType };
  if (upload !== undefined) return { from: "upload", upload, ...said };
  const field = URL_FIELDS.find((name) => fields[name] !== undefined) ?? "media_url";
  return { from: "url", url: url ?? "", field, ...said };
}

/** Refuses what a message of this kind cannot do with what it is given. */
function checkKind(kind: MediaKind | null, { media_type, mediaType, caption }: MediaFields): void {
  const said = media_type ?? mediaType;
  if (kind !== null && said !== undefined && said !== kind) {
    const message = `Field \`media_type\` must be ${kind} or left out on this path, got "${said}"`;
    throw new InvalidError("media_type", message);
  }
  const sentAs = kind ?? said;
  if (caption && (sentAs === "voice" || sentAs === "audio" || sentAs === "sticker")) {
    const message =
      `Field \`caption\` cannot go with ${sentAs}: WhatsApp shows none there; send a text as well`;
    throw new InvalidError("caption", message);
  }
}
