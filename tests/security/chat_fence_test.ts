import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { aNumber, type Gateway, type PairedDevice, runGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

type Contact = ReturnType<Gateway["simulator"]["contact"]>;

interface Fenced {
  readonly gateway: Gateway;
  readonly device: PairedDevice;
  /** The chat that the key is for, and the one that it is not for. */
  readonly anna: Contact;
  readonly budi: Contact;
  /** Messages of theirs. */
  readonly annas: string;
  readonly budis: string;
  key(wanted: Readonly<Record<string, unknown>>): Promise<string>;
}

/** A device with two chats, and keys that are for the first one. */
async function withChats(test: (fenced: Fenced) => Promise<void>): Promise<void> {
  await using gateway = await runGateway({ whatsapp: true });
  const device = await gateway.pair();
  const [anna, budi] = ["Anna", "Budi"].map((name) => gateway.simulator.contact(aNumber(), name));
  const annas = await anna.sendText(device.phone, "rahasia Anna");
  const budis = await budi.sendText(device.phone, "rahasia Budi");
  await until(
    async () => (await gateway.api("GET", `/v1/devices/${device.id}/chats`)).body.data.count === 2,
    "both chats",
  );
  await test({
    ...{ gateway, device, anna, budi, annas, budis },
    async key(wanted) {
      const { body, text, status } = await gateway.api("POST", "/v1/keys", {
        name: "Assistant",
        scopes: ["read", "send"],
        ...wanted,
      });
      assertEquals(status, 201, text);
      return body.data.api_key;
    },
  });
}

const codes = (
  answers: readonly { readonly status: number; readonly body: { error?: { code: string } } }[],
) => answers.map(({ status, body }) => body.error === undefined ? status : `${status} ${body.error.code}`);
const REFUSED = "403 CHAT_NOT_ALLOWED";

Deno.test("key for some chats reads these, and finds no others in lists, search, events and files", () =>
  withChats(async ({ gateway, device, anna, budi, budis, key }) => {
    const text = await key({ read_chats: [anna.number] });
    const get = (path: string) => gateway.api("GET", path, undefined, text);
    const of = `/v1/devices/${device.id}`;

    const chats = await get(`${of}/chats`);
    const search = await get(`${of}/search?query=rahasia`);
    const events = await get("/v1/events?types=message.*");
    const ofDevice = await get(`${of}/events`);
    const refused = await Promise.all([
      get(`${of}/chats/${budi.number}/messages`),
      get(`${of}/chats/${encodeURIComponent(budi.lidJid)}/messages`),
      get(`${of}/search?query=rahasia&chat=${budi.number}`),
      get(`${of}/media/${budis}`),
      get(`${of}/messages/${budis}/raw`),
      get(`${of}/messages`),
      get("/v1/deliveries"),
      get(`${of}/groups`),
      get(`/graph/${device.id}`),
      get("/api/webhook/logs"),
    ]);
    const allowed = await get(`${of}/chats/${encodeURIComponent(anna.lidJid)}/messages`);

    assertEquals(chats.body.data.chats.map((one: { chat_id: string }) => one.chat_id), [anna.pnJid]);
    assertEquals(search.body.data.messages.map((one: { text: string }) => one.text), ["rahasia Anna"]);
    const texts = (answer: typeof events) =>
      answer.body.data.events.filter((one: { event: string }) => one.event === "message.received")
        .map((one: { data: { text: string } }) => one.data.text);
    assertEquals([texts(events), texts(ofDevice)], [["rahasia Anna"], ["rahasia Anna"]]);
    assertEquals(refused.slice(0, 8).map(({ status }) => status), Array(8).fill(403));
    assertEquals(codes(refused.slice(0, 8)), Array(8).fill(REFUSED));
    assertEquals(refused.slice(8).map(({ status }) => status), [403, 403]);
    assertEquals(allowed.body.data.count, 1);
  }));

Deno.test("key for some chats sends to these only, whatever says where to", () =>
  withChats(async ({ gateway, device, anna, budi, annas, budis, key }) => {
    const text = await key({ send_chats: [anna.pnJid], read_chats: [anna.number] });
    const post = (path: string, body: unknown) => gateway.api("POST", path, body, text);
    const of = `/v1/devices/${device.id}`;
    const graph = (to: string) =>
      gateway.api("POST", `/graph/${device.id}/messages`, {
        messaging_product: "whatsapp",
        to,
        type: "text",
        text: { body: "Halo" },
      }, text);

    const refused = await Promise.all([
      post(`${of}/messages/text`, { to: budi.number, text: "x" }),
      post(`${of}/messages/text`, { to: budi.lidJid, text: "x" }),
      post(`${of}/messages/text`, { to: anna.number, text: "x", quoted_message_id: budis }),
      post(`${of}/messages/forward`, { to: anna.number, message_id: budis }),
      post(`${of}/messages/image`, { to: budi.number, url: "https://files.example/a.png" }),
      post(`${of}/messages/reaction`, { message_id: budis, emoji: "👍" }),
      post(`${of}/messages/mark-read`, { message_ids: [annas, budis] }),
      post(`${of}/chats/${budi.number}/mark-read`, {}),
      post(`${of}/presence`, { to: budi.number, type: "composing" }),
    ]);
    const elsewhere = await Promise.all([
      post("/api/messages/blast", {}),
      post(`/api/whatsapp/send-message`, { to: anna.number, message: "x" }),
      graph(budi.number),
    ]);
    const sent = await Promise.all([
      post(`${of}/messages/text`, { to: anna.number, text: "satu", quoted_message_id: annas }),
      post(`${of}/messages/text`, { to: anna.lidJid, text: "dua" }),
      post(`${of}/messages/reaction`, { message_id: annas, emoji: "👍" }),
      graph(anna.number),
    ]);

    assertEquals(codes(refused), refused.map(() => REFUSED));
    assertEquals(elsewhere.map(({ status }) => status), [403, 403, 403]);
    assertEquals(sent.map(({ status }) => status), [200, 200, 200, 200]);
    await until(() => anna.inbox.length >= 4, "four messages for Anna");
    assertEquals(budi.inbox.length, 0);
  }));

Deno.test("key for some chats cannot have the file of another one sent to its own", () =>
  withChats(async ({ gateway, device, anna, budi, key }) => {
    const text = await key({ send_chats: [anna.pnJid], read_chats: [anna.pnJid] });
    const bytes = Buffer.from("%PDF-1.4 rahasia");
    await anna.sendMedia(device.phone, "document", bytes, { fileName: "anna.pdf" });
    await budi.sendMedia(device.phone, "document", bytes, { fileName: "budi.pdf" });
    /** Media ids, as webhooks of the format tell them: by the file's name. */
    const idsNow = async () => {
      const { text: told } = await gateway.api("GET", "/v1/events?types=messages&format=cloud");
      const files = [...told.matchAll(/"document":(\{[^}]*\})/g)].map(([, file]) => JSON.parse(file));
      return Object.fromEntries(files.map(({ filename, id }) => [filename, id]));
    };
    await until(async () => Object.keys(await idsNow()).length === 2, "both files");
    const { "anna.pdf": annas, "budi.pdf": budis } = await idsNow();
    const send = (id: string, by: string) =>
      gateway.api("POST", `/graph/${device.id}/messages`, {
        messaging_product: "whatsapp",
        to: anna.number,
        type: "document",
        document: { id },
      }, by);

    const refused = await send(budis, text);
    const unknown = await send("777777777", text);
    const own = await send(annas, text);

    const saysOf = (id: string, answer: typeof refused) => answer.body.error.message.replace(id, "…");
    assertEquals([refused.status, saysOf(budis, refused)], [unknown.status, saysOf("777777777", unknown)]);
    assertEquals(own.status, 200, own.text);
    await until(() => anna.inbox.length === 1, "her own file for Anna");
  }));

