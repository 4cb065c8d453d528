import { assert, assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import curve from "libsignal/src/curve.js";
import { checkSignaturesNatively, verifySignature } from "../../src/libsignal/signature_checks.ts";

interface Curve {
  generateKeyPair(): { readonly pubKey: Buffer; readonly privKey: Buffer };
  calculateSignature(key: Uint8Array, message: Uint8Array): Buffer;
  verifySignature(key: Uint8Array, message: Uint8Array, signature: Uint8Array, isInit?: boolean): boolean;
}

const libsignals = curve as unknown as Curve; // its types say less
const original = libsignals.verifySignature;

/** A copy with one bit turned. */
function damaged(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
}

Deno.test("signature of libsignal is found good, whichever key made it", () => {
  const signs = new Set<number>();
  for (let n = 0; n < 30; n++) {
    const { pubKey, privKey } = libsignals.generateKeyPair();
    const message = randomBytes(n * 20);
    const signature = libsignals.calculateSignature(privKey, message);
    signs.add(signature[63] & 0x80);

    assert(verifySignature(pubKey, message, signature));
    assert(verifySignature(pubKey.subarray(1), message, signature));
  }
  assertEquals(signs.size, 2); // keys of both signs
});

Deno.test("signature is found bad as by libsignal when the message, the key or itself is another", () => {
  const { pubKey, privKey } = libsignals.generateKeyPair();
  const message = randomBytes(100);
  const signature = libsignals.calculateSignature(privKey, message);

  for (const bit of [0, 7, 200, 255, 256, 400, 500, 511]) {
    const others: [Uint8Array, Uint8Array, Uint8Array][] = [
      [pubKey, message, damaged(signature, bit)],
      [pubKey, damaged(message, bit), signature],
      [libsignals.generateKeyPair().pubKey, message, signature],
    ];
    for (const [key, said, by] of others) {
      assertEquals([verifySignature(key, said, by), original(key, said, by)], [false, false], `bit ${bit}`);
    }
  }
});

Deno.test("keys and signatures of another length are refused", () => {
  const { pubKey } = libsignals.generateKeyPair();

  assertThrows(
    () => verifySignature(pubKey.subarray(2), randomBytes(4), randomBytes(64)),
    Error,
    "public key",
  );
  assertThrows(() => verifySignature(pubKey, randomBytes(4), randomBytes(63)), Error, "signature");
});

Deno.test("libsignal checks signatures by the faster way, but for sessions that begin", () => {
  const { pubKey, privKey } = libsignals.generateKeyPair();
  const message = randomBytes(10);
  const signature = libsignals.calculateSignature(privKey, message);

  checkSignaturesNatively();

  const { verifySignature: installed } = libsignals;
  assert(installed !== original);
  assertEquals([
    installed(pubKey, message, signature),
    installed(pubKey, randomBytes(10), signature),
    installed(pubKey, randomBytes(10), signature, true),
  ], [true, false, true]);
});
