import { Buffer } from "node:buffer";
import { crc32, inflateSync } from "node:zlib";
import qrcode from "qrcode";
import { assert, assertEquals } from "@std/assert";
import { qrImage } from "../../src/formats/qr_image.ts";

const CODE = "2@Zm9vYmFyYmF6,cXV4cXV1eA==,Z3JhdWx0,Z2FycGx5,1";

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

function chunksOf(png: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at < png.length;) {
    const size = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + size);
    assertEquals(png.readUInt32BE(at + 8 + size), crc32(body));
    chunks.push({ type: body.toString("latin1", 0, 4), data: body.subarray(4) });
    at += size + 12;
  }
  return chunks;
}

function pngOf(url: string): Buffer {
  return Buffer.from(url.slice("data:image/png;base64,".length), "base64");
}

Deno.test("qr image is a PNG of sound chunks", () => {
  const png = pngOf(qrImage(CODE));

  assertEquals(png.subarray(1, 4).toString("latin1"), "PNG");
  assertEquals(chunksOf(png).map(({ type }) => type), ["IHDR", "IDAT", "IEND"]);
});

Deno.test("qr image draws every module, with four of white around", () => {
  const { modules } = qrcode.create([{ data: new TextEncoder().encode(CODE), mode: "byte" }], {
    errorCorrectionLevel: "M",
  });
  const chunks = chunksOf(pngOf(qrImage(CODE)));

  const side = chunks[0]!.data.readUInt32BE(0);
  const pixels = inflateSync(chunks[1]!.data);
  const isDark = (x: number, y: number) => {
    const byte = pixels[y * (side / 8 + 1) + 1 + (x >> 3)]!;
    return (byte >> (7 - (x & 7)) & 1) === 0;
  };
  const drawn = Array.from(
    { length: modules.size },
    (_, row) =>
      Array.from({ length: modules.size }, (_, column) => isDark((column + 4) * 8 + 3, (row + 4) * 8 + 5)),
  );

  assertEquals(side, (modules.size + 8) * 8);
  assertEquals(drawn.flat(), [...modules.data].map(Boolean));
  assertEquals([isDark(0, 0), isDark(31, 31), isDark(side - 1, side - 1)], [false, false, false]);
});

Deno.test("qr image leaves what is drawn already, and what cannot be drawn, as it is", () => {
  const given = ["", "data:image/png;base64,iVBORw0KGgo=", "x".repeat(2332)];

  assertEquals(given.map(qrImage), given);
});

Deno.test("qr image draws as much as a code can hold", () => {
  for (const text of ["x".repeat(2331), "é".repeat(1165), "1".repeat(2331)]) {
    assert(qrImage(text).startsWith("data:image/png;base64,"));
  }
});

Deno.test("qr image is the same for the same code", () => {
  assertEquals(qrImage(CODE), qrImage(CODE));
});
