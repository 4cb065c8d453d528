import { assertEquals } from "@std/assert";
import { type ByteRange, readRange } from "../../src/http/byte_range.ts";
import { fileBody } from "../../src/media/file_bytes.ts";

const READ:
  readonly (readonly [header: string | undefined, size: number, range: ByteRange | null | undefined])[] = [
    ["bytes=0-9", 100, { start: 0, end: 9 }],
    ["bytes=90-", 100, { start: 90, end: 99 }],
    ["bytes=90-500", 100, { start: 90, end: 99 }],
    ["bytes=-5", 100, { start: 95, end: 99 }],
    ["bytes=-500", 100, { start: 0, end: 99 }],
    ["bytes=100-", 100, null],
    ["bytes=-0", 100, null],
    ["bytes=0-", 0, null],
    [undefined, 100, undefined],
    ["bytes=-", 100, undefined],
    ["bytes=9-3", 100, undefined],
    ["bytes=0-1,5-6", 100, undefined],
    ["lines=1-2", 100, undefined],
  ];
for (const [header, size, range] of READ) {
  Deno.test(`range "${header}" of ${size} bytes is ${JSON.stringify(range) ?? "the whole file"}`, () => {
    assertEquals(readRange(header, size), range);
  });
}

Deno.test("part of a file is what it was asked to be, and the file is closed then", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, Uint8Array.from({ length: 200_000 }, (_, index) => index % 251));

  const part = fileBody(path, { start: 150_001, end: 150_004 });
  const bytes = new Uint8Array(await new Response(part).arrayBuffer());

  assertEquals([...bytes], [150_001, 150_002, 150_003, 150_004].map((index) => index % 251));
  await Deno.remove(path);
});

Deno.test("part of a file closes the file when nobody wants the rest", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array(1_000_000));

  const part = fileBody(path, { start: 0, end: 999_999 });
  const reader = part.getReader();
  await reader.read();
  await reader.cancel();

  await Deno.remove(path); // the test runner tells of a file that stays open
});

Deno.test("a file that nobody reads is not opened", async () => {
  await fileBody("/nowhere/at/all", { start: 0, end: 9 }).cancel();
});
