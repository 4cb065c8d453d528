import { assertEquals } from "@std/assert";
import { fileIn } from "../../../src/providers/universal/file_report.ts";

function textOf(data: unknown): string | undefined {
  const messageMedia = { data, mimetype: "text/plain" };
  const file = fileIn({ sessionId: "s1", event: "media", data: { messageMedia } }, "M1");
  return file && new TextDecoder().decode(file.bytes);
}

Deno.test("file of a report is read from Base64 with line breaks, and from nothing else", () => {
  assertEquals(textOf(" aGFs\r\nbw==\n"), "halo");
  assertEquals(["a===", "=aGFs", "aG!s", " ", 7].map(textOf), Array(5).fill(undefined));
});

Deno.test("file of many blanks is refused at once", () => {
  const blanks = " ".repeat(2_000_000); // nobody would wait for time that grows with the square of it

  assertEquals(textOf(`a${blanks}!`), undefined);
});
