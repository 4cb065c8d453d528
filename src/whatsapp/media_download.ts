import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Buffer } from "node:buffer";
import { downloadContentFromMessage, type MediaType, type WAMessage } from "@whiskeysockets/baileys";
import { messageOf } from "../errors.ts";
import type { MediaKind } from "../events/content.ts";
import { type Downloaded, WhatsAppRefusal } from "./actions.ts";
import { codeOf } from "./baileys_errors.ts";
import { mediaContent, type MediaFields, mediaPartOf } from "./normalise/media.ts";
import { unwrap } from "./normalise/unwrap.ts";

export interface DownloadOptions {
  readonly path: string;
  readonly maxBytes: number;
  /** The only hosts that files may come from; null: any, for a simulator. */
  readonly hosts: readonly string[] | null;
  /** Asks the phone to upload the file again; gives the message with its new address. */
  readonly reupload: (info: WAMessage) => Promise<WAMessage>;
}

/** WhatsApp's media servers. The address in a message is its author's word. */
export const MEDIA_HOSTS: readonly string[] = ["mmg.whatsapp.net"];

/** The names under which the keys of a kind are derived. */
const KEY_TYPES: Readonly<Record<MediaKind, MediaType>> = {
  image: "image",
  video: "video",
  audio: "audio",
  voice: "audio",
  document: "document",
  sticker: "sticker",
};
const GONE: ReadonlySet<number> = new Set([404, 410]);

/** Fetches, decrypts and checks the file of a message, as a stream to disk. */
export async function downloadMedia(info: WAMessage, options: DownloadOptions): Promise<Downloaded> {
  try {
    return await fetchFile(info, options);
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof WhatsAppRefusal || code === null || !GONE.has(code)) throw refusalOf(error);
  }
  try {
    return await fetchFile(await options.reupload(info), options);
  } catch (error) {
    throw refusalOf(error, 404);
  }
}

async function fetchFile(info: WAMessage, options: DownloadOptions): Promise<Downloaded> {
  const found = info.message && mediaPartOf(unwrap(info.message).message);
  if (!found?.part.mediaKey) throw new WhatsAppRefusal("The message has no file", 404);
  const { kind, part } = found;
  const stream = await openStream(kind, part, options.hosts);
  const { path, maxBytes } = options;
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const measure = new Transform({
    transform(chunk: Uint8Array, _, done) {
      sizeBytes += chunk.length;
      hash.update(chunk);
      if (sizeBytes <= maxBytes) done(null, chunk);
      else done(new WhatsAppRefusal(`The file is larger than ${maxBytes} bytes`, 413));
    },
  });
  try {
    await pipeline(stream, measure, createWriteStream(path, { mode: 0o600 }));
    if (part.fileSha256?.length && !hash.digest().equals(Buffer.from(part.fileSha256))) {
      throw new WhatsAppRefusal("The file is not the one that was sent: its hash differs", null);
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  const content = mediaContent(found, info.key.id ?? "");
  const media = "media" in content ? content.media : undefined;
  return {
    kind,
    mimeType: media?.mimeType ?? "application/octet-stream",
    sizeBytes,
    fileName: media?.fileName ?? null,
  };
}

function openStream(kind: MediaKind, part: MediaFields, hosts: readonly string[] | null) {
  const { mediaKey, directPath } = part;
  const url = hosts === null || isFrom(part.url, hosts) ? part.url : undefined;
  if (!directPath && !url) throw new WhatsAppRefusal("The file is not on WhatsApp's servers", 404);
  return downloadContentFromMessage(
    { mediaKey, directPath, url },
    KEY_TYPES[kind],
    hosts === null ? {} : { host: hosts[0] },
  );
}

function isFrom(url: string | null | undefined, hosts: readonly string[]): boolean {
  if (!url || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" && hosts.includes(hostname);
}

function refusalOf(error: unknown, code: number | null = codeOf(error)): WhatsAppRefusal {
  if (error instanceof WhatsAppRefusal) return error;
  return new WhatsAppRefusal(`Cannot fetch the file: ${messageOf(error)}`, code);
}
