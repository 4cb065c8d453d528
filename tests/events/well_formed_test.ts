import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cutText, wellFormed, wellFormedJson } from "../../src/events/well_formed.ts";

const text = fc.string({ unit: "binary", maxLength: 40 });

Deno.test("text is well formed: half pairs and NUL become U+FFFD, all else stays", () => {
  assertEquals(wellFormed("halo \ud83d dunia\0"), "halo \ufffd dunia\ufffd");
  assertEquals(wellFormed("😀\n\u2028é"), "😀\n\u2028é");
});

Deno.test("text is cut between code points", () => {
  assertEquals(cutText(`${"x".repeat(199)}😀`, 200), "x".repeat(199));
  assertEquals(cutText(`${"x".repeat(198)}😀`, 200), `${"x".repeat(198)}😀`);
  assertEquals(cutText("abc", 3), "abc");
  assertEquals(cutText("😀", 1), "");
  assertEquals(cutText("abc", 0), "");
});

Deno.test("text that is cut is well formed, a beginning of the text, and no longer than asked for", () => {
  fc.assert(fc.property(text, fc.nat(50), (whole, max) => {
    const cut = cutText(whole, max);

    assert(cut.isWellFormed() && cut.length <= max);
    assert(wellFormed(whole).startsWith(cut));
  }));
});

Deno.test("JSON has only well formed texts and names, and is otherwise what JSON.stringify makes", () => {
  assertEquals(
    wellFormedJson({ "a\ud800": ["\udc00", "\\ud83d", "\u0001", "😀"] }),
    '{"a�":["�","\\\\ud83d","\\u0001","😀"]}',
  );
  fc.assert(fc.property(fc.dictionary(text, text), (value) => {
    const json = wellFormedJson(value);

    for (const [name, inner] of Object.entries(JSON.parse(json) as Record<string, string>)) {
      assert(name.isWellFormed() && inner.isWellFormed() && !`${name}${inner}`.includes("\0"));
    }
  }));
});
