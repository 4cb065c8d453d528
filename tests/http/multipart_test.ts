import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import { readMultipart } from "../../src/http/multipart.ts";

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of bytes) text += new TextDecoder("latin1").decode(chunk);
  return text;
}

/** A request whose body comes in pieces of this many bytes. */
function aRequest(text: string, pieces = 7, type = "multipart/form-data; boundary=xyz"): Request {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += pieces) controller.enqueue(bytes.slice(at, at + pieces));
      controller.close();
    },
  });
  return new Request("http://localhost/", { method: "POST", headers: { "Content-Type": type }, body });
}

const FORM = [
  "--xyz",
  'Content-Disposition: form-data; name="to"',
  "",
  "628123456789",
  "--xyz",
  'Content-Disposition: form-data; name="file"; filename="a \\"b\\".txt"',
  "Content-Type: text/plain",
  "",
  "one\r\n--xy\r\ntwo",
  "--xyz--",
  "",
].join("\r\n");

for (const pieces of [1, 7, 10_000]) {
  Deno.test(`readMultipart reads fields and files (in pieces of ${pieces} bytes)`, async () => {
    const form = await readMultipart(aRequest(FORM, pieces), textOf);

    assertEquals(form, {
      fields: { to: "628123456789" },
      files: [{ name: "file", fileName: 'a "b".txt', mimeType: "text/plain", file: "one\r\n--xy\r\ntwo" }],
    });
  });
}

Deno.test("readMultipart reads what a browser's FormData sends", async () => {
  const data = new FormData();
  data.append("caption", "Menu é");
  data.append("file", new File(["\x00\x01"], "menu.bin", { type: "application/x-menu" }));
  const request = new Request("http://localhost/", { method: "POST", body: data });

  const form = await readMultipart(request, textOf);

  assertEquals(form.fields, { caption: "Menu é" });
  assertEquals(form.files[0], {
    name: "file",
    fileName: "menu.bin",
    mimeType: "application/x-menu",
    file: "\x00\x01",
  });
});

Deno.test("readMultipart refuses a body that breaks off", async () => {
  const error = await assertRejects(() => readMultipart(aRequest(FORM.slice(0, 150)), textOf), HttpError);

  assertEquals([error.status, error.code], [400, "INVALID_MULTIPART"]);
});

Deno.test("readMultipart refuses a body without a boundary", async () => {
  await assertRejects(() => readMultipart(aRequest(FORM, 7, "multipart/form-data"), textOf), HttpError);
});

Deno.test("readMultipart hands on why a file was not taken", async () => {
  const refuse = () => Promise.reject(new RangeError("too large"));

  await assertRejects(() => readMultipart(aRequest(FORM), refuse), RangeError);
});

Deno.test("readMultipart takes no longer for a name that is quoted without an end", async () => {
  const head = `Content-Disposition: form-data; name="${"\\a".repeat(2_000)}`;
  const startedAt = performance.now();

  await readMultipart(aRequest(`--xyz\r\n${head}\r\n\r\nhi\r\n--xyz--\r\n`), textOf);

  assert(performance.now() - startedAt < 5_000);
});
