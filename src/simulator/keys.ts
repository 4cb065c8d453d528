// Curve25519 keys. A public key is 32 raw bytes here; libsignal wants a leading type byte 5.
import { Buffer } from "node:buffer";
import * as libsignal from "libsignal";

interface Curve {
  generateKeyPair(): { pubKey: Uint8Array; privKey: Uint8Array };
  calculateAgreement(publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array;
  calculateSignature(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

// libsignal 6.0.0 exports `curve` but its types do not say so
const { curve } = libsignal as unknown as { readonly curve: Curve };

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

/** X25519: the secret that both owners compute. */
export function agree(priv: Uint8Array, pub: Uint8Array): Buffer {
  return Buffer.from(curve.calculateAgreement(typed(pub), Buffer.from(priv)));
}

/** XEdDSA signature, the one that Signal and WhatsApp use: 64 bytes. */
export function sign(priv: Uint8Array, data: Uint8Array): Buffer {
  return Buffer.from(curve.calculateSignature(Buffer.from(priv), Buffer.from(data)));
}

/** Really checks the signature (`Curve.verify` of Baileys 7.0.0-rc14 accepts any). About 25 ms. */
export function verify(pub: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  return curve.verifySignature(typed(pub), Buffer.from(data), Buffer.from(signature)) === true;
}

/** An unsigned number as `length` bytes, the way key ids and registration ids travel. */
export function bigEndian(value: number, length: number): Buffer {
  const out = Buffer.alloc(length);
  out.writeUIntBE(value, 0, length);
  return out;
}
