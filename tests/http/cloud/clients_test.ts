// Three public client libraries of the Cloud API, unmodified: what they send is taken, what they get is read.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { CloudAPI } from "@great-detail/whatsapp";
import { GraphApiError, WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";
import { WhatsAppAPI } from "whatsapp-api-js/middleware/web-standard";
import {
  ActionButtons,
  ActionList,
  Body,
  Button,
  Contacts,
  Image,
  Interactive,
  ListSection,
  Location,
  Name,
  Phone,
  Reaction,
  Row,
  Text,
} from "whatsapp-api-js/messages";
import type { Contact } from "../../../src/simulator/mod.ts";
import { cloudRequests } from "../../support/cloud_requests.ts";
import { until } from "../../support/until.ts";
import { aNumber, type Gateway, KEY, type PairedDevice, runGateway } from "../../support/gateway.ts";

const SECRET = "app-secret";
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==",
  "base64",
);

interface World extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly device: PairedDevice;
  readonly anna: Contact;
  readonly number: string;
}

async function setUp(): Promise<World> {
  const gateway = await runGateway({ whatsapp: true });
  const device = await gateway.pair({ alias: "shop" });
  const anna = gateway.simulator.contact(aNumber(), "Anna");
  return {
    gateway,
    device,
    anna,
    number: device.phone.number,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

/** A text that has come in: its id. */
async function writtenBy(anna: Contact, { phone }: PairedDevice, gateway: Gateway): Promise<string> {
  const id = await anna.sendText(phone, "halo");
  await until(async () => (await gateway.api("GET", "/v1/events")).text.includes(id), "it came in");
  return id;
}

/** The library's host is fixed; its own hook sends the requests elsewhere. */
function jsClient(gateway: Gateway): WhatsAppAPI {
  const toGateway = (url: string | URL | Request, init?: RequestInit) =>
    fetch(String(url).replace("https://graph.facebook.com", `${gateway.url}/graph`), init);
  return new WhatsAppAPI({
    token: KEY,
    appSecret: SECRET,
    webhookVerifyToken: "token",
    v: "v23.0",
    ponyfill: { fetch: toGateway as typeof fetch, subtle: crypto.subtle },
  });
}

Deno.test("whatsapp-api-js sends every kind of message", async () => {
  await using world = await setUp();
  const { gateway, number, anna, device } = world;
  const client = jsClient(gateway);
  const incoming = await writtenBy(anna, device, gateway);
  const form = new FormData();
  form.set("file", new Blob([PNG], { type: "image/png" }), "a.png");
  const { id } = await client.uploadMedia(number, form) as { id: string };

  const buttons = new Interactive(
    new ActionButtons(new Button("b1", "Ya"), new Button("b2", "Tidak")),
    new Body("Setuju?"),
  );
  const list = new Interactive(
    new ActionList("Pilih", new ListSection("S", new Row("r1", "Satu", "ket"), new Row("r2", "Dua"))),
    new Body("Apa?"),
  );
  const answers = [
    await client.sendMessage(number, anna.number, new Text("halo ✓")),
    await client.sendMessage(number, anna.number, new Image(id, true, "ini")),
    await client.sendMessage(number, anna.number, new Location(106.8, -6.1, "Monas", "Jakarta")),
    await client.sendMessage(
      number,
      anna.number,
      new Contacts([new Name("Budi", "Budi"), new Phone("+62812", "CELL", "62812")]),
    ),
    await client.sendMessage(number, anna.number, buttons),
    await client.sendMessage(number, anna.number, list),
    await client.sendMessage(number, anna.number, new Reaction(`wamid.${incoming}`, "👍")),
    await client.sendMessage(number, anna.number, new Text("balas"), `wamid.${incoming}`),
  ];

  for (const answer of answers) assert("messages" in answer, JSON.stringify(answer));
  await anna.waitMessage(({ message }) => message.imageMessage?.caption === "ini");
  await anna.waitMessage(({ message }) => message.locationMessage?.name === "Monas");
  await anna.waitMessage(({ message }) => message.contactMessage != null);
  await anna.waitMessage(({ message }) => JSON.stringify(message).includes("Setuju?"));
  await anna.waitMessage(({ message }) => JSON.stringify(message).includes("Dua"));
  await anna.waitMessage(({ message }) => message.reactionMessage?.text === "👍");
  const quoted = await anna.waitMessage(({ message }) => message.extendedTextMessage?.text === "balas");
  assertEquals(quoted.message.extendedTextMessage?.contextInfo?.stanzaId, incoming);
});

Deno.test("whatsapp-api-js marks as read, and fetches and deletes files", async () => {
  await using world = await setUp();
  const { gateway, number, anna, device } = world;
  const client = jsClient(gateway);
  const incoming = await writtenBy(anna, device, gateway);
  const form = new FormData();
  form.set("file", new Blob([PNG], { type: "image/png" }), "a.png");

  const read = await client.markAsRead(number, `wamid.${incoming}`, "text");
  const { id } = await client.uploadMedia(number, form) as { id: string };
  const told = await client.retrieveMedia(id, number) as { url: string; mime_type: string };
  const bytes = await (await client.fetchMedia(told.url)).bytes();
  const removed = await client.deleteMedia(id, number);

  assertEquals([read, removed], [{ success: true }, { success: true }]);
  assertEquals([told.mime_type, bytes.length], ["image/png", PNG.length]);
});

Deno.test("@great-detail/whatsapp sends without a version, and lists numbers and templates", async () => {
  await using world = await setUp();
  const { gateway, number, anna } = world;
  const client = new CloudAPI({
    baseUrl: `${gateway.url}/graph`,
    request: { headers: { Authorization: `Bearer ${KEY}` } },
  });

  const sent = await (await client.message.createMessage(
    {
      phoneNumberID: number,
      to: anna.number,
      type: "text",
      text: { body: "halo ✓" },
    } as Parameters<typeof client.message.createMessage>[0],
  )).json() as { messages: { id: string }[] };
  const uploaded = await (await client.media.upload(
    {
      phoneNumberID: number,
      file: new Blob([PNG]),
      filename: "a.png",
      mimeType: "image/png",
    } as Parameters<typeof client.media.upload>[0],
  )).json() as { id: string };
  const told = await (await client.media.getURL({ mediaID: uploaded.id, phoneNumberID: number })).json() as {
    url: string;
  };
  const bytes = await (await client.media.download({ mediaURL: told.url })).arrayBuffer();
  const numbers = await (await client.phoneNumbers.listPhoneNumbers({ businessAccountID: number }))
    .json() as { data: { id: string }[] };
  const templates = await (await client.template.list(number, { limit: 5 })).json() as { data: unknown[] };
  const subscribed = await (await client.subscribedApps.createSubscription({ businessAccountID: number }))
    .json();

  assertEquals(sent.messages.length, 1);
  await anna.waitMessage(({ message }) => JSON.stringify(message).includes("halo ✓"));
  assertEquals([bytes.byteLength, numbers.data[0]!.id, templates.data], [PNG.length, number, []]);
  assertEquals(subscribed, { success: true });
});

Deno.test("@kapso/whatsapp-cloud-api sends, downloads without a key, and understands errors", async () => {
  await using world = await setUp();
  const { gateway, number, anna } = world;
  const client = new WhatsAppClient({
    accessToken: KEY,
    baseUrl: `${gateway.url}/graph`,
    graphVersion: "v24.0",
  });

  const sent = await client.messages.sendText({ phoneNumberId: number, to: anna.number, body: "halo" });
  const { id } = await client.media.upload({
    phoneNumberId: number,
    type: "image/png",
    file: new Blob([PNG], { type: "image/png" }),
    fileName: "a.png",
  });
  const bytes = await client.media.download({ mediaId: id }) as ArrayBuffer;
  const refused = await assertRejects(
    () => client.messages.sendText({ phoneNumberId: number, to: "not a number", body: "x" }),
    GraphApiError,
  );
  const stranger = new WhatsAppClient({ accessToken: "nonsense", baseUrl: `${gateway.url}/graph` });
  const unknown = await assertRejects(
    () => stranger.messages.sendText({ phoneNumberId: number, to: anna.number, body: "x" }),
    GraphApiError,
  );

  assertEquals(sent.messages.length, 1);
  await anna.waitMessage(({ message }) => JSON.stringify(message).includes("halo"));
  assertEquals(bytes.byteLength, PNG.length);
  assertEquals([refused.code, refused.retry.action], [131026, "fix_and_retry"]);
  assertEquals([unknown.httpStatus, unknown.isAuthError()], [401, true]);
});

Deno.test("whatsapp-api-js takes every webhook that `*` gets, and reads messages and statuses", async () => {
  const client = new WhatsAppAPI({
    token: KEY,
    appSecret: SECRET,
    v: "v23.0",
    ponyfill: { fetch, subtle: crypto.subtle },
  });
  const read: string[] = [];
  client.on.message = ({ message, name }) => {
    read.push(`${message.type} of ${name}`);
  };
  client.on.status = ({ status }) => {
    read.push(status);
  };

  for (const { title, request } of cloudRequests(SECRET)) {
    const headers = { ...request.headers, "Content-Length": String(request.body.length) };
    const status = await client.handle_post(
      new Request("http://127.0.0.1/hook", { method: "POST", headers, body: request.body }),
    );
    assertEquals(status, 200, title);
  }

  assertEquals(read.length, cloudRequests(SECRET).length);
  for (const one of ["text of Ibu Sari", "image of Ibu Sari", "reaction of Ibu Sari", "read", "failed"]) {
    assert(read.includes(one), one);
  }
});

Deno.test("@great-detail/whatsapp and @kapso/whatsapp-cloud-api verify and read every webhook that `*` gets", async () => {
  const { webhook } = new CloudAPI();
  for (const { title, request } of cloudRequests(SECRET)) {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const event = await webhook.eventNotification({ method: "POST", query: {}, body: request.body, headers });
    const signatureHeader = headers["x-hub-signature-256"]!;
    const { messages, statuses, phoneNumberId } = normalizeWebhook(JSON.parse(request.body));

    await event.verifySignature(SECRET);
    assert(verifySignature({ appSecret: SECRET, rawBody: request.body, signatureHeader }), title);
    assertEquals([messages.length + statuses.length, phoneNumberId], [1, "628000000100"], title);
  }
});
