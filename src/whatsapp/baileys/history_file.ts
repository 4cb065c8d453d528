import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { inflate } from "node:zlib";
import type { proto } from "@whiskeysockets/baileys";
import { WhatsAppRefusal } from "../actions.ts";
import { createMediaDecipher } from "./media_cipher.ts";
import { fetchBlob, FileGoneError, type MediaFrom } from "./media_download.ts";

/** The page cannot be had, now or later. */
export const GONE = 404;

const unpacked = promisify<Uint8Array, Uint8Array>(inflate);

/**
 * The page of the past that a phone has announced, as an encoded `HistorySync`: it lies in the announcement, or in a
 * file on WhatsApp's media servers.
 * @throws {WhatsAppRefusal} With the code `GONE` when there is no such file, or it is not what the phone put there.
 * @see Baileys lib/Utils/history.js `downloadHistory`
 */
export async function readHistoryPage(
  notification: proto.Message.IHistorySyncNotification,
  from: MediaFrom & { readonly host: () => Promise<string> },
): Promise<Uint8Array> {
  const { initialHistBootstrapInlinePayload: inline, directPath, mediaKey, fileSha256 } = notification;
  if (inline?.length) return await unpacked(inline);
  if (!directPath?.startsWith("/") || !mediaKey?.length) {
    throw new WhatsAppRefusal("The page of history came without its file", GONE);
  }
  const decipher = await createMediaDecipher(mediaKey, "md-msg-hist");
  const blob = await fetchBlob(`https://${await from.host()}${directPath}`, from).catch((error: unknown) => {
    throw error instanceof FileGoneError ? new WhatsAppRefusal(error.message, GONE) : error;
  });
  const pieces: Uint8Array[] = [];
  for await (const piece of Readable.from(blob).pipe(decipher)) pieces.push(piece as Uint8Array);
  const packed = Buffer.concat(pieces);
  if (fileSha256?.length && !createHash("sha256").update(packed).digest().equals(Buffer.from(fileSha256))) {
    throw new WhatsAppRefusal(
      "The page of history is not the one that the phone sent: its hash differs",
      GONE,
    );
  }
  return await unpacked(packed);
}
