import { assertEquals, assertThrows } from "@std/assert";
import { RefusedError } from "../../src/errors.ts";
import { kindOfType, typeFor } from "../../src/media/types.ts";

const OPUS = "audio/ogg; codecs=opus";
const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

Deno.test("typeFor believes the bytes over the server", () => {
  const type = typeFor("image", { told: "application/octet-stream", seen: "image/png" });

  assertEquals(type, "image/png");
});

Deno.test("typeFor refuses a web page where an image is wanted", () => {
  const error = assertThrows(
    () => typeFor("image", { told: "image/png", seen: "text/html" }),
    RefusedError,
    "text/html",
  );

  assertEquals(error.code, "MEDIA_TYPE_NOT_SUPPORTED");
});

const NOT_SHOWN: readonly [kind: "image" | "video", type: string][] = [
  ["image", "image/heic"],
  ["image", "image/svg+xml"],
  ["image", "image/tiff"],
  ["video", "video/webm"],
  ["video", "video/matroska"],
  ["video", "video/quicktime"],
  ["video", "application/zip"],
];
for (const [kind, type] of NOT_SHOWN) {
  Deno.test(`typeFor refuses what phones do not show (${type} as ${kind})`, () => {
    const takes = kind === "image" ? "an image (JPEG, PNG, GIF or WebP)" : "a video (MP4 or 3GP)";

    const seen = assertThrows(() => typeFor(kind, { told: `${kind}/png`, seen: type }), RefusedError);
    const said = assertThrows(() => typeFor(kind, { said: type }), RefusedError);

    const message = `Cannot send this file as ${takes}: it is ${type}`;
    assertEquals([seen.message, said.message], [message, message]);
  });
}

Deno.test("typeFor knows the other names of types", () => {
  const types = [
    typeFor("image", { said: "image/jpg" }),
    typeFor("image", { seen: "image/apng" }),
    typeFor("video", { told: "video/x-m4v" }),
    typeFor("video", { seen: "video/3gpp2" }),
    typeFor("audio", { seen: "audio/x-m4a" }),
  ];

  assertEquals(types, ["image/jpeg", "image/png", "video/mp4", "video/3gpp", "audio/mp4"]);
});

Deno.test("typeFor tells what the bytes are when its sender calls them what phones do not show", () => {
  assertEquals(typeFor("image", { said: "image/svg+xml", seen: "image/png" }), "image/png");
});

Deno.test("typeFor gives a voice note the type that phones play", () => {
  const types = [
    typeFor("voice", { told: "audio/ogg", seen: OPUS }),
    typeFor("voice", { said: "application/ogg", seen: OPUS }),
  ];

  assertEquals(types, [OPUS, OPUS]);
});

const NO_VOICE: readonly [seen: string | undefined, shown: string][] = [
  ["audio/mpeg", "audio/mpeg"],
  ["audio/ogg", "audio/ogg without Opus"],
  [undefined, "audio/ogg without Opus"],
];
for (const [seen, shown] of NO_VOICE) {
  Deno.test(`typeFor refuses a voice note that is no Opus in OGG (its bytes say ${seen})`, () => {
    const error = assertThrows(() => typeFor("voice", { said: "audio/ogg", seen }), RefusedError);

    assertEquals(
      error.message,
      "Cannot send this file as a voice note, which must be OGG with Opus (any other audio can be sent as audio): " +
        `it is ${shown}`,
    );
  });
}

Deno.test("typeFor sends any OGG as audio", () => {
  assertEquals([OPUS, "audio/ogg"].map((seen) => typeFor("audio", { seen })), ["audio/ogg", "audio/ogg"]);
});

Deno.test("typeFor takes only WebP as a sticker", () => {
  assertEquals(typeFor("sticker", { seen: "image/webp" }), "image/webp");
  assertThrows(() => typeFor("sticker", { seen: "image/png" }), RefusedError, "WebP");
});

Deno.test("typeFor sends any file as a document, under the type that its sender says", () => {
  const type = typeFor("document", { said: "application/x-shop", seen: "text/html" });

  assertEquals(type, "application/x-shop");
});

Deno.test("typeFor asks the file's name when nothing else tells", () => {
  const types = [
    typeFor("document", { told: "", fileName: "Faktur.PDF" }),
    typeFor("document", { told: "text/plain", fileName: "harga.csv" }),
    typeFor("document", { told: "text/plain", fileName: "README" }),
  ];

  assertEquals(types, ["application/pdf", "text/csv", "text/plain"]);
});

Deno.test("typeFor takes a container for what its source or its name says that is in it", () => {
  const types = [
    typeFor("document", { seen: "application/zip", fileName: "surat.docx" }),
    typeFor("document", { seen: "application/x-cfb", told: "application/msword" }),
    typeFor("document", { seen: "application/zip", told: "application/octet-stream" }),
    typeFor("document", { seen: DOCX, told: "application/zip" }),
  ];

  assertEquals(types, [DOCX, "application/msword", "application/zip", DOCX]);
});

Deno.test("kindOfType sends what has no kind of its own as a document", () => {
  const types = ["image/png", "audio/mpeg", "text/csv", "image/svg+xml", "video/quicktime", "video/matroska"];

  assertEquals(types.map(kindOfType), ["image", "audio", "document", "document", "document", "document"]);
});
