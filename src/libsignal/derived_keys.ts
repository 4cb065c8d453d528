import { Buffer } from "node:buffer";
import { hkdfSync } from "node:crypto";
import crypto from "libsignal/src/crypto.js";

const KEY_BYTES = 32;

type DeriveSecrets = (input: Uint8Array, salt: Buffer, info: Buffer, chunks?: number) => Buffer[];

let installed = false;

/**
 * Derives keys in one native call. libsignal makes the three keys of each message by four HMACs, each an object of its
 * own in Node's crypto; that costs about four times as much. The keys are the same. Once per process.
 * @see RFC 5869; libsignal src/crypto.js, `deriveSecrets`
 */
export function deriveKeysAtOnce(): void {
  if (installed) return;
  installed = true;
  const parts: unknown = crypto;
  if (!hasDeriveSecrets(parts)) throw new TypeError("Cannot mend libsignal: it works otherwise by now");
  parts.deriveSecrets = deriveSecrets;
}

/** HKDF-SHA-256 as keys of 32 bytes. @param chunks How many, from 1 to 3. */
export const deriveSecrets: DeriveSecrets = (input, salt, info, chunks = 3) => {
  if (salt.byteLength !== KEY_BYTES) throw new RangeError("Got salt of incorrect length");
  if (chunks < 1 || chunks > 3) throw new RangeError("Cannot derive other than 1 to 3 keys");
  const all = Buffer.from(hkdfSync("sha256", input, salt, info, KEY_BYTES * chunks));
  return Array.from(
    { length: chunks },
    (_, index) => all.subarray(KEY_BYTES * index, KEY_BYTES * (index + 1)),
  );
};

function hasDeriveSecrets(parts: unknown): parts is { deriveSecrets: DeriveSecrets } {
  return typeof parts === "object" && parts !== null && "deriveSecrets" in parts &&
    typeof parts.deriveSecrets === "function" && parts.deriveSecrets.length === 4;
}
