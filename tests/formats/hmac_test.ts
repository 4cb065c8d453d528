import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { hmacOf } from "../../src/formats/hmac.ts";

/** Around the ends of blocks, and where another way to compute it begins. */
const LENGTHS = [54, 55, 56, 63, 64, 65, 119, 120, 511, 512, 513, 4_096, 4_097];

Deno.test("hmac is what the platform computes, for keys and texts of every length", () => {
  for (const keyBytes of [0, 1, 32, 63, 64, 65, 200]) {
    const key = Buffer.alloc(keyBytes, "kunci");
    const hmac = hmacOf(key);
    for (
      const text of [
        "",
        "halo",
        "é".repeat(300),
        "x".repeat(70_000),
        ...LENGTHS.map((n) => "y".repeat(n)),
      ]
    ) {
      const expected = createHmac("sha256", key).update(text).digest("hex");

      assertEquals(hmac(text).toString("hex"), expected);
      assertEquals(hmac(Buffer.from(text)).toString("hex"), expected);
    }
  }
});

Deno.test("hmac has no memory of the texts before", () => {
  const hmac = hmacOf(Buffer.from("kunci"));
  const first = hmac("one").toString("hex");

  hmac("two");

  assertEquals(hmac("one").toString("hex"), first);
});

Deno.test("hmac matches the test cases of RFC 4231", () => {
  const two = hmacOf(Buffer.from("Jefe"))("what do ya want for nothing?");
  const six = hmacOf(Buffer.alloc(131, 0xaa))("Test Using Larger Than Block-Size Key - Hash Key First");

  assertEquals(two.toString("hex"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  assertEquals(six.toString("hex"), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
});
