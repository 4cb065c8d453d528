// Meta's Graph endpoints as programs call them: over HTTP, with a simulated WhatsApp behind.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import type { Contact } from "../../../src/simulator/mod.ts";
import {
  type Answer,
  aNumber,
  type Gateway,
  KEY,
  type PairedDevice,
  runGateway,
} from "../../support/gateway.ts";
import { until } from "../../support/until.ts";
import { startReceiver } from "../../support/receiver.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==",
  "base64",
);

interface World extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly device: PairedDevice;
  readonly anna: Contact;
  readonly number: string;
  /** A message to Anna, under the number's path. */
  send(body: Readonly<Record<string, unknown>>): Promise<Answer>;
}

async function setUp(): Promise<World> {
  const gateway = await runGateway({ whatsapp: true });
  const device = await gateway.pair({ alias: "shop" });
  const anna = gateway.simulator.contact(aNumber(), "Anna");
  const number = device.phone.number;
  return {
    gateway,
    device,
    anna,
    number,
    send: (body) =>
      gateway.api(
        "POST",
        `/graph/v23.0/${number}/messages`,
        {
          messaging_product: "whatsapp",
          to: anna.number,
          ...body,
        },
        KEY,
        { Authorization: `Bearer ${KEY}` },
      ),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
    },
  };
}

function bearer(gateway: Gateway, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { Authorization: `Bearer ${KEY}`, ...init.headers as Record<string, string> };
  return fetch(`${gateway.url}${path}`, { ...init, headers });
}

Deno.test("graph sends every kind of message, and answers with an id before it is sent", async () => {
  await using world = await setUp();
  const { anna, send } = world;
  const form = new FormData();
  form.set("file", new Blob([PNG], { type: "image/png" }), "a.png");
  form.set("messaging_product", "whatsapp");
  const upload = await bearer(world.gateway, `/graph/${world.number}/media`, { method: "POST", body: form });
  const { id } = await upload.json();
  assertMatch(id, /^9\d{15}$/);

  const answers = [
    await send({ type: "text", text: { body: "halo ✓", preview_url: false }, context: null }),
    await send({ text: { body: "tanpa tipe" } }),
    await send({ type: "image", image: { id, caption: "ini" } }),
    await send({ type: "location", location: { latitude: "-6.1", longitude: 106.8, name: "Monas" } }),
    await send({
      type: "contacts",
      contacts: JSON.stringify([{
        name: { formatted_name: "Budi" },
        phones: [{ phone: "+62812", wa_id: "62812" }],
      }]),
    }),
    await send({
      type: "interactive",
      interactive: {
        type: "button",
        body: { text: "Setuju?" },
        action: {
          buttons: [{ type: "reply", reply: { id: "b1", title: "Ya" } }, {
            type: "reply",
            reply: { id: "b2", title: "Tidak" },
          }],
        },
      },
    }),
  ];

  for (const { status, body, text } of answers) {
    assertEquals(status, 200, text);
    assertEquals(body.contacts, [{ input: anna.number, wa_id: anna.number }]);
    assertMatch(body.messages[0].id, /^wamid\.\w+$/);
  }
  await anna.waitMessage(({ message }) =>
    message.extendedTextMessage?.text === "halo ✓" || message.conversation === "halo ✓"
  );
  await anna.waitMessage(({ message }) => message.imageMessage?.caption === "ini");
  await anna.waitMessage(({ message }) => message.locationMessage?.degreesLatitude === -6.1);
  const card = await anna.waitMessage(({ message }) => message.contactMessage != null);
  assertStringIncludes(card.message.contactMessage!.vcard!, "waid=62812:+62812");
  const poll = await anna.waitMessage(({ message }) => JSON.stringify(message).includes("Setuju?"));
  assert(JSON.stringify(poll.message).includes("Tidak"));
});

Deno.test("graph answers, reacts to and marks as read by the ids of its own webhooks", async () => {
  await using world = await setUp();
  const { gateway, anna, device, send } = world;
  await using rx = await startReceiver();
  const wish = { url: rx.url, format: "cloud", events: ["messages"], secret: "app-secret" };
  assertEquals((await gateway.api("POST", "/v1/webhooks", wish)).status, 201);
  await anna.sendText(device.phone, "Halo 😀");
  const { json } = await until(
    () => rx.requests.find(({ json }) => JSON.stringify(json).includes("Halo")),
    "told",
  );
  const [{ id, from }] = json.entry[0].changes[0].value.messages;
  assertEquals([json.entry[0].changes[0].value.metadata.phone_number_id, from], [world.number, anna.number]);

  const read = await send({ status: "read", message_id: id, typing_indicator: { type: "text" } });
  const reaction = await send({ type: "reaction", reaction: { message_id: id, emoji: "👍" } });
  const reply = await send({ type: "text", text: { body: "siap" }, context: { message_id: id } });

  assertEquals(read.body, { success: true });
  assertEquals([reaction.status, reply.status], [200, 200], reaction.text + reply.text);
  await anna.waitMessage(({ message }) => message.reactionMessage?.text === "👍");
  const quoted = await anna.waitMessage(({ message }) => message.extendedTextMessage?.text === "siap");
  assertEquals(quoted.message.extendedTextMessage?.contextInfo?.stanzaId, id.replace("wamid.", ""));
  await until(
    () =>
      rx.requests.find(({ json }) =>
        json.entry[0].changes[0].value.statuses?.[0].id === reply.body.messages[0].id
      ),
    "a status of the answer's id",
  );
});

