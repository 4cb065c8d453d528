// Files that other WhatsApp servers send along: kept, told, and handed out.
import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { type Gateway, KEY, runGateway } from "../support/gateway.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

async function withGateway(
  settings: Readonly<Record<string, string>>,
  work: (gateway: Gateway, rx: Receiver) => Promise<void>,
): Promise<void> {
  await using rx = await startReceiver();
  await using gateway = await runGateway({ settings });
  await gateway.api("POST", "/v1/webhooks", { url: `${rx.url}/device`, events: ["media.received"] });
  await work(gateway, rx);
}

/** What whatsapp-web.js servers post once they have downloaded a file. */
function report(id: string, messageMedia: unknown) {
  const message = { id: { fromMe: false, remote: "628123456789@c.us", id }, type: "image", hasMedia: true };
  return { dataType: "media", sessionId: "toko", data: { messageMedia, message } };
}

const take = (gateway: Gateway, body: unknown) =>
  gateway.api("POST", "/api/whatsapp/webhook", body, null).then(({ status }) => status);

Deno.test("a file that another server sends along is told with its address, and handed out there", () =>
  withGateway({}, async (gateway, rx) => {
    await gateway.api("POST", "/v1/webhooks", {
      url: `${rx.url}/session`,
      events: ["media"],
      format: "session",
    });
    const taken = await take(
      gateway,
      report("IMG1", { mimetype: "image/png", data: PNG.toString("base64"), filename: "nota.png" }),
    );
    const requests = await rx.waitFor(2);
    const told = requests.find(({ path }) => path === "/device")?.json;
    const { url, ...data } = told.data;

    const file = await fetch(gateway.url + url, { headers: { authorization: `Bearer ${KEY}` } });
    const byAlias = await gateway.api("GET", "/v1/devices/toko/media/IMG1");
    const keyless = await gateway.api("GET", url, undefined, null);
    const other = await gateway.tenant();
    const foreign = await gateway.api("GET", url, undefined, other.key);

    assertEquals([taken, url], [200, `/v1/devices/${told.device_id}/media/IMG1`]);
    assertEquals(data, {
      message_id: "IMG1",
      mime_type: "image/png",
      file_name: "nota.png",
      file_size: PNG.length,
    });
    assertEquals(Buffer.from(await file.arrayBuffer()), PNG);
    assertEquals(
      ["content-type", "content-disposition"].map((name) => file.headers.get(name)),
      ["image/png", `inline; filename="nota.png"; filename*=UTF-8''nota.png`],
    );
    assertEquals([byAlias.status, keyless.status, foreign.status], [200, 401, 404]);
    const session = requests.find(({ path }) => path === "/session")?.json;
    assertEquals(session.data.message, { id: { id: "IMG1" }, mediaUrl: url });
  }));

const NOT_KEPT: readonly [why: string, id: string, messageMedia: unknown][] = [
  ["no bytes", "IMG2", { mimetype: "image/png" }],
  ["no Base64", "IMG2", { mimetype: "image/png", data: "that is no file!" }],
  ["not a text", "IMG2", { mimetype: "image/png", data: { length: 3 } }],
  ["a name that is no part of an address", "../../IMG2", {
    mimetype: "image/png",
    data: PNG.toString("base64"),
  }],
];
for (const [why, id, messageMedia] of NOT_KEPT) {
  Deno.test(`a file is told without an address when it is not kept (${why})`, () =>
    withGateway({}, async (gateway, rx) => {
      const taken = await take(gateway, report(id, messageMedia));
      const [{ json }] = await rx.waitFor(1);
      const file = await gateway.api("GET", `/v1/devices/toko/media/${encodeURIComponent(id)}`);

      assertEquals([taken, json.data], [200, { message_id: id, mime_type: "image/png" }]);
      assertEquals(file.status, 404);
    }));
}

Deno.test("a file is not kept where anybody may post, as anybody could fill the disk", () =>
  withGateway({ RECEIVERS_OPEN: "true" }, async (gateway, rx) => {
    await take(gateway, report("IMG3", { mimetype: "image/png", data: PNG.toString("base64") }));
    const [{ json }] = await rx.waitFor(1);
    const file = await gateway.api("GET", "/v1/devices/toko/media/IMG3");

    assertEquals([json.data.url, file.status], [undefined, 404]);
  }));

Deno.test("a file replaces the one that was sent for its message before", () =>
  withGateway({}, async (gateway) => {
    const text = (words: string) => ({ mimetype: "text/plain", data: Buffer.from(words).toString("base64") });
    await take(gateway, report("DOC1", text("first")));
    await take(gateway, report("DOC1", text("second one")));

    const file = await gateway.api("GET", "/v1/devices/toko/media/DOC1");

    assertEquals([file.text, file.headers.get("content-length")], ["second one", "10"]);
  }));
