import { assertEquals } from "@std/assert";
import type { Content } from "../../src/events/content.ts";
import { signOf, typingMs } from "../../src/messages/typing.ts";

const media = { mediaId: "m", mimeType: "audio/ogg", sizeBytes: 1 };

for (
  const [what, content, random, expected] of [
    ["a text of 50 characters", { kind: "text", text: "x".repeat(50) }, 0.5, 10_000],
    ["the same by somebody quick", { kind: "text", text: "x".repeat(50) }, 0, 8_000],
    ["the same by somebody slow", { kind: "text", text: "x".repeat(50) }, 1, 12_000],
    ["a word", { kind: "text", text: "ok" }, 0.5, 1_000],
    ["a long text", { kind: "text", text: "x".repeat(5_000) }, 0.5, 30_000],
    ["a picture without words", { kind: "image", media }, 0.5, 1_000],
    ["a picture with words", { kind: "image", media, caption: "x".repeat(10) }, 0.5, 2_000],
    ["a voice note of 12 s", { kind: "voice", media: { ...media, seconds: 12 } }, 0.5, 12_000],
  ] as const satisfies readonly (readonly [string, Content, number, number])[]
) {
  Deno.test(`typing takes as long as a person would: ${what}`, () => {
    assertEquals(typingMs(content, random), expected);
  });
}

Deno.test("a voice note is shown as being recorded, anything else as being typed", () => {
  assertEquals(signOf({ kind: "voice", media }), "recording");
  assertEquals(signOf({ kind: "text", text: "halo" }), "composing");
});
