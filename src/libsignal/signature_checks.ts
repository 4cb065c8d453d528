import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import curve from "libsignal/src/curve.js";
import { Lru } from "../async/lru.ts";

type VerifySignature = (
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  isInit?: boolean,
) => boolean;

/** The field of Curve25519. */
const P = 2n ** 255n - 19n;
/** What stands before the key in an Ed25519 public key (RFC 8410). */
const ED25519 = Buffer.from("302a300506032b6570032100", "hex");
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** The byte that names the curve before a key on the wire. */
const CURVE_25519 = 5;
const SIGN_BIT = 0x80;
/** Keys that were checked with: people of groups sign each message with the same one. */
const REMEMBERED = 1_000;

const known = new Lru<string, KeyObject>(REMEMBERED);
let installed = false;

/**
 * Checks a signature of a Signal key (XEdDSA) by Node's Ed25519, which takes a hundredth of the time that libsignal's
 * own mathematics do: some 5 ms for each message of a group.
 * @param key 32 bytes, or 33 with the byte of the curve.
 * @throws {Error} If the key or the signature has the wrong length.
 * @see Signal, "The XEdDSA and VXEdDSA Signature Schemes", 2.3 and 2.5; curve25519-js `verify` keeps the sign of the
 * key in the signature's last bit
 */
export const verifySignature: VerifySignature = (key, message, signature) => {
  const bare = key.length === KEY_BYTES + 1 && key[0] === CURVE_25519 ? key.subarray(1) : key;
  if (bare.length !== KEY_BYTES) throw new Error("Invalid public key");
  if (signature.length !== SIGNATURE_BYTES) throw new Error("Invalid signature");
  const own = Buffer.from(signature);
  const sign = own[SIGNATURE_BYTES - 1] & SIGN_BIT;
  own[SIGNATURE_BYTES - 1] &= ~SIGN_BIT;
  return verify(null, message, edwardsKey(bare, sign), own);
};

/** The same for a key with or without the byte of its curve; what has the wrong shape is not signed. */
export function isSigned(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verifySignature(key, message, signature);
  } catch {
    return false;
  }
}

/** Has libsignal check signatures so. Once per process. */
export function checkSignaturesNatively(): void {
  if (installed) return;
  installed = true;
  const parts: unknown = curve;
  if (!checks(parts)) throw new TypeError("Cannot mend libsignal: it works otherwise by now");
  // a session that somebody begins has its keys taken on first use
  parts.verifySignature = (key, message, signature, isInit) =>
    isInit ? true : verifySignature(key, message, signature);
}

function checks(parts: unknown): parts is { verifySignature: VerifySignature } {
  return typeof parts === "object" && parts !== null && "verifySignature" in parts &&
    typeof parts.verifySignature === "function" && parts.verifySignature.length === 4;
}

/** As Node's key, remembered. */
function edwardsKey(montgomery: Uint8Array, sign: number): KeyObject {
  const name = `${Buffer.from(montgomery).toString("latin1")}${sign}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  const edwards = edwardsOf(montgomery);
  edwards[KEY_BYTES - 1] |= sign;
  const made = createPublicKey({ key: Buffer.concat([ED25519, edwards]), format: "der", type: "spki" });
  known.set(name, made);
  return made;
}

/** The same key on the curve that signatures are made on, without its sign: y = (u - 1) / (u + 1). */
export function edwardsOf(montgomery: Uint8Array): Buffer {
  const little = Buffer.from(montgomery);
  little[KEY_BYTES - 1] &= ~SIGN_BIT;
  const u = BigInt(`0x${little.reverse().toString("hex")}`);
  const y = (u - 1n + P) * power(u + 1n, P - 2n) % P;
  return Buffer.from(y.toString(16).padStart(2 * KEY_BYTES, "0"), "hex").reverse();
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base % P, left = exponent; left > 0n; left >>= 1n, square = square * square % P) {
    if (left & 1n) result = result * square % P;
  }
  return result;
}