Deno.test("key for some chats has no file of which nobody knows the chat", () =>
  withChats(async ({ gateway, anna, key }) => {
    const text = await key({ read_chats: [anna.pnJid] });
    const report = {
      sessionId: "other-server",
      event: "media",
      data: {
        message: { id: { id: "3EB0FILE", fromMe: false }, from: "628000000199@c.us", type: "document" },
        messageMedia: { mimetype: "text/plain", filename: "a.txt", data: btoa("rahasia") },
      },
    };
    const taken = await gateway.api("POST", "/api/whatsapp/webhook", report, null);
    assertEquals(taken.status, 200, taken.text);
    const file = "/v1/devices/other-server/media/3EB0FILE";

    const own = await gateway.api("GET", file);
    const refused = await gateway.api("GET", file, undefined, text);

    assertEquals(own.text, "rahasia");
    assertEquals(codes([refused]), ["404 MEDIA_NOT_FOUND"]);
  }));

Deno.test("key for some chats does nothing to a message of another one by naming its own", () =>
  withChats(async ({ gateway, device, anna, budi, annas, budis, key }) => {
    const text = await key({ send_chats: [anna.pnJid] });
    const of = `/v1/devices/${device.id}/messages`;
    const ask = (method: string, path: string, body?: unknown) => gateway.api(method, path, body, text);
    const own = await gateway.api("POST", `${of}/text`, { to: budi.number, text: "untuk Budi" });
    const owns = own.body.data.message_id;
    const react = { messaging_product: "whatsapp", to: anna.number, type: "reaction" };

    const refused = [
      await ask("POST", `${of}/reaction`, { to: anna.number, message_id: budis, emoji: "👍" }),
      await ask("PATCH", `${of}/${owns}`, { to: anna.number, text: "diubah" }),
      await ask("DELETE", `${of}/${owns}?to=${anna.number}`),
      await ask("POST", `${of}/mark-read`, { to: anna.number, message_ids: [budis] }),
    ];
    const graph = await ask("POST", `/graph/${device.id}/messages`, {
      ...react,
      reaction: { message_id: budis, emoji: "👍" },
    });
    const allowed = await ask("POST", `${of}/reaction`, { to: anna.lidJid, message_id: annas, emoji: "👍" });

    assertEquals(codes(refused), refused.map(() => REFUSED));
    assertEquals([graph.status, allowed.status], [403, 200]);
    await until(() => anna.inbox.length === 1, "the reaction to Anna's message");
    assertEquals(budi.inbox.map(({ id }) => id), [own.body.data.wa_message_id]);
  }));

