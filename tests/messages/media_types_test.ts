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
  assertEquals(["image/png", "audio/mpeg", "text/csv"].map(kindOfType), ["image", "audio", "document"]);
});
