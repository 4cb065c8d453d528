import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { hashKey, makeKey } from "../../src/tenants/keys.ts";

Deno.test("keys are 43 letters and digits after their prefix", () => {
  assertMatch(makeKey(), /^kbr_[A-Za-z0-9]{43}$/);
  assertNotEquals(makeKey(), makeKey());
});

Deno.test("keys skip bytes that would favour some letters", () => {
  const bytes = new Uint8Array([255, 0, 250, 61, 62, 247]);

  const key = makeKey((size) => Uint8Array.from({ length: size }, (_, i) => bytes[i % bytes.length]));

  assertEquals(key.slice(0, 8), "kbr_A9A9");
  assertEquals(key.length, 47);
});

Deno.test("keys are hashed with SHA-256", () => {
  // The digest of "abc": FIPS 180-2, appendix B.1.
  assertEquals(hashKey("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
