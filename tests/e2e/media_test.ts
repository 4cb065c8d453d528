import { Buffer } from "node:buffer";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { mediaOf } from "../../src/events/content.ts";
import { until } from "../support/until.ts";
import { OPUS, VORBIS } from "../support/sample_files.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

function left(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

Deno.test("an image given as base64, in a form or by URL arrives whole, and its file is gone then", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response(PNG));
  const path = `/v1/devices/${id}/messages/image`;
  const form = new FormData();
  form.append("caption", "dari formulir");
  form.append("file", new File([PNG], "menu.png", { type: "image/png" }));
  form.append("to", BUDI);

  const answers = [
    await gateway.ask("POST", path, { to: BUDI, media_base64: PNG.toString("base64"), caption: "menu" }),
    await gateway.ask("POST", path, form),
    await gateway.ask("POST", path, { to: BUDI, media_url: `http://127.0.0.1:${server.addr.port}/a.png` }),
  ];
  const received = await Promise.all(
    answers.map((answer) => budi.waitMessage(({ id }) => id === answer.at("data.wa_message_id"))),
  );
  await server.shutdown();

  assertEquals(answers.map(({ status }) => status), [200, 200, 200]);
  for (const { message } of received) assertEquals(budi.openMedia(message), PNG);
  assertEquals(received[1].message.imageMessage?.caption, "dari formulir");
  const [event] = await gateway.events("message.sent");
  assertEquals(event.content.kind, "image");
  await until(
    () => left(gateway.lines.files.pathOf("x").replace(/x$/, "")).length === 0,
    "the files are gone",
  );
});

Deno.test("a document keeps its name, a voice note is one, and what fits nothing is refused", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const send = (kind: string, body: Readonly<Record<string, unknown>>) =>
    gateway.ask("POST", `/v1/devices/${id}/messages/${kind}`, { to: BUDI, ...body });
  const text = Buffer.from("a,b\n1,2\n").toString("base64");
  const ogg = OPUS.toString("base64");
  const vorbis = VORBIS.toString("base64");

  const document = await send("document", { media_base64: text, file_name: "laporan.csv" });
  const voice = await send("voice", { media_base64: ogg, seconds: 3 });
  const wrong = await send("image", { media_base64: text });
  const noVoice = await send("voice", { media_base64: vorbis, mime_type: "audio/ogg" });
  const none = await send("image", {});
  const received = await Promise.all(
    [document, voice].map((answer) => budi.waitMessage(({ id }) => id === answer.at("data.wa_message_id"))),
  );

  assertEquals(received[0].message.documentMessage?.fileName, "laporan.csv");
  assertEquals(received[1].message.audioMessage?.ptt, true);
  assertEquals([wrong.status, wrong.at("error.code")], [415, "MEDIA_TYPE_NOT_SUPPORTED"]);
  assertEquals([noVoice.status, noVoice.at("error.code")], [415, "MEDIA_TYPE_NOT_SUPPORTED"]);
  assertEquals([none.status, none.at("error.code")], [400, "INVALID_MEDIA"]);
});

Deno.test("a file over the limit is refused with 413, however it comes", async () => {
  await using gateway = await startWhatsAppGateway({ settings: { MAX_ATTACHMENT_SIZE: "1000" } });
  const { id } = await gateway.pair("kasir");
  const path = `/v1/devices/${id}/messages/document`;
  const form = new FormData();
  form.append("to", BUDI);
  form.append("file", new File([new Uint8Array(5_000)], "big.bin"));

  const inForm = await gateway.ask("POST", path, form);
  const asBase64 = await gateway.ask("POST", path, {
    to: BUDI,
    media_base64: Buffer.alloc(5_000).toString("base64"),
  });

  assertEquals([inForm.status, inForm.at("error.code")], [413, "MEDIA_TOO_LARGE"]);
  assertEquals([asBase64.status, asBase64.at("error.code")], [413, "MEDIA_TOO_LARGE"]);
  assertStringIncludes(String(inForm.at("error.message")), "larger than");
});

