import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { seenTypeOf } from "../../src/media/seen_type.ts";
import { DOCX, ebmlFile, oggFile, OPUS, VORBIS, zipFile } from "../support/sample_files.ts";

const ISO = (brand: string) => Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0isommp42`, "latin1");

const FILES: readonly [what: string, bytes: Uint8Array, type: string | undefined][] = [
  ["Opus", OPUS, "audio/ogg; codecs=opus"],
  ["Vorbis", VORBIS, "audio/ogg"],
  ["FLAC in Ogg", oggFile("\x7fFLAC\x01\0\0\x01fLaC"), "audio/ogg"],
  ["Theora", oggFile("\x80theora\x03\x02\x01"), "video/ogg"],
  ["Ogg with something else", oggFile("whatever"), "application/ogg"],
  ["Matroska", ebmlFile("matroska"), "video/matroska"],
  ["WebM", ebmlFile("webm"), "video/webm"],
  ["Word", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["an archive", zipFile({ "a.txt": "a" }), "application/zip"],
  ["MP4", ISO("isom"), "video/mp4"],
  ["a sound of Apple's", ISO("M4A "), "audio/x-m4a"],
  ["QuickTime", ISO("qt  "), "video/quicktime"],
  ["HEIC", ISO("heic"), "image/heic"],
  ["JPEG", Buffer.from("ffd8ffe000104a46494600", "hex"), "image/jpeg"],
  ["GIF", Buffer.from("GIF89a\x01\0\x01\0", "latin1"), "image/gif"],
  ["WebP", Buffer.from("RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0", "latin1"), "image/webp"],
  [
    "MP3 with tags",
    Buffer.from("ID3\x03\0\0\0\0\0\x0a" + "\0".repeat(10) + "\xff\xfb\x90\x64", "latin1"),
    "audio/mpeg",
  ],
  ["AMR", Buffer.from("#!AMR\n"), "audio/amr"],
  ["PDF", Buffer.from("%PDF-1.7\n"), "application/pdf"],
  ["a web page", Buffer.from("\n<!DOCTYPE html><html>"), "text/html"],
  ["a drawing", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'), "image/svg+xml"],
  ["text", Buffer.from("a,b\n1,2\n"), undefined],
  ["an archive that breaks off", DOCX.subarray(0, 60), "application/zip"],
  ["a PNG that breaks off", Buffer.from("89504e470d0a1a0a", "hex"), undefined],
  ["one byte", new Uint8Array([1]), undefined],
];
for (const [what, bytes, type] of FILES) {
  Deno.test(`seenTypeOf knows a file by its bytes (${what})`, async () => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeFile(path, bytes);

      assertEquals(await seenTypeOf(path), type);
    } finally {
      await Deno.remove(path);
    }
  });
}
