import { assertEquals } from "@std/assert";
import { cleanMimeType } from "../../src/events/mime_type.ts";
import { isPlain, plainName } from "../../src/events/plain_text.ts";

for (
  const [what, name, clean] of [
    ["a control character", "a\u0000b\r\nc\u0085d", "abcd"],
    ["a line separator", "a\u2028b\u2029c", "abc"],
    ["a mark that turns the direction", "invoice\u202Egnp.exe\u2066", "invoicegnp.exe"],
    ["half a character", "a\ud800.txt", "a\ufffd.txt"],
  ]
) {
  Deno.test(`plain name has not ${what}`, () => {
    assertEquals([isPlain(name), plainName(name)], [false, clean]);
  });
}

Deno.test("plain name keeps the letters of all scripts, and what joins emoji", () => {
  for (const name of ["Toko Maju", "محمد", "ร้าน", "👨‍👩‍👧", "नमस्ते"]) {
    assertEquals([isPlain(name), plainName(name)], [true, name]);
  }
});

for (
  const [told, clean] of [
    ["image/png", "image/png"],
    ["audio/ogg; codecs=opus", "audio/ogg; codecs=opus"],
    [
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ],
    ["text/plain\r\nX-Evil: 1", "application/octet-stream"],
    ["image/png\u0000é", "application/octet-stream"],
    ["text/html; charset=é", "application/octet-stream"],
    [`text/plain; x=${"y".repeat(300)}`, "text/plain"],
    [`text/${"y".repeat(20_000)}`, "application/octet-stream"],
    ["", "application/octet-stream"],
    ["nonsense", "application/octet-stream"],
  ]
) {
  Deno.test(`MIME type ${JSON.stringify(told.slice(0, 40))} is handed on as ${clean.slice(0, 40)}`, () => {
    assertEquals(cleanMimeType(told), clean);
  });
}
