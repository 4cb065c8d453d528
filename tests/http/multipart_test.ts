import { assertEquals, assertRejects } from "@std/assert";
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

Deno.test("readMultipart refuses a body wherever it breaks off", async () => {
  const end = FORM.lastIndexOf("--");
  for (let length = 0; length < end; length++) {
    const error = await assertRejects(
      () => readMultipart(aRequest(FORM.slice(0, length)), textOf),
      HttpError,
    );

    assertEquals(error.code, "INVALID_MULTIPART", `cut off after ${length} characters`);
  }
});

Deno.test("readMultipart hands on what went wrong with the connection", async () => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(FORM.slice(0, 200))),
    pull: (controller) => controller.error(new Deno.errors.ConnectionReset("gone")),
  });
  const headers = { "Content-Type": "multipart/form-data; boundary=xyz" };

  await assertRejects(
    () => readMultipart(new Request("http://localhost/", { method: "POST", headers, body }), textOf),
    Deno.errors.ConnectionReset,
  );
});

/** A form with one file whose part begins with these lines. */
function fileWith(...head: readonly string[]): string {
  return [
    "--xyz",
    ...head,
    "",
    "bytes",
    "--xyz",
    'Content-Disposition: form-data; name="to"',
    "",
    "62812",
    "--xyz--",
    "",
  ].join("\r\n");
}

const FILE_HEADS: readonly [client: string, head: readonly string[], fileName: string | undefined][] = [
  [".NET, in ASCII", [
    "Content-Type: image/png",
    "Content-Disposition: form-data; name=file; filename=menu.png; filename*=utf-8''menu.png",
  ], "menu.png"],
  [".NET, beyond ASCII", [
    "Content-Type: image/png",
    'Content-Disposition: form-data; name=file; filename="=?utf-8?B?bcOpbnUgw6kucG5n?="; ' +
    "filename*=utf-8''m%C3%A9nu%20%C3%A9.png",
  ], "ménu é.png"],
  ["an encoded word alone", [
    'Content-Disposition: form-data; name="file"; filename="=?UTF-8?Q?m=C3=A9nu_1.png?="',
    "Content-Type: image/png",
  ], "ménu 1.png"],
  ["filename* alone", [
    "Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''%e2%82%ac%20rates.png",
    "Content-Type: image/png",
  ], "€ rates.png"],
  ["filename* in Latin-1", [
    "Content-Disposition: form-data; name=file; filename*=iso-8859-1'en'%A3%20rates.png",
    "Content-Type: image/png",
  ], "£ rates.png"],
  ["the name last", [
    "content-type:image/png",
    'CONTENT-DISPOSITION:form-data;filename="menu.png";name="file"',
  ], "menu.png"],
  ["a browser's quotes", [
    'Content-Disposition: form-data; name="file"; filename="a %22b%22; c.png"',
    "Content-Type: image/png",
  ], 'a "b"; c.png'],
  ["a folder of Windows", [
    'Content-Disposition: form-data; name="file"; filename="C:\\fakepath\\menu.png"',
    "Content-Type: image/png",
  ], "menu.png"],
  ["raw UTF-8", [
    'Content-Disposition: form-data; name="file"; filename="ménu.png"',
    "Content-Type: image/png",
  ], "ménu.png"],
  ["no file name", [
    'Content-Disposition: form-data; name="file"',
    "Content-Type: image/png",
  ], undefined],
];
for (const [client, head, fileName] of FILE_HEADS) {
  Deno.test(`readMultipart reads a file as its client names it (${client})`, async () => {
    const { fields, files } = await readMultipart(aRequest(fileWith(...head)), textOf);

    assertEquals(fields, { to: "62812" });
    const named = fileName === undefined ? {} : { fileName };
    assertEquals(files, [{ name: "file", ...named, mimeType: "image/png", file: "bytes" }]);
  });
}

Deno.test("readMultipart takes a field as text, whatever type a client gives it", async () => {
  const head = ['Content-Disposition: form-data; name="caption"', "Content-Type: text/plain; charset=utf-8"];

  const { fields, files } = await readMultipart(aRequest(fileWith(...head)), textOf);

  assertEquals([fields, files], [{ caption: "bytes", to: "62812" }, []]);
});

Deno.test("readMultipart leaves out a file input that was left empty", async () => {
  const head = [
    'Content-Disposition: form-data; name="file"; filename=""',
    "Content-Type: application/octet-stream",
  ];
  const form = fileWith(...head).replace("bytes", "");

  assertEquals(await readMultipart(aRequest(form), textOf), { fields: { to: "62812" }, files: [] });
});

Deno.test("readMultipart hands files on one after another", async () => {
  const part = (name: string) =>
    `--xyz\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n${
      name.repeat(50_000)
    }\r\n`;
  const seen: string[] = [];

  const { files } = await readMultipart(
    aRequest(part("a") + part("b") + "--xyz--", 10_000),
    async (bytes, { name }) => {
      seen.push(`${name} begins`);
      const { length } = await textOf(bytes);
      seen.push(`${name} ends`);
      return length;
    },
  );

  assertEquals(files.map(({ file }) => file), [50_000, 50_000]);
  assertEquals(seen, ["a begins", "a ends", "b begins", "b ends"]);
});

Deno.test("readMultipart refuses a part without a name, a field that is too long, and too many parts", async () => {
  const nameless = fileWith('Content-Disposition: form-data; filename="a"');
  const long = fileWith('Content-Disposition: form-data; name="text"').replace("bytes", "x".repeat(300_000));
  const many = '--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'.repeat(51) + "--xyz--";

  const refused = [];
  for (const form of [nameless, long, many]) {
    refused.push(
      (await assertRejects(() => readMultipart(aRequest(form, 10_000), textOf), HttpError)).message,
    );
  }

  const why = "The body is not valid multipart/form-data: ";
  assertEquals(refused, [
    `${why}a part of it has no name`,
    `${why}the field text has more than 262144 bytes`,
    `${why}it has more than 50 parts`,
  ]);
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

  await readMultipart(aRequest(`--xyz\r\n${head}\r\n\r\nhi\r\n--xyz--\r\n`), textOf);
  // it ends at all: the ways to read such a name double with each pair
});