/** What a person's choice comes back as: the interactive part and the message that it answers. */
async function tapOn(world: World, menu: unknown, question: string, title: string) {
  const { gateway, anna, device, send } = world;
  await using rx = await startReceiver();
  await gateway.api("POST", "/v1/webhooks", { url: rx.url, format: "cloud", events: ["messages"] });

  const sent = await send({ type: "interactive", interactive: menu });
  const { id } = await anna.waitMessage(({ message }) => JSON.stringify(message).includes(question));
  await anna.vote(device.phone, id, [title]);

  const { json } = await until(
    () => rx.requests.find(({ json }) => json.entry[0].changes[0].value.messages?.[0].type === "interactive"),
    "the tap",
  );
  const [{ interactive, context }] = json.entry[0].changes[0].value.messages;
  return { interactive, answers: context.id === sent.body.messages[0].id };
}

Deno.test("graph answers people abroad by the number that its webhooks give, as every client does", async () => {
  await using world = await setUp();
  const { gateway, device, send } = world;
  const wei = gateway.simulator.contact("6581234567", "Wei"); // would be a number in Indonesia, too

  const before = await send({ to: wei.number, text: { body: "hello" } });
  await wei.sendText(device.phone, "hi");
  await until(async () => {
    const { body } = await gateway.api("GET", `/v1/devices/${device.id}/chats`);
    return body.data.chats.length > 0;
  }, "a chat");
  const after = await send({ to: wei.number, text: { body: "hello" } });

  assertEquals([before.status, before.body.error.code], [400, 131026]);
  assertEquals(after.status, 200, after.text);
  assertEquals(after.body.contacts, [{ input: "6581234567", wa_id: "6581234567" }]);
  await wei.waitMessage(({ message }) => JSON.stringify(message).includes("hello"));
});

Deno.test("graph sends buttons that a person can answer: the choice comes back with its own id", async () => {
  await using world = await setUp();
  const reply = (id: string, title: string) => ({ type: "reply", reply: { id, title } });

  const tap = await tapOn(
    world,
    {
      type: "button",
      body: { text: "Setuju?" },
      action: { buttons: [reply("b1", "Ya"), reply("b2", "Tidak")] },
    },
    "Setuju?",
    "Tidak",
  );

  assertEquals(tap, {
    interactive: { type: "button_reply", button_reply: { id: "b2", title: "Tidak" } },
    answers: true,
  });
});

Deno.test("graph sends a list with what its rows say, and the choice comes back as one of a list", async () => {
  await using world = await setUp();
  const rows = [{ id: "r1", title: "Reguler", description: "3 hari" }, { id: "r2", title: "Kilat" }];

  const tap = await tapOn(
    world,
    { type: "list", body: { text: "Kirim dengan?" }, action: { button: "Pilih", sections: [{ rows }] } },
    "Reguler: 3 hari",
    "Reguler",
  );

  assertEquals(tap, {
    interactive: { type: "list_reply", list_reply: { id: "r1", title: "Reguler" } },
    answers: true,
  });
});

Deno.test("graph gives the data that a message was sent with back in its statuses", async () => {
  await using world = await setUp();
  await using rx = await startReceiver();
  await world.gateway.api("POST", "/v1/webhooks", { url: rx.url, format: "cloud", events: ["messages"] });

  await world.send({ type: "text", text: { body: "dengan" }, biz_opaque_callback_data: "order=42;é" });
  await world.send({ type: "text", text: { body: "tanpa" } });

  const statuses = () => rx.requests.flatMap(({ json }) => json.entry[0].changes[0].value.statuses ?? []);
  await until(() => statuses().filter(({ status }) => status === "sent").length === 2, "both sent");
  const data = statuses().map((status) => status.biz_opaque_callback_data);
  assertEquals(new Set(data), new Set(["order=42;é", undefined]));
});

