import { assertEquals, assertThrows } from "@std/assert";
import { RefusedError } from "../../src/errors.ts";
import { kindOfType, typeFor, typeOfBytes } from "../../src/messages/media_types.ts";

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const OGG = new TextEncoder().encode("OggS");
const HTML = new TextEncoder().encode("<!DOCTYPE html>");
const WEBP = new TextEncoder().encode("RIFF....WEBPVP8 ");

Deno.test("typeFor believes the bytes over the server", () => {
  const type = typeFor("image", { told: "application/octet-stream", head: PNG });

  assertEquals(type, "image/png");
});

Deno.test("typeFor refuses a web page where an image is wanted", () => {
  const error = assertThrows(
    () => typeFor("image", { told: "image/png", head: HTML }),
    RefusedError,
    "text/html",
  );

  assertEquals(error.code, "MEDIA_TYPE_NOT_SUPPORTED");
});

const NOT_SHOWN: readonly [kind: "image" | "video", type: string, head: string][] = [
  ["image", "image/heic", "\0\0\0\x18ftypheic"],
  ["image", "image/heic", "\0\0\0\x18ftypmif1"],
  ["image", "image/svg+xml", "<svg xmlns="],
  ["video", "video/webm", "\x1aE\xdf\xa3"],
  ["video", "video/quicktime", "\0\0\0\x14ftypqt  "],
];
for (const [kind, type, head] of NOT_SHOWN) {
  Deno.test(`typeFor refuses what phones do not show (${type} as ${kind}, ${JSON.stringify(head)})`, () => {
    const bytes = Uint8Array.from(head, (character) => character.charCodeAt(0));
    const takes = kind === "image" ? "an image (JPEG, PNG, GIF or WebP)" : "a video (MP4 or 3GP)";

    const seen = assertThrows(() => typeFor(kind, { told: `${kind}/png`, head: bytes }), RefusedError);
    const said = assertThrows(() => typeFor(kind, { said: type, head: new Uint8Array() }), RefusedError);

    const message = `Cannot send this file as ${takes}: it is ${type}`;
    assertEquals([seen.message, said.message], [message, message]);
  });
}

Deno.test("typeFor knows the other names of types", () => {
  const head = new Uint8Array();

  const types = [
    typeFor("image", { said: "image/jpg", head }),
    typeFor("video", { told: "video/x-m4v", head }),
  ];

  assertEquals(types, ["image/jpeg", "video/mp4"]);
});

Deno.test("typeFor tells what the bytes are when its sender calls them what phones do not show", () => {
  assertEquals(typeFor("image", { said: "image/svg+xml", head: PNG }), "image/png");
});

Deno.test("typeFor refuses a voice note that is no OGG", () => {
  assertThrows(
    () => typeFor("voice", { head: new TextEncoder().encode("ID3") }),
    RefusedError,
    "OGG with Opus",
  );
});

Deno.test("typeFor gives a voice note the type that phones play", () => {
  const type = typeFor("voice", { told: "audio/ogg", head: OGG });

  assertEquals(type, "audio/ogg; codecs=opus");
});

Deno.test("typeFor takes only WebP as a sticker", () => {
  assertEquals(typeFor("sticker", { head: WEBP }), "image/webp");
  assertThrows(() => typeFor("sticker", { head: PNG }), RefusedError, "WebP");
});

Deno.test("typeFor sends any file as a document, under the type that its sender says", () => {
  const type = typeFor("document", { said: "application/x-shop", head: HTML });

  assertEquals(type, "application/x-shop");
});

Deno.test("typeFor asks the file's name when nothing else tells", () => {
  const type = typeFor("document", { told: "", fileName: "Faktur.PDF", head: new Uint8Array() });

  assertEquals(type, "application/pdf");
});

Deno.test("typeOfBytes does not guess", () => {
  assertEquals(typeOfBytes(new Uint8Array([1, 2, 3])), undefined);
});

Deno.test("kindOfType sends what has no kind of its own as a document", () => {
  const types = ["image/png", "audio/mpeg", "text/csv", "image/svg+xml", "video/quicktime"];

  assertEquals(types.map(kindOfType), ["image", "audio", "document", "document", "document"]);
});