Deno.test("the file of a message that came in is fetched when asked for, and kept", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  await budi.sendMedia(phone, "image", PNG, { mimetype: "image/png" });
  await until(async () => (await gateway.events("message.received")).length === 1, "it came");
  const [{ content }] = await gateway.events("message.received");
  const mediaId = mediaOf(content)?.mediaId ?? "";

  const first = await gateway.ask("GET", `/v1/devices/${id}/media/${mediaId}`);
  await gateway.ask("POST", `/v1/devices/${id}/stop`);
  const again = await gateway.ask("GET", `/v1/devices/${id}/media/${mediaId}`);
  const none = await gateway.ask("GET", `/v1/devices/${id}/media/3A00`);

  assertEquals(Buffer.from(first.bytes), PNG);
  assertEquals([first.headers.get("Content-Type"), first.headers.get("Content-Disposition")], [
    "image/png",
    "inline",
  ]);
  assertEquals(Buffer.from(again.bytes), PNG);
  assertEquals([none.status, none.at("error.code")], [404, "MEDIA_NOT_FOUND"]);
});

Deno.test("a part of a file is handed out as players ask for it", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const messageId = await budi.sendMedia(phone, "image", PNG);
  await until(async () => (await gateway.events("message.received")).length === 1, "the message");
  const part = (range: string) =>
    gateway.ask("GET", `/v1/devices/${id}/media/${messageId}`, undefined, { Range: range });

  const [first, last, beyond] = [await part("bytes=0-7"), await part("bytes=-4"), await part("bytes=5000-")];

  assertEquals([first.status, last.status, beyond.status], [206, 206, 416]);
  assertEquals(first.headers.get("Content-Range"), `bytes 0-7/${PNG.length}`);
  assertEquals(Buffer.from(first.bytes), PNG.subarray(0, 8));
  assertEquals(Buffer.from(last.bytes), PNG.subarray(-4));
  assertEquals(beyond.headers.get("Content-Range"), `bytes */${PNG.length}`);
  assertEquals(beyond.at("error.code"), "RANGE_NOT_SATISFIABLE");
});

Deno.test("a file that is too large is refused in the same words, whichever way it comes", async () => {
  await using gateway = await startWhatsAppGateway({ settings: { MAX_ATTACHMENT_SIZE: "1000" } });
  const { id } = await gateway.pair("kasir");
  const large = Buffer.concat([PNG, Buffer.alloc(6_000_000)]);
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(large),
  );
  const path = `/v1/devices/${id}/messages/image`;
  const form = new FormData();
  form.append("to", BUDI);
  form.append("file", new File([large], "menu.png"));

  const answers = [
    await gateway.ask("POST", path, { to: BUDI, media_base64: large.toString("base64") }),
    await gateway.ask("POST", path, form),
    await gateway.ask("POST", path, { to: BUDI, media_url: `http://127.0.0.1:${server.addr.port}/a.png` }),
  ];
  await server.shutdown();

  for (const answer of answers) {
    assertEquals([answer.status, answer.at("error.code")], [413, "MEDIA_TOO_LARGE"]);
    assertEquals(answer.at("error.details.setting"), "MAX_ATTACHMENT_SIZE");
  }
  assertEquals(left(gateway.lines.files.pathOf("x").replace(/x$/, "")), []);
});

Deno.test("what a message with a file cannot do is refused, naming the field", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  const file = { to: BUDI, media_base64: PNG.toString("base64") };
  const refusalOf = async (kind: string, body: unknown, headers = {}) => {
    const answer = await gateway.ask("POST", `/v1/devices/${id}/messages/${kind}`, body, headers);
    return [answer.status, answer.at("error.code"), answer.at("error.message")].join(" ");
  };

  assertEquals(
    await refusalOf("image", { ...file, media_type: "video" }),
    '400 VALIDATION_ERROR Field `media_type` must be image or left out on this path, got "video"',
  );
  assertEquals(
    await refusalOf("sticker", { ...file, caption: "menu" }),
    "400 VALIDATION_ERROR Field `caption` cannot go with sticker: WhatsApp shows none there; send a text as well",
  );
  assertEquals(
    await refusalOf("image", { to: BUDI, media_base64: "no base64!" }),
    "400 INVALID_MEDIA Field `media_base64` must be base64 or a data URL: it cannot be read",
  );
  assertEquals(
    await refusalOf("image", file, { "Idempotency-Key": "k".repeat(256) }),
    "400 VALIDATION_ERROR Header `idempotency-key` must have at most 255 characters, got a string of 256 characters",
  );
});
