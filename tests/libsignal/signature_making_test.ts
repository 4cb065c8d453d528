import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import curve from "libsignal/src/curve.js";
import { makeSignature } from "../../src/libsignal/signature_making.ts";

interface Curve {
  generateKeyPair(): { readonly pubKey: Buffer; readonly privKey: Buffer };
  verifySignature(key: Uint8Array, message: Uint8Array, signature: Uint8Array, isInit?: boolean): boolean;
}

const libsignals = curve as unknown as Curve; // its types say less
const verify = libsignals.verifySignature; // its own, whatever other tests put there

Deno.test("signature is found good by libsignal's own check, whichever key makes it", () => {
  const keySigns = new Set<number>();
  const pointSigns = new Set<number>();
  for (let n = 0; n < 24; n++) {
    const { pubKey, privKey } = libsignals.generateKeyPair();
    const message = randomBytes(n * 30);

    const [first, again] = [makeSignature(privKey, message), makeSignature(privKey, message)];

    assertEquals([first.length, again.length], [64, 64]);
    assert(verify(pubKey, message, first));
    assert(verify(pubKey, message, again));
    keySigns.add(first[63] & 0x80);
    for (const { 31: byte } of [first, again]) pointSigns.add(byte & 0x80);
  }
  assertEquals([keySigns.size, pointSigns.size], [2, 2]); // keys and points of both signs
});

Deno.test("signature is found bad by libsignal's own check for another message or key", () => {
  const { pubKey, privKey } = libsignals.generateKeyPair();
  const message = randomBytes(50);
  const signature = makeSignature(privKey, message);

  assertEquals(verify(pubKey, randomBytes(50), signature), false);
  assertEquals(verify(libsignals.generateKeyPair().pubKey, message, signature), false);
});

Deno.test("the number in a signature is never used again, not even for the same message", () => {
  const { privKey } = libsignals.generateKeyPair();
  const message = randomBytes(20);

  const points = Array.from(
    { length: 20 },
    () => makeSignature(privKey, message).subarray(0, 32).toString("hex"),
  );

  assertEquals(new Set(points).size, points.length);
  assertNotEquals(points[0], points[1]);
});

Deno.test("key of another length signs nothing", () => {
  assertThrows(() => makeSignature(randomBytes(33), randomBytes(4)), Error, "private key");
});
