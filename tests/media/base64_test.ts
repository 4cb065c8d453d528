import { Buffer } from "node:buffer";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RefusedError } from "../../src/errors.ts";
import { decodeBase64 } from "../../src/media/base64.ts";

const BYTES = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index * 7 % 256));

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += size) {
    yield await Promise.resolve(Buffer.from(text.slice(at, at + size), "latin1"));
  }
}

async function decoded(text: string, size = 5) {
  const file = decodeBase64(inPieces(text, size), "media_base64");
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.bytes) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), type: file.mimeType() };
}

for (const size of [1, 3, 300, 100_000]) {
  for (const length of [1, 2, 3, 1_000]) {
    Deno.test(`decodeBase64 gives the bytes back (${length} in pieces of ${size})`, async () => {
      const bytes = BYTES.subarray(0, length);

      const { bytes: given } = await decoded(bytes.toString("base64"), size);

      assertEquals(given, bytes);
    });
  }

  Deno.test(`decodeBase64 takes a data URL and tells its type (in pieces of ${size})`, async () => {
    const given = await decoded(`data:image/png;base64,${BYTES.toString("base64")}`, size);

    assertEquals(given, { bytes: BYTES, type: "image/png" });
  });
}

Deno.test("decodeBase64 takes line breaks, the URL's alphabet, and no padding", async () => {
  const lines = BYTES.toString("base64").replace(/.{76}/g, "$&\r\n");

  assertEquals((await decoded(lines)).bytes, BYTES);
  assertEquals((await decoded(BYTES.toString("base64url"))).bytes, BYTES);
});

for (
  const text of [
    "",
    "###",
    "A",
    "AAAAA",
    "AA==AAAA",
    "AAAA=A",
    "data:image/png;base64,",
    "data:,",
    "kopi susu?",
  ]
) {
  Deno.test(`decodeBase64 refuses what is none ("${text}")`, async () => {
    const error = await assertRejects(() => decoded(text), RefusedError);

    assertEquals(error.code, "INVALID_MEDIA");
    assertStringIncludes(error.message, "`media_base64`");
  });
}
