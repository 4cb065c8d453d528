// The format of encrypted media: AES-256-CBC with a MAC, keys derived from the `mediaKey` that the message carries.
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** What a message can carry as a file. */
export type MediaKind = "image" | "video" | "audio" | "document" | "sticker";

/** What is encrypted as a file: what messages carry, and pages of history. */
export type SealedKind = MediaKind | "history";

// Baileys lib/Defaults MEDIA_HKDF_KEY_MAPPING
const KEY_INFO: Readonly<Record<SealedKind, string>> = {
  image: "WhatsApp Image Keys",
  sticker: "WhatsApp Image Keys",
  video: "WhatsApp Video Keys",
  audio: "WhatsApp Audio Keys",
  document: "WhatsApp Document Keys",
  history: "WhatsApp History Keys",
};
const MAC_BYTES = 10;

/** An encrypted file, and what a message says about it. */
export interface SealedMedia {
  readonly blob: Buffer;
  readonly mediaKey: Buffer;
  readonly fileSha256: Buffer;
  readonly fileEncSha256: Buffer;
  readonly fileLength: number;
}

export function sha256(data: Uint8Array): Buffer {
  return createHash("sha256").update(data).digest();
}

function keysFor(mediaKey: Uint8Array, kind: SealedKind) {
  const keys = Buffer.from(hkdfSync("sha256", mediaKey, Buffer.alloc(0), KEY_INFO[kind], 112));
  return { iv: keys.subarray(0, 16), cipher: keys.subarray(16, 48), mac: keys.subarray(48, 80) };
}

function macOf(keys: { readonly iv: Buffer; readonly mac: Buffer }, body: Buffer): Buffer {
  return createHmac("sha256", keys.mac).update(keys.iv).update(body).digest().subarray(0, MAC_BYTES);
}

export function sealMedia(plain: Uint8Array, kind: SealedKind): SealedMedia {
  const mediaKey = randomBytes(32);
  const keys = keysFor(mediaKey, kind);
  const cipher = createCipheriv("aes-256-cbc", keys.cipher, keys.iv);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  const blob = Buffer.concat([body, macOf(keys, body)]);
  return { blob, mediaKey, fileSha256: sha256(plain), fileEncSha256: sha256(blob), fileLength: plain.length };
}

/** @throws {Error} If the blob was not made with this key, or was damaged. */
export function openMedia(blob: Buffer, mediaKey: Uint8Array, kind: SealedKind): Buffer {
  const keys = keysFor(mediaKey, kind);
  const body = blob.subarray(0, blob.length - MAC_BYTES);
  if (!macOf(keys, body).equals(blob.subarray(blob.length - MAC_BYTES))) {
    throw new Error("Cannot open media: wrong MAC");
  }
  const decipher = createDecipheriv("aes-256-cbc", keys.cipher, keys.iv);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}
