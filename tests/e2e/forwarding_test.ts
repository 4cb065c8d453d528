// Messages that are sent on to somebody else, as phones get them.
import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { createInstanceMessageRoutes } from "../../src/http/instances/messages.ts";
import { until } from "../support/until.ts";
import { type MoreRoutes, startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";
const SITI = "628987654321";
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const routes: MoreRoutes = ({ lines }) => [{ at: "/api", routes: createInstanceMessageRoutes(lines) }];

/** A device that Budi writes to, and Siti, to whom that is sent on. */
async function setUp() {
  const gateway = await startWhatsAppGateway({ routes });
  const { id, phone } = await gateway.pair("toko");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const siti = gateway.simulator.contact(SITI, "Siti");
  let told = 0;
  return {
    gateway,
    phone,
    budi,
    siti,
    path: `/v1/devices/${id}/messages`,
    /** Waits until the gateway has a message that was sent to it. */
    async came(sending: Promise<string>): Promise<string> {
      const messageId = await sending;
      told++;
      await until(async () => (await gateway.events("message.received")).length === told, "it came");
      return messageId;
    },
    forward: (message_id: unknown, more: Readonly<Record<string, unknown>> = {}) =>
      gateway.ask("POST", `/v1/devices/${id}/messages/forward`, { to: SITI, message_id, ...more }),
    received: async (waMessageId: unknown) =>
      (await siti.waitMessage((message) => message.id === waMessageId)).message,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

Deno.test("a text that came in is sent on, and says that it is forwarded", async () => {
  await using world = await setUp();
  const messageId = await world.came(world.budi.sendText(world.phone, "alamat: Jalan Merdeka 1"));

  const sent = await world.forward(messageId);
  const { extendedTextMessage } = await world.received(sent.at("data.wa_message_id"));

  assertEquals([sent.status, sent.at("data.to")], [200, `${SITI}@s.whatsapp.net`]);
  assertEquals(extendedTextMessage?.text, "alamat: Jalan Merdeka 1");
  assertEquals(extendedTextMessage?.contextInfo?.isForwarded, true);
  const [{ content, forwarded }] = await world.gateway.events("message.sent");
  assertEquals([content, forwarded], [{ kind: "text", text: "alamat: Jalan Merdeka 1" }, true]);
});

Deno.test("a file that came in is sent on without being fetched, and can be opened", async () => {
  await using world = await setUp();
  const sending = world.budi.sendMedia(world.phone, "image", PNG, { mimetype: "image/png", caption: "menu" });
  const messageId = await world.came(sending);

  const sent = await world.forward(messageId);
  const message = await world.received(sent.at("data.wa_message_id"));

  assertEquals(sent.status, 200);
  assertEquals(world.siti.openMedia(message), PNG);
  assertEquals([message.imageMessage?.caption, message.imageMessage?.contextInfo?.isForwarded], [
    "menu",
    true,
  ]);
});

Deno.test("a message of ours is sent on by our own id, as new as the first one", async () => {
  await using world = await setUp();
  const image = { to: BUDI, media_base64: PNG.toString("base64"), caption: "menu" };
  const first = await world.gateway.ask("POST", `${world.path}/image`, image);
  const original = await world.budi.waitMessage(({ id }) => id === first.at("data.wa_message_id"));

  const sent = await world.forward(first.at("data.message_id"));
  const message = await world.received(sent.at("data.wa_message_id"));

  assertEquals(world.siti.openMedia(message), PNG);
  assertEquals(message.imageMessage?.contextInfo?.isForwarded ?? false, false);
  const secretOf = (it: typeof message) => it.messageContextInfo?.messageSecret ?? new Uint8Array();
  assertEquals(Buffer.from(secretOf(message)).equals(secretOf(original.message)), false);
});

Deno.test("an instance sends a message on, once for one idempotency key", async () => {
  await using world = await setUp();
  const messageId = await world.came(world.budi.sendText(world.phone, "pagi"));
  const forward = (to: string) =>
    world.gateway.ask(
      "POST",
      "/api/message/forward",
      { instanceId: "toko", to, messageId, fromChatId: BUDI },
      { "Idempotency-Key": "on" },
    );

  const first = await forward(SITI);
  const again = await forward(SITI);
  const other = await forward(BUDI);
  const message = await world.received(first.at("data.messageId"));

  assertEquals([first.status, first.at("message")], [200, "Message forwarded successfully"]);
  assertEquals(again.at("data.messageId"), first.at("data.messageId"));
  assertEquals(other.status, 422);
  assertEquals(message.extendedTextMessage?.text, "pagi");
});

Deno.test("a message that waits to be sent on goes out over a restart", async () => {
  await using world = await setUp();
  const { gateway, path } = world;
  const messageId = await world.came(world.budi.sendText(world.phone, "pagi"));
  const device = path.replace("/messages", "");
  await gateway.ask("POST", `${device}/stop`);

  const kept = await gateway.ask("POST", `${path}/forward?wait=false`, { to: SITI, messageId });
  await gateway.restart();
  await gateway.ask("POST", `${device}/start`);
  const message = await world.received(kept.at("data.wa_message_id"));

  assertEquals([kept.status, message.extendedTextMessage?.text], [202, "pagi"]);
});

Deno.test("what is not known, or what phones do not send on, is refused", async () => {
  await using world = await setUp();
  const { gateway, path, phone, budi } = world;
  const poll = await gateway.ask("POST", `${path}/poll`, {
    to: BUDI,
    question: "Makan?",
    options: ["Ya", "Tidak"],
  });
  const once = await gateway.ask("POST", `${path}/image`, {
    to: BUDI,
    media_base64: PNG.toString("base64"),
    view_once: true,
  });
  const text = await world.came(budi.sendText(phone, "pagi"));
  const reaction = await gateway.ask("POST", `${path}/reaction`, { message_id: text, emoji: "👍" });

  const answers = [
    await world.forward("3A00"),
    await world.forward(poll.at("data.message_id")),
    await world.forward(once.at("data.message_id")),
    await world.forward(reaction.at("data.wa_message_id")),
    await world.forward(undefined),
  ];

  assertEquals(answers.map((answer) => [answer.status, answer.at("error.code")]), [
    [404, "MESSAGE_NOT_FOUND"],
    [422, "NOT_FORWARDABLE"],
    [422, "NOT_FORWARDABLE"],
    [422, "NOT_FORWARDABLE"],
    [400, "VALIDATION_ERROR"],
  ]);
  assertEquals(world.siti.inbox.length, 0);
});