Deno.test("key for some chats does nothing to a message that nobody knows yet", () =>
  withChats(async ({ gateway, device, anna, annas, key }) => {
    const text = await key({ send_chats: [anna.pnJid] });
    const of = `/v1/devices/${device.id}/messages`;
    const post = (path: string, body: unknown) => gateway.api("POST", `${of}/${path}`, body, text);

    const none = await Promise.all([
      post("mark-read", { message_ids: ["3EB0NOBODYKNOWS"] }),
      post("reaction", { message_id: "3EB0NOBODYKNOWS", emoji: "👍" }),
      post("reaction", { to: anna.number, message_id: "3EB0NOBODYKNOWS", emoji: "👍" }),
    ]);
    const some = await post("mark-read", { message_ids: ["3EB0NOBODYKNOWS", annas] });

    assertEquals(codes(none), none.map(() => "404 MESSAGE_NOT_FOUND"));
    assertEquals([some.status, some.body.data.marked], [200, 1]);
  }));

Deno.test("assistant with a key for some chats sees and reaches no others", () =>
  withChats(async ({ gateway, device, anna, budi, budis, key }) => {
    const text = await key({ send_chats: [anna.number], read_chats: [anna.number] });
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
    const headers = { Authorization: `Bearer ${text}` };
    await client.connect(
      new StreamableHTTPClientTransport(new URL("/mcp", gateway.url), { requestInit: { headers } }),
    );
    const call = async (name: string, input: Readonly<Record<string, unknown>>) => {
      const answer = await client.callTool({ name, arguments: { device: device.id, ...input } });
      const [{ text: said }] = answer.content as readonly { readonly text: string }[];
      return answer.isError ? said.slice(said.lastIndexOf("(")) : JSON.parse(said);
    };
    const idempotencyKey = "assistant-1";

    const chats = await call("list_chats", {});
    const contacts = await call("search_contacts", { query: "budi" });
    const found = await call("search_messages", { query: "rahasia" });
    const refused = [
      await call("get_messages", { chat: budi.pnJid }),
      await call("search_messages", { query: "rahasia", chat: budi.pnJid }),
      await call("send_text", { chat: budi.pnJid, text: "x", idempotencyKey }),
      await call("send_text", { chat: anna.pnJid, text: "x", idempotencyKey, quotedMessageId: budis }),
      await call("react", { chat: budi.pnJid, messageId: budis, emoji: "👍" }),
      await call("mark_read", { messageIds: [budis] }),
    ];
    const sent = await call("send_text", { chat: anna.pnJid, text: "Halo", idempotencyKey });
    const messages = await call("get_messages", { chat: anna.pnJid });
    await client.close();

    assertEquals(chats.chats.map((one: { chat: string }) => one.chat), [anna.pnJid]);
    assertEquals(contacts.contacts, []);
    assertEquals(found.messages.map((one: { chat: string }) => one.chat), [anna.pnJid]);
    assertEquals(refused, refused.map(() => "(CHAT_NOT_ALLOWED)"));
    assertEquals(sent.chat, anna.pnJid);
    assertEquals(typeof messages.older, "string");
    assertEquals(budi.inbox.length, 0);
  }));

Deno.test("key for some chats cannot manage, and names chats as they are written anywhere", () =>
  withChats(async ({ gateway, anna }) => {
    const make = (wanted: Readonly<Record<string, unknown>>) =>
      gateway.api("POST", "/v1/keys", { name: "Key", scopes: ["read"], ...wanted });

    const managing = await make({ scopes: ["read", "manage"], read_chats: [anna.number] });
    const wrong = await make({ send_chats: ["somebody"] });
    const none = await make({ read_chats: [] });
    const made = await make({ read_chats: [`+${anna.number}`, anna.pnJid, "120363025246125016@g.us"] });

    assertEquals(codes([managing, wrong, none]), [
      "400 VALIDATION_ERROR",
      "400 INVALID_RECIPIENT",
      "400 VALIDATION_ERROR",
    ]);
    assertEquals(made.body.data.read_chats, [anna.pnJid, "120363025246125016@g.us"]);
    assertEquals(made.body.data.send_chats, null);
  }));

Deno.test("stream of a key for some chats has their messages only", () =>
  withChats(async ({ gateway, device, anna, budi, key }) => {
    const text = await key({ read_chats: [anna.number] });
    const response = await fetch(`${gateway.url}/v1/events/stream?types=message.received`, {
      headers: { authorization: `Bearer ${text}` },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let got = "";

    await budi.sendText(device.phone, "untuk yang lain");
    await anna.sendText(device.phone, "untuk kunci ini");
    while (!got.includes("untuk kunci ini")) got += (await reader.read()).value ?? "";
    await reader.cancel();

    assertEquals(got.includes("untuk yang lain"), false);
  }));