Deno.test("graph hands out the file of a message by the webhook's id, without a key at the address", async () => {
  await using world = await setUp();
  const { gateway, anna, device } = world;
  await using rx = await startReceiver();
  await gateway.api("POST", "/v1/webhooks", { url: rx.url, format: "cloud", events: ["messages"] });
  await anna.sendMedia(device.phone, "image", PNG, { mimetype: "image/png" });
  const { json } = await until(
    () => rx.requests.find(({ json }) => JSON.stringify(json).includes("image/png")),
    "told",
  );
  const { id } = json.entry[0].changes[0].value.messages[0].image;

  const told = await (await bearer(gateway, `/graph/v20.0/${id}?phone_number_id=${world.number}`)).json();
  const bytes = await (await fetch(told.url)).bytes();
  const forged = await fetch(
    told.url.replace(/(?<=signature=)./, (first: string) => first === "A" ? "B" : "A"),
  );
  const foreign = await gateway.tenant();
  const stranger = await gateway.api("GET", `/graph/${id}?access_token=${foreign.key}`, undefined, null);

  assertEquals([told.mime_type, told.file_size, bytes.length], ["image/png", PNG.length, PNG.length]);
  await forged.body?.cancel();
  assertEquals(forged.status, 401);
  assertEquals([stranger.status, stranger.body.error.code], [400, 100]);
});

Deno.test("graph keeps uploads until they are deleted", async () => {
  await using world = await setUp();
  const { gateway, number } = world;
  const form = new FormData();
  form.set("file", new Blob([PNG], { type: "image/png" }), "a.png");
  form.set("type", "image"); // as some clients do, instead of the MIME type
  const { id } = await (await bearer(gateway, `/v23.0/${number}/media?messaging_product=whatsapp`, {
    method: "POST",
    body: form,
  })).json();

  const { url, sha256, mime_type } = await (await bearer(gateway, `/graph/${id}`)).json();
  const bytes = await (await fetch(url)).bytes();
  const removed = await (await bearer(gateway, `/graph/${id}`, { method: "DELETE" })).json();
  const again = await bearer(gateway, `/graph/${id}`);
  const { error } = await again.json();

  assertEquals([bytes.length, removed], [PNG.length, { success: true }]);
  assertEquals(mime_type, "image/png");
  assertMatch(sha256, /^[0-9a-f]{64}$/);
  assertEquals([again.status, error.code], [400, 100]);
  assertMatch(error.message, /is not a valid whatsapp business account media attachment ID$/);
});

Deno.test("graph tells of numbers, templates and tokens, with and without version, and with the key in the query", async () => {
  await using world = await setUp();
  const { gateway, number, device } = world;
  await gateway.api("POST", "/api/templates", {
    id: "t1",
    name: "hello",
    body: "Halo {{nama}}, pesanan {{no}}",
  });
  const get = async (path: string) => (await bearer(gateway, path)).json();

  const own = await get(`/graph/${number}?fields=id,display_phone_number`);
  const byDevice = await get(`/v24.0/${device.id}`);
  const byAlias = await get("/graph/v13.0/shop");
  const account = await gateway.api(
    "GET",
    `/graph/${number}/phone_numbers?access_token=${KEY}`,
    undefined,
    null,
  );
  const templates = await get(`/graph/${number}/message_templates?limit=5`);
  const token = await get("/graph/v21.0/debug_token?input_token=x");

  assertEquals([own.id, own.display_phone_number, own.status], [number, `+${number}`, "CONNECTED"]);
  assertEquals([byDevice.id, byAlias.id], [number, number]);
  assertEquals(account.body.data.map(({ id }: { id: string }) => id), [number]);
  assertEquals(templates.data[0].components, [{ type: "BODY", text: "Halo {{1}}, pesanan {{2}}" }]);
  assertEquals(token.data.is_valid, true);
});

Deno.test("graph fills templates of ours by position", async () => {
  await using world = await setUp();
  await world.gateway.api("POST", "/api/templates", {
    id: "t1",
    name: "hello",
    body: "Halo {{nama}}, pesanan {{no}}",
  });
  const template = (...texts: string[]) =>
    world.send({
      type: "template",
      template: {
        name: "hello",
        language: { code: "id", policy: "deterministic" },
        components: [{ type: "BODY", parameters: texts.map((text) => ({ type: "text", text })) }],
      },
    });

  const sent = await template("Budi", "7");
  const short = await template("Budi");
  const unknown = await world.send({
    type: "template",
    template: { name: "none", language: { code: "id" } },
  });

  assertEquals(sent.status, 200, sent.text);
  await world.anna.waitMessage(({ message }) => JSON.stringify(message).includes("Halo Budi, pesanan 7"));
  assertEquals([short.body.error.code, unknown.body.error.code], [132000, 132001]);
});

