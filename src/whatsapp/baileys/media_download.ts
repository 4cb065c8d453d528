import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Buffer } from "node:buffer";
import { DEFAULT_ORIGIN, type MediaType, type WAMessage } from "@whiskeysockets/baileys";
import type { ResolvedProxy } from "../../net/proxy.ts";
import { clientOf } from "./proxied.ts";
import { messageOf } from "../../errors.ts";
import type { MediaKind } from "../../events/content.ts";
import { type Downloaded, WhatsAppRefusal } from "../actions.ts";
import { codeOf } from "./errors.ts";
import { createMediaDecipher, DAMAGED } from "./media_cipher.ts";
import { fileOf } from "./normalise/business.ts";
import { descriptorOf, type MediaFields } from "./normalise/media.ts";
import { unwrap } from "./normalise/unwrap.ts";

/** How the media servers are reached. */
export interface MediaFrom {
  /** The authority (PEM) of those servers, instead of what is trusted everywhere. */
  readonly caPem: string | undefined;
  /** What they are reached through; undefined: nothing. */
  readonly proxy: ResolvedProxy | undefined;
  readonly signal: AbortSignal;
}

export interface DownloadOptions extends MediaFrom {
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
/** Even a large file on a slow line is there by then. */
const DOWNLOAD_MS = 300_000;
/** The server has the file no more. */
export class FileGoneError extends Error {
  override readonly name = "FileGoneError";
}
const GONE: ReadonlySet<number> = new Set([404, 410]);
const GONE_FOR_GOOD = 404;
const NO_FILE = 404;
/** The address of the file is not valid any more; the phone gets another one. @see whatsmeow download.go */
const EXPIRED = 403;

/** Fetches, decrypts and checks the file of a message, as a stream to disk. */
export async function downloadMedia(info: WAMessage, options: DownloadOptions): Promise<Downloaded> {
  const host = hostOf(info, options.hosts);
  try {
    return await fetchFile(info, host, options);
  } catch (error) {
    const isExpired = error instanceof WhatsAppRefusal && error.code === EXPIRED;
    if (!isExpired && !(error instanceof FileGoneError)) throw refusalOf(error);
  }
  try {
    return await fetchFile(await options.reupload(info), host, options);
  } catch (error) {
    throw error instanceof FileGoneError ? refusalOf(error, GONE_FOR_GOOD) : refusalOf(error);
  }
}

async function fetchFile(info: WAMessage, host: string, options: DownloadOptions): Promise<Downloaded> {
  const found = info.message && fileOf(unwrap(info.message).message);
  if (!found) throw new WhatsAppRefusal("The message has no file", NO_FILE);
  const mediaKey = found.part.mediaKey;
  if (!mediaKey?.length) throw new WhatsAppRefusal("The message came without the key of its file", DAMAGED);
  const { kind, part } = found;
  const decipher = await createMediaDecipher(mediaKey, KEY_TYPES[kind]);
  const blob = await fetchBlob(addressOf(part, options.hosts, host), options);
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
    await pipeline(blob, decipher, measure, createWriteStream(path, { mode: 0o600 }));
    if (part.fileSha256?.length && !hash.digest().equals(Buffer.from(part.fileSha256))) {
      throw new WhatsAppRefusal("The file is not the one that was sent: its hash differs", DAMAGED);
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  const { mimeType, fileName = null } = descriptorOf(found, info.key.id ?? "");
  return { kind, mimeType, sizeBytes, fileName };
}

/** Where the file is. The server in a message's own address counts only if it is one of WhatsApp's. */
function addressOf({ directPath, url }: MediaFields, hosts: readonly string[] | null, host: string): string {
  if (directPath?.startsWith("/")) return `https://${host}${directPath}`;
  if (url && (hosts === null || isFrom(url, hosts))) return url;
  throw new WhatsAppRefusal("The file is not on WhatsApp's servers", 404);
}

/** The encrypted file, as a stream. */
export async function fetchBlob(
  address: string,
  { caPem, proxy, signal }: MediaFrom,
): Promise<AsyncIterable<Uint8Array>> {
  const client = clientOf({ proxy, caPem });
  try {
    const timeout = AbortSignal.timeout(DOWNLOAD_MS);
    const response = await fetch(address, {
      client,
      headers: { origin: DEFAULT_ORIGIN },
      redirect: "error",
      signal: AbortSignal.any([timeout, signal]),
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      if (GONE.has(response.status)) throw new FileGoneError("WhatsApp no longer has the file");
      throw new WhatsAppRefusal(`WhatsApp answered HTTP ${response.status} for the file`, response.status);
    }
    return response.body;
  } finally {
    client?.close(); // what is under way goes on
  }
}

/** The server that has the files, by the message as it came: a new upload tells a path only. */
function hostOf(info: WAMessage, hosts: readonly string[] | null): string {
  const url = info.message && fileOf(unwrap(info.message).message)?.part.url;
  if (hosts === null && url && URL.canParse(url)) return new URL(url).host;
  return (hosts ?? MEDIA_HOSTS)[0];
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
