import { createHash, randomBytes } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** 62^43 > 2^256. */
const KEY_CHARACTERS = 43;
/** The largest multiple of 62 in a byte: values from here on would favour the first letters. */
const FAIR_BELOW = 248;

/** A new API key: `kbr_` and 43 letters and digits, 256 bits of chance. Shown once; only its hash is kept. */
export function makeKey(random: (size: number) => Uint8Array = randomBytes): string {
  let text = "";
  while (text.length < KEY_CHARACTERS) {
    for (const byte of random(KEY_CHARACTERS)) {
      if (byte < FAIR_BELOW && text.length < KEY_CHARACTERS) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return `kbr_${text}`;
}

/** What is stored of a key: its SHA-256, 64 lower-case hex digits. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
