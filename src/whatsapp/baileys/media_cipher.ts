import { Buffer } from "node:buffer";
import { createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { Transform } from "node:stream";
import { getMediaKeys, type MediaType } from "@whiskeysockets/baileys";
import { WhatsAppRefusal } from "../actions.ts";

/** What a server says that got something unusable from another one: there was an answer, and it is no good. */
export const DAMAGED = 502;
/** How many bytes of a blob's end are its authentication code. */
const MAC_BYTES = 10;

/**
 * A stream that decrypts a blob of WhatsApp's media servers: AES-256-CBC, then the first bytes of an HMAC-SHA256 over
 * IV and ciphertext. It fails at the end when the blob is not what its author encrypted.
 * @see Baileys lib/Utils/messages-media.js `encryptedStream`
 */
export async function createMediaDecipher(mediaKey: Uint8Array, type: MediaType): Promise<Transform> {
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, type);
  if (!macKey) throw new TypeError(`Cannot decrypt media: no key for ${type}`);
  const decipher = createDecipheriv("aes-256-cbc", cipherKey, iv);
  const mac = createHmac("sha256", macKey).update(iv);
  let tail = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Uint8Array, _, done) {
      const known = Buffer.concat([tail, chunk]);
      const ciphertext = known.subarray(0, Math.max(0, known.length - MAC_BYTES));
      tail = known.subarray(ciphertext.length);
      mac.update(ciphertext);
      done(null, decipher.update(ciphertext));
    },
    flush(done) {
      const expected = mac.digest().subarray(0, MAC_BYTES);
      if (tail.length !== MAC_BYTES || !timingSafeEqual(tail, expected)) {
        const message = "Cannot decrypt media: it was damaged, or the key is not its own";
        return done(new WhatsAppRefusal(message, DAMAGED));
      }
      try {
        done(null, decipher.final());
      } catch (error) {
        done(error instanceof Error ? error : new Error("Cannot decrypt media"));
      }
    },
  });
}