Deno.test("graph refuses in Meta's shape and codes", async () => {
  await using world = await setUp();
  const { gateway, number, send } = world;
  const ask = (path: string, body: unknown, key: string | null = KEY) =>
    gateway.api("POST", path, body, null, key === null ? {} : { Authorization: `Bearer ${key}` });
  const path = `/graph/v23.0/${number}/messages`;

  const cases: readonly (readonly [string, Answer, number, number])[] = [
    ["no key", await ask(path, {}, null), 401, 190],
    ["a wrong key", await ask(path, {}, "nonsense"), 401, 190],
    ["an unknown number", await ask("/graph/v23.0/1/messages", { messaging_product: "whatsapp" }), 400, 100],
    ["an unknown edge", await ask(`/graph/v23.0/${number}/nonsense`, {}), 400, 100],
    ["no product", await ask(path, { to: "628123" }), 400, 131008],
    ["no recipient", await send({ to: null, type: "text", text: { body: "x" } }), 400, 131008],
    ["no body", await send({ type: "text" }), 400, 131008],
    ["an empty text", await send({ type: "text", text: { body: "" } }), 400, 131008],
    [
      "a key that Meta does not know",
      await send({ type: "text", text: { body: "x", bold: true } }),
      400,
      100,
    ],
    [
      "a place off the earth",
      await send({ type: "location", location: { latitude: 91, longitude: 0 } }),
      400,
      131009,
    ],
    ["an unknown type", await send({ type: "hologram", hologram: {} }), 400, 131051],
    ["an unknown file", await send({ type: "image", image: { id: "9000000000000000" } }), 400, 100],
    ["a link that is none", await send({ type: "image", image: { link: "nonsense" } }), 400, 100],
    ["no phone number", await send({ to: "not a number", type: "text", text: { body: "x" } }), 400, 131026],
    ["a foreign message", await send({ status: "read", message_id: "wamid.NONE" }), 400, 131009],
  ];

  for (const [what, { status, body, text }, expected, code] of cases) {
    assertEquals([status, body?.error?.code], [expected, code], `${what}: ${text}`);
    assertEquals(typeof body.error.message, "string");
    assertEquals(typeof body.error.error_data.details, "string", what);
  }
});

Deno.test("graph says that a number that is not linked cannot send", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const id = await gateway.device({ alias: "new" });

  const { status, body } = await gateway.api(
    "POST",
    `/graph/${id}/messages`,
    {
      messaging_product: "whatsapp",
      to: "628000000142",
      text: { body: "x" },
    },
    null,
    { Authorization: `Bearer ${KEY}` },
  );

  assertEquals([status, body.error.code], [503, 131016]);
});

Deno.test("graph lets a client register its webhook itself, once it answers the challenge", async () => {
  await using world = await setUp();
  const { gateway, number } = world;
  const seen: URL[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const url = new URL(request.url);
    seen.push(url);
    const genuine = url.searchParams.get("hub.verify_token") === "right";
    return new Response(genuine ? url.searchParams.get("hub.challenge") : "no", {
      status: genuine ? 200 : 403,
    });
  });
  const override_callback_uri = `http://127.0.0.1:${server.addr.port}/hook?x=1`;
  const subscribe = (verify_token: string) =>
    bearer(gateway, `/graph/${number}/subscribed_apps`, {
      method: "POST",
      body: JSON.stringify({ override_callback_uri, verify_token }),
    });

  const wrong = await subscribe("wrong");
  const refused = await wrong.json();
  const right = await (await subscribe("right")).json();
  const { data } = await (await bearer(gateway, `/graph/${number}/subscribed_apps`)).json();
  const webhooks = await gateway.api("GET", "/v1/webhooks");

  assertEquals([wrong.status, refused.error.code], [400, 100]);
  assertStringIncludes(refused.error.message, "it answered 403");
  assertEquals([right, data[0].override_callback_uri], [{ success: true }, override_callback_uri]);
  assertEquals(webhooks.body.data.webhooks[0].format, "cloud");
  assertEquals([seen[0]!.searchParams.get("x"), seen[0]!.searchParams.get("hub.mode")], ["1", "subscribe"]);
  assertMatch(seen[0]!.searchParams.get("hub.challenge")!, /^\d{10}$/);
});

Deno.test("a webhook with a verify token is made only when its URL answers the challenge", async () => {
  await using gateway = await runGateway();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { searchParams } = new URL(request.url);
    const genuine = searchParams.get("hub.verify_token") === "right";
    return Response.json(genuine ? Number(searchParams.get("hub.challenge")) : "no");
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const create = (verify_token: string) =>
    gateway.api("POST", "/v1/webhooks", { url, format: "cloud", events: ["messages"], verify_token });

  const wrong = await create("wrong");
  const right = await create("right");
  const { body } = await gateway.api("GET", "/v1/webhooks");

  assertEquals([wrong.status, right.status], [400, 201], right.text);
  assertStringIncludes(wrong.text, "instead of 200 with the challenge");
  assertEquals(body.data.total, 1);
});
