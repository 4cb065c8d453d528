import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { afterBlock, BLOCK_BYTES, DIGEST_BYTES, type Midstate, sha256 } from "../sha256.ts";

const block = new Uint8Array(BLOCK_BYTES);
const digest = new Uint8Array(DIGEST_BYTES);
/** Signatures share pieces of memory that are smaller than Node's, as the keys among them are kept for long. */
const PIECE_BYTES = 1_024;
let piece = new ArrayBuffer(PIECE_BYTES);
let used = 0;

/** 32 bytes for one signature. */
function room(): Buffer {
  if (used === PIECE_BYTES) {
    piece = new ArrayBuffer(PIECE_BYTES);
    used = 0;
  }
  const found = Buffer.from(piece, used, DIGEST_BYTES);
  used += DIGEST_BYTES;
  return found;
}

/** From here on, calling into the runtime costs less than the work. */
const LONG_BYTES = 2_048;

/**
 * HMAC with SHA-256. For the few bytes that a ratchet signs, calling into the runtime costs ten times as much as the
 * work itself.
 * @see RFC 2104
 */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Buffer {
  if (data.byteLength > LONG_BYTES) return Buffer.from(createHmac("sha256", key).update(data).digest());
  const short = key.byteLength > BLOCK_BYTES ? new Uint8Array(DIGEST_BYTES) : key;
  if (short !== key) sha256(key, short);
  sha256(data, digest, { after: begun(short, 0x36), blocks: 1 });
  const result = room();
  sha256(digest, result, { after: begun(short, 0x5c), blocks: 1 });
  return result;
}

/** The key with a byte that is added to each of its bytes, as a whole block. */
function begun(key: Uint8Array, pad: number): Midstate {
  for (let index = 0; index < BLOCK_BYTES; index++) {
    block[index] = (index < key.byteLength ? key[index] : 0) ^ pad;
  }
  return afterBlock(block);
}
