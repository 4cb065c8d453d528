import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import crypto from "libsignal/src/crypto.js";
import { hmacSha256 } from "../../src/libsignal/hmac_sha256.ts";
import { signInProcess } from "../../src/libsignal/macs.ts";

interface Crypto {
  calculateMAC(key: Uint8Array, data: Uint8Array): Buffer;
  verifyMAC(data: Uint8Array, key: Uint8Array, mac: Uint8Array, length: number): void;
}

const libsignals = crypto as unknown as Crypto; // its types leave one out
const original = { ...libsignals };

const signed = (key: Uint8Array, data: Uint8Array) =>
  Buffer.from(createHmac("sha256", key).update(data).digest());

Deno.test("signature is that of Node's crypto for every length around a block", () => {
  for (const keyBytes of [0, 1, 31, 32, 63, 64, 65, 131]) {
    const key = Buffer.alloc(keyBytes, 0x9c);
    for (let bytes = 0; bytes <= 200; bytes++) {
      const data = Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 37) & 0xff));
      assertEquals(hmacSha256(key, data), signed(key, data), `${keyBytes} and ${bytes} bytes`);
    }
  }
});

Deno.test("signature is that of Node's crypto for any key and data", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 140 }), fc.uint8Array({ maxLength: 5_000 }), (key, data) => {
      assertEquals(hmacSha256(key, data), signed(key, data));
    }),
  );
});

Deno.test("signature of an example of RFC 4231 is the one that stands there", () => {
  const signature = hmacSha256(Buffer.from("Jefe"), Buffer.from("what do ya want for nothing?"));

  assertEquals(
    signature.toString("hex"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

Deno.test("signature stays as it is when the next one is made", () => {
  const key = Buffer.alloc(32, 1);
  const first = hmacSha256(key, Buffer.from([1]));
  const before = Buffer.from(first);

  hmacSha256(key, Buffer.from([2]));

  assertEquals(first, before);
});

Deno.test("libsignal signs and checks as before", () => {
  const [key, data] = [Buffer.alloc(32, 3), Buffer.from("a message")];
  const mac: Buffer = original.calculateMAC(key, data).subarray(0, 8);
  const forged = Buffer.from(mac);
  forged[7] ^= 1;

  signInProcess();

  assertNotEquals(libsignals.calculateMAC, original.calculateMAC);
  assertEquals(libsignals.calculateMAC(key, data), original.calculateMAC(key, data));
  libsignals.verifyMAC(data, key, mac, 8);
  assertThrows(() => libsignals.verifyMAC(data, key, forged, 8), Error, "Bad MAC");
  assertThrows(() => libsignals.verifyMAC(data, key, mac.subarray(1), 8), Error, "Bad MAC length");
});
