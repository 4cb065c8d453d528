import { assertEquals, assertMatch } from "@std/assert";
import { createInstanceDeedRoutes } from "../../src/http/instances/actions.ts";
import { createInstanceMessageRoutes } from "../../src/http/instances/messages.ts";
import { until } from "../support/until.ts";
import { type MoreRoutes, startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";

const routes: MoreRoutes = ({ store, lines }) => [
  {
    at: "/api",
    routes: createInstanceDeedRoutes({ ...lines, inbox: store.inbox, countryCode: "62" }),
  },
  { at: "/api", routes: createInstanceMessageRoutes(lines) },
];

/** An instance that Budi has written to; `incoming` are WhatsApp's ids of that. */
async function setUp() {
  const gateway = await startWhatsAppGateway({ routes });
  const { phone } = await gateway.pair("toko");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const incoming = [await budi.sendText(phone, "pagi"), await budi.sendText(phone, "ada?")];
  await until(async () => (await gateway.events("message.received")).length === 2, "they came");
  const act = (method: string, path: string, body: Readonly<Record<string, unknown>>) =>
    gateway.ask(method, `/api/message/${path}`, { instanceId: "toko", ...body });
  const read = () => budi.receipts.filter(({ type }) => type === "read").flatMap(({ ids }) => ids);
  const [device] = phone.devices.values();
  return {
    gateway,
    budi,
    incoming,
    act,
    read,
    device,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

Deno.test("an instance reacts, and takes the reaction back", async () => {
  await using world = await setUp();
  const { act, budi, incoming: [messageId] } = world;
  const chatId = `${BUDI}@s.whatsapp.net`;
  const reactions = () => budi.inbox.flatMap(({ message }) => message.reactionMessage ?? []);

  const added = await act("PUT", "reaction", { chatId, messageId, reaction: "👍" });
  const removed = await act("PUT", "reaction", { messageId, emoji: "" });
  await until(() => reactions().length === 2, "both came");
  const none = await act("PUT", "reaction", { chatId, messageId });
  const unknown = await act("PUT", "reaction", { chatId, messageId: "3A00", reaction: "👍" });

  assertEquals([added.status, added.at("message")], [200, "Reaction added successfully"]);
  assertEquals([removed.status, removed.at("message")], [200, "Reaction removed successfully"]);
  assertEquals(reactions().map(({ text, key }) => [text, key?.id]), [["👍", messageId], ["", messageId]]);
  assertEquals([none.status, unknown.status], [400, 404]);
});

Deno.test("an instance tells that messages were read: those that are named, or the newest", async () => {
  await using world = await setUp();
  const { act, budi, incoming, read } = world;

  const one = await act("POST", "seen", { chatId: BUDI, messageIds: [incoming[0]] });
  await until(() => read().length === 1, "one is read");
  const first = read();
  const all = await act("POST", "seen", { chatId: budi.lidJid });
  await until(() => new Set(read()).size === 2, "both are read");
  const unknown = await act("POST", "seen", { chatId: BUDI, messageId: "3A00" });

  assertEquals([one.status, one.at("message")], [200, "Messages marked as seen"]);
  assertEquals(first, [incoming[0]]);
  assertEquals(all.status, 200);
  assertEquals(unknown.status, 404);
});

Deno.test("an instance shows that somebody types, and no more", async () => {
  await using world = await setUp();
  const { act, device } = world;
  const shown = () =>
    device.presence.filter(({ tag }) => tag === "chatstate").map(({ content }) =>
      Array.isArray(content) ? content[0].tag : ""
    );

  const start = await act("POST", "typing/start", { to: BUDI });
  const stop = await act("POST", "typing/stop", { chatId: `${BUDI}@s.whatsapp.net` });
  await until(() => shown().length === 2, "both came");
  const nowhere = await act("POST", "typing/start", {});

  assertEquals([start.status, start.at("message")], [200, "Typing indicator started"]);
  assertEquals([stop.status, stop.at("message")], [200, "Typing indicator stopped"]);
  assertEquals(shown(), ["composing", "paused"]);
  assertEquals(nowhere.status, 400);
});

Deno.test("an instance that is not connected does none of it", async () => {
  await using world = await setUp();
  const { act, gateway, incoming: [messageId] } = world;
  await gateway.ask("POST", "/v1/devices/toko/stop");

  const answers = [
    await act("PUT", "reaction", { messageId, reaction: "👍" }),
    await act("POST", "seen", { chatId: BUDI }),
    await act("POST", "typing/start", { to: BUDI }),
  ];

  assertEquals(answers.map(({ status }) => status), [409, 409, 409]);
});

Deno.test("an instance sends many texts in their order, each a message of its own", async () => {
  await using world = await setUp();
  const { act, budi, incoming: [question] } = world;
  const messages = [
    { to: BUDI, message: "satu", quotedMessageId: question },
    { to: "nobody", message: "dua" },
    { to: BUDI, message: "tiga" },
  ];

  const sent = await act("POST", "send/bulk", { messages });
  const tooMany = await act("POST", "send/bulk", {
    messages: Array.from({ length: 101 }, () => ({ to: BUDI, message: "lagi" })),
  });

  assertEquals([sent.status, sent.at("success")], [200, true]);
  assertEquals(sent.at("data.summary"), { total: 3, success: 2, failed: 1 });
  assertMatch(String(sent.at("data.results.0.messageId")), /^3EB0/);
  assertEquals([sent.at("data.results.0.status"), sent.at("data.results.1.to")], ["sent", "nobody"]);
  assertEquals(budi.inbox.map(({ message }) => message.extendedTextMessage?.text), ["satu", "tiga"]);
  assertEquals(tooMany.status, 400);
});
