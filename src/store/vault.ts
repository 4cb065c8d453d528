import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { StoreUnavailableError } from "../errors.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** What sealed columns begin with; JSON, which is what the columns hold otherwise, never does. */
const MARK = "sealed:1:";

/** Hides secrets in the columns that hold them. `place` names the column and its row: a seal opens only there. */
export interface Vault {
  seal(text: string, place: string): string;
  /** @throws {StoreUnavailableError} If it was sealed with another key, for another place, or was changed. */
  open(column: string, place: string): string;
}

/** Hides nothing: for gateways without a key. */
export const openVault: Vault = {
  seal: (text) => text,
  open(column, place) {
    if (isSealed(column)) throw unreadable(place);
    return column;
  },
};

/**
 * Seals with AES-256-GCM and a new nonce each time: `sealed:1:` and the Base64 of nonce, tag and text. What was stored
 * before there was a key is read as it is.
 */
export function createVault(key: Uint8Array): Vault {
  return {
    seal(text, place) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(place));
      const hidden = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return MARK + Buffer.concat([iv, cipher.getAuthTag(), hidden]).toString("base64");
    },
    open(column, place) {
      if (!isSealed(column)) return column;
      const bytes = Buffer.from(column.slice(MARK.length), "base64");
      if (bytes.length < IV_BYTES + TAG_BYTES) throw unreadable(place);
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES)).setAAD(Buffer.from(place));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      try {
        const text = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString("utf8");
      } catch {
        throw unreadable(place); // the tag does not fit: that is all there is to know
      }
    },
  };
}

export function isSealed(column: string): boolean {
  return column.startsWith(MARK);
}

/**
 * The key that an operator means: 64 hex digits or the Base64 of 32 bytes are the key itself, anything else is a
 * passphrase.
 * @param salt Of this store, for passphrases.
 * @see RFC 7914 (scrypt), with N = 2^14, r = 8, p = 1
 */
export function keyOf(words: string, salt: Uint8Array): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(words)) return Buffer.from(words, "hex");
  if (/^[\w+/-]{43}=?$/.test(words)) return Buffer.from(words, "base64");
  return scryptSync(words.normalize("NFC"), salt, KEY_BYTES, { N: 2 ** 14, r: 8, p: 1 });
}

function unreadable(place: string): StoreUnavailableError {
  return new StoreUnavailableError(`Cannot read ${place}: it is sealed with another ENCRYPTION_KEY`);
}
