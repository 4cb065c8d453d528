import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { afterBlock, BLOCK_BYTES, DIGEST_BYTES, sha256 } from "../sha256.ts";

/** Signs a text with the key that it was made for. */
export type Hmac = (text: string | Uint8Array) => Buffer;

/** From here on, calling into the runtime costs less than the work. */
const LONG_BYTES = 512;
/** Room for a text of this many units, which may take three bytes each. */
const ROOM_UNITS = 4_096;

const encoder = new TextEncoder();
/** A block of the key, and behind it the text that is signed. */
const room = new Uint8Array(BLOCK_BYTES + 3 * ROOM_UNITS);
const roomForText = room.subarray(BLOCK_BYTES);
const digest = new Uint8Array(DIGEST_BYTES);

/**
 * HMAC-SHA256 for a key that is used again and again: the two blocks that begin with the key are hashed once.
 * @see RFC 2104, section 4: "HMAC implementation note"
 */
export function hmacOf(key: Uint8Array): Hmac {
  const short = key.length > BLOCK_BYTES ? new Uint8Array(DIGEST_BYTES) : key;
  if (short !== key) sha256(key, short);
  const padded = (pad: number) =>
    Uint8Array.from({ length: BLOCK_BYTES }, (_, index) => (short[index] ?? 0) ^ pad);
  const inner = padded(0x36);
  const afterInner = afterBlock(inner);
  const afterOuter = afterBlock(padded(0x5c));

  /** The inner hash. */
  function digestOf(text: string | Uint8Array): Uint8Array {
    if (text.length > ROOM_UNITS) return hash("sha256", Buffer.concat([inner, Buffer.from(text)]), "buffer");
    const length = typeof text === "string" ? encoder.encodeInto(text, roomForText).written : text.length;
    if (typeof text !== "string") roomForText.set(text);
    if (length < LONG_BYTES) {
      sha256(roomForText, digest, { length, after: afterInner, blocks: 1 });
      return digest;
    }
    room.set(inner);
    return hash("sha256", room.subarray(0, BLOCK_BYTES + length), "buffer");
  }

  return (text) => {
    const signed = Buffer.allocUnsafe(DIGEST_BYTES);
    sha256(digestOf(text), signed, { after: afterOuter, blocks: 1 });
    return signed;
  };
}

const MOST_KEPT = 4096;

/** Keeps what was made for the keys in use; when there are too many, the oldest goes. */
export function keptHmac(keyOf: (secret: string) => Uint8Array): (secret: string) => Hmac {
  const kept = new Map<string, Hmac>();
  return (secret) => {
    const known = kept.get(secret);
    if (known !== undefined) return known;
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
    const made = hmacOf(keyOf(secret));
    kept.set(secret, made);
    return made;
  };
}
