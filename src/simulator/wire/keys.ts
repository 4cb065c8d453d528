// Curve25519 keys. A public key is 32 raw bytes here; libsignal wants a leading type byte 5.
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, verify as verifyEd25519 } from "node:crypto";
import * as libsignal from "libsignal";
import { makeSignature } from "../../libsignal/signature_making.ts";

interface Curve {
  generateKeyPair(): { pubKey: Uint8Array; privKey: Uint8Array };
  calculateAgreement(publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array;
}

// libsignal 6.0.0 exports `curve` but its types do not say so
const { curve } = libsignal as unknown as { readonly curve: Curve };

// PrivateKeyInfo of an X25519 key, up to the key itself (RFC 8410)
const X25519_PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");

/** A Curve25519 key pair: 32 bytes each. */
export interface KeyPair {
  readonly pub: Buffer;
  readonly priv: Buffer;
}

/** The public key with libsignal's type byte in front: 33 bytes. */
export function typed(pub: Uint8Array): Buffer {
  return pub.length === 33 ? Buffer.from(pub) : Buffer.concat([Buffer.from([5]), pub]);
}

export function newKeyPair(): KeyPair {
  const { pubKey, privKey } = curve.generateKeyPair();
  return { pub: Buffer.from(pubKey).subarray(1), priv: Buffer.from(privKey) };
}

/** The key pair with this secret: 32 bytes, of which X25519 sets the bits that it does not use. */
export function keyPairOf(secret: Uint8Array): KeyPair {
  const priv = Buffer.from(secret);
  priv[0] &= 248;
  priv[31] = (priv[31] & 127) | 64;
  const key = createPrivateKey({ key: Buffer.concat([X25519_PKCS8, priv]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return { pub: Buffer.from(spki.subarray(-32)), priv };
}

/** X25519: the secret that both owners compute. */
export function agree(priv: Uint8Array, pub: Uint8Array): Buffer {
  return Buffer.from(curve.calculateAgreement(typed(pub), Buffer.from(priv)));
}

/** XEdDSA signature, the one that Signal and WhatsApp use: 64 bytes. */
export function sign(priv: Uint8Array, data: Uint8Array): Buffer {
  return makeSignature(priv, data);
}

const FIELD_PRIME = 2n ** 255n - 19n;
// SubjectPublicKeyInfo of an Ed25519 key, up to the key itself (RFC 8410)
const ED25519_SPKI = Buffer.from("302a300506032b6570032100", "hex");

/**
 * Really checks an XEdDSA signature (`Curve.verify` of Baileys 7.0.0-rc14 accepts any): turns the Montgomery key into
 * its Edwards form, whose sign bit is in the signature, and lets Ed25519 do the rest. A hundred times faster than
 * libsignal's own check.
 */
export function verify(pub: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const u = littleEndian(pub) % FIELD_PRIME;
  const y = (u - 1n + FIELD_PRIME) * power(u + 1n, FIELD_PRIME - 2n) % FIELD_PRIME;
  const edwards = Buffer.from(y.toString(16).padStart(64, "0"), "hex").reverse();
  edwards[31] |= signature[63] & 0x80;
  const plain = Buffer.from(signature);
  plain[63] &= 0x7f;
  const key = createPublicKey({ key: Buffer.concat([ED25519_SPKI, edwards]), format: "der", type: "spki" });
  return verifyEd25519(null, data, key, plain);
}

function littleEndian(data: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(data).reverse().toString("hex")}`);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base % FIELD_PRIME; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = result * square % FIELD_PRIME;
    square = square * square % FIELD_PRIME;
  }
  return result;
}

/** An unsigned number as `length` bytes, the way key ids and registration ids travel. */
export function bigEndian(value: number, length: number): Buffer {
  const out = Buffer.alloc(length);
  out.writeUIntBE(value, 0, length);
  return out;
}
