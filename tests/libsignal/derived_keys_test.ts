import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import crypto from "libsignal/src/crypto.js";
import { deriveSecrets } from "../../src/libsignal/derived_keys.ts";

/** As it is before anything replaces it. */
const original: (...given: Parameters<typeof deriveSecrets>) => readonly Buffer[] = crypto.deriveSecrets;

Deno.test("keys that are derived at once are those that libsignal derives", () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
  const salt = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((array) => Buffer.from(array));

  fc.assert(fc.property(bytes(80), salt, bytes(40), fc.constantFrom(1, 2, 3, undefined), (...given) => {
    assertEquals(deriveSecrets(...given), original(...given));
  }));
});

Deno.test("a salt of another length is refused, as libsignal refuses it", () => {
  const [input, info] = [Buffer.alloc(32), Buffer.from("info")];

  assertThrows(() => deriveSecrets(input, Buffer.alloc(31), info), RangeError);
  assertThrows(() => deriveSecrets(input, Buffer.alloc(32), info, 4), RangeError);
});
