import { assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import { readJsonWithFiles } from "../../src/http/json_files.ts";

const NAMES = new Set(["file", "other"]);

function bodyOf(text: string, pieces: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += pieces) controller.enqueue(bytes.slice(at, at + pieces));
      controller.close();
    },
  });
}

async function read(text: string, pieces = 7) {
  return await readJsonWithFiles(bodyOf(text, pieces), NAMES, async (bytes, name) => {
    let content = "";
    for await (const chunk of bytes) content += new TextDecoder("latin1").decode(chunk);
    return `${name}=${content}`;
  });
}

const CASES = {
  "before and after others": ['{"to":"62","file":"AAAA","caption":"é \\"x\\""}', {
    to: "62",
    file: "file",
    caption: 'é "x"',
  }, [
    "file=AAAA",
  ]],
  "with escaped slashes and line breaks": [String.raw`{"file" : "A\/B\r\nC\u002bD"}`, { file: "file" }, [
    "file=A/B\r\nC+D",
  ]],
  "twice": ['{"file":"AA","other":"BB"}', { file: "file", other: "file" }, ["file=AA", "other=BB"]],
  "but leaves empty ones": ['{"file":"","to":"x"}', { file: "", to: "x" }, []],
  "but leaves what is no text": ['{"file":null,"other":["file"]}', { file: null, other: ["file"] }, []],
  "but leaves fields further down": ['{"a":{"file":"AA"},"b":[{"other":"BB"}],"c":"file"}', {
    a: { file: "AA" },
    b: [{ other: "BB" }],
    c: "file",
  }, []],
  "whatever the key is written like": [String.raw`{"\u0066ile":"AA"}`, { file: "file" }, ["file=AA"]],
  "behind quotes in other texts": [String.raw`{"to":"\\","caption":"\"file\":\"XX","file":"AA"}`, {
    to: "\\",
    caption: '"file":"XX',
    file: "file",
  }, ["file=AA"]],
} as const;

for (const [what, [text, json, files]] of Object.entries(CASES)) {
  for (const pieces of [1, 5, 10_000]) {
    Deno.test(`readJsonWithFiles hands files on ${what} (in pieces of ${pieces})`, async () => {
      assertEquals(await read(text, pieces), { json, files: [...files] });
    });
  }
}

for (
  const text of [
    "",
    "{",
    '{"file":"AA',
    '{"file":"AA"',
    '{"file":"AA""BB"}',
    "nothing",
    '{"file":"AA\\',
    '{"a":"',
  ]
) {
  Deno.test(`readJsonWithFiles refuses what is no JSON (${text})`, async () => {
    const error = await assertRejects(() => read(text), HttpError);

    assertEquals([error.status, error.code], [400, "INVALID_JSON"]);
  });
}

Deno.test("readJsonWithFiles refuses what is too large besides the files", async () => {
  const error = await assertRejects(() => read(`{"text":"${"x".repeat(2_000_000)}"}`, 65_536), HttpError);

  assertEquals(error.status, 413);
});

Deno.test("readJsonWithFiles tells why a file was not taken", async () => {
  const refuse = () => Promise.reject(new RangeError("not this one"));

  await assertRejects(() => readJsonWithFiles(bodyOf('{"file":"AA"}', 7), NAMES, refuse), RangeError);
});
