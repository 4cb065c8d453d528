import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { Lru } from "../async/lru.ts";
import { edwardsOf, verifySignature } from "./signature_checks.ts";

/** The order of the base point of Curve25519. */
const Q = 2n ** 252n + 27742317777372353535851937790883648493n;
/** What stands before the secret in a private key (RFC 8410). */
const X25519_SECRET = Buffer.from("302e020100300506032b656e04220420", "hex");
const ED25519_SECRET = Buffer.from("302e020100300506032b657004220420", "hex");
/** Sets a hash for nonces apart from all others: 2^256 - 2 in little endian. */
const NONCE = Buffer.from([0xfe, ...Array<number>(31).fill(0xff)]);
const KEY_BYTES = 32;
const SIGN_BIT = 0x80;
/** Keys that were signed with: a device has one for each of its groups. */
const REMEMBERED = 200;

/** A key as signatures need it. */
interface SigningKey {
  readonly secret: bigint;
  readonly pub: Buffer;
}

const known = new Lru<string, SigningKey>(REMEMBERED);

/**
 * Signs with a Signal key (XEdDSA), in a thirtieth of the time that libsignal's own mathematics take: some 10 ms for
 * each message to a group. Node only signs with Ed25519 secrets, which a Signal key is not; but it gives the point of
 * an Ed25519 secret that nobody has seen before, and one such point is all that a signature needs.
 * @param key The private key, 32 bytes.
 * @see Signal, "The XEdDSA and VXEdDSA Signature Schemes", 2.3; curve25519-js `sign` keeps the sign of the key in the
 * signature's last bit
 */
export function makeSignature(key: Uint8Array, message: Uint8Array): Buffer {
  if (key.length !== KEY_BYTES) throw new Error("Invalid private key");
  return signWith(signingKeyOf(key), key, message);
}

function signWith({ secret, pub }: SigningKey, key: Uint8Array, message: Uint8Array): Buffer {
  const { nonce, point } = newNonce(key, message);
  const challenge = numberOf(hash(point, pub, message)) % Q;
  const signature = Buffer.concat([point, bytesOf((nonce + challenge * secret) % Q)]);
  signature[signature.length - 1] |= pub[KEY_BYTES - 1] & SIGN_BIT;
  return signature;
}

/**
 * A number that is used once, and its point. As a secret of Ed25519 the number lies in one half of all there are; the
 * number or its negative, each as likely as the other, may be any (to 2^-127).
 */
function newNonce(key: Uint8Array, message: Uint8Array): { readonly nonce: bigint; readonly point: Buffer } {
  const seeds = hash(NONCE, key, message, randomBytes(64));
  const seed = seeds.subarray(0, KEY_BYTES);
  const positive = numberOf(clamped(hash(seed))) % Q; // as Ed25519 makes it of its seed
  const point = pointOf(ED25519_SECRET, seed);
  if ((seeds[KEY_BYTES] & 1) === 0) return { nonce: positive, point };
  point[KEY_BYTES - 1] ^= SIGN_BIT;
  return { nonce: Q - positive, point };
}

function signingKeyOf(key: Uint8Array): SigningKey {
  const name = Buffer.from(key).toString("latin1");
  const found = known.get(name);
  if (found !== undefined) return found;
  const secret = numberOf(clamped(key)) % Q;
  const montgomery = pointOf(X25519_SECRET, key);
  const positive = { secret, pub: edwardsOf(montgomery) };
  // only a signature shows which of both signs the key has
  const message = randomBytes(KEY_BYTES);
  const isPositive = verifySignature(montgomery, message, signWith(positive, key, message));
  const made = isPositive ? positive : { secret, pub: negated(positive.pub) };
  known.set(name, made);
  return made;
}

function negated(point: Buffer): Buffer {
  const other = Buffer.from(point);
  other[KEY_BYTES - 1] ^= SIGN_BIT;
  return other;
}

/** The public key of a secret. */
function pointOf(kind: Buffer, secret: Uint8Array): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([kind, secret]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return Buffer.from(spki.subarray(-KEY_BYTES));
}

/** The first 32 bytes, with the bits set that every secret of the curve has. */
function clamped(bytes: Uint8Array): Buffer {
  const secret = Buffer.from(bytes.subarray(0, KEY_BYTES));
  secret[0] &= 248;
  secret[KEY_BYTES - 1] = (secret[KEY_BYTES - 1] & 127) | 64;
  return secret;
}

function hash(...parts: readonly Uint8Array[]): Buffer {
  const sha512 = createHash("sha512");
  for (const part of parts) sha512.update(part);
  return sha512.digest();
}

function numberOf(little: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(little).reverse().toString("hex")}`);
}

function bytesOf(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(2 * KEY_BYTES, "0"), "hex").reverse();
}
