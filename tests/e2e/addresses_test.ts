import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { wordsOf } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";
/** Large enough to be overtaken while it goes up. */
const PICTURE = Buffer.concat([
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "base64",
  ),
  Buffer.alloc(2_000_000),
]);

Deno.test("what is sent to either address of a person is told with both, and is one chat", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  budi.autoReceipts = ["delivered"];
  await budi.sendText(phone, "pagi");
  await until(async () => (await gateway.events("message.received")).length === 1, "it came");
  const path = `/v1/devices/${id}/messages/text`;

  for (const to of [BUDI, budi.lidJid]) await gateway.ask("POST", path, { to, text: "halo" });
  await until(
    async () =>
      (await gateway.events("message.status")).filter(({ status }) => status === "delivered").length === 2,
    "both are delivered",
  );

  const chat = { kind: "person" as const, jid: budi.pnJid, lid: budi.lidJid };
  const told = [...await gateway.events("message.sent"), ...await gateway.events("message.status")];
  assertEquals(told.map((data) => data.chat), told.map(() => chat));
  const chats = await gateway.ask("GET", `/v1/devices/${id}/chats`);
  assertEquals(chats.at("data.count"), 1);
  for (const address of [BUDI, budi.lidJid]) {
    const history = await gateway.ask("GET", `/v1/devices/${id}/chats/${address}/messages`);
    assertEquals([history.at("data.chat_id"), history.at("data.count")], [budi.pnJid, 3]);
  }
});

Deno.test("what is sent to both addresses of a person leaves in one order", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  await budi.sendText(phone, "pagi");
  await until(async () => (await gateway.events("message.received")).length === 1, "it came");
  const picture = await gateway.ask("POST", `/v1/devices/${id}/messages/image?wait=false`, {
    to: budi.lidJid,
    media_base64: PICTURE.toString("base64"),
    caption: "first",
  });
  assertEquals(picture.status, 202);
  const path = `/v1/devices/${id}/messages/text?wait=false`;

  for (const [n, to] of [BUDI, budi.lidJid, BUDI].entries()) {
    await gateway.ask("POST", path, { to, text: `then ${n}` });
  }
  await until(() => Promise.resolve(budi.inbox.length === 4), "all came");

  const words = budi.inbox.map(({ message }) => wordsOf(message));
  assertEquals(words, ["first", "then 0", "then 1", "then 2"]);
});

Deno.test("what is sent to a number that WhatsApp has otherwise is told under the account's own", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const ana = gateway.simulator.contact("556991674800", "Ana");

  const sent = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, {
    to: "5569991674800",
    text: "oi",
  });
  await ana.sendText(phone, "oi!");
  await until(async () => (await gateway.events("message.received")).length === 1, "the answer");

  assertEquals(sent.status, 200);
  const told = [...await gateway.events("message.sent"), ...await gateway.events("message.received")];
  assertEquals(told.map(({ chat }) => chat.jid), [ana.pnJid, ana.pnJid]);
  assertEquals((await gateway.ask("GET", `/v1/devices/${id}/chats`)).at("data.count"), 1);
});

Deno.test("a request is the same under the recipient's other address", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  await budi.sendText(phone, "pagi");
  await until(async () => (await gateway.events("message.received")).length === 1, "it came");
  const path = `/v1/devices/${id}/messages/text`;
  const ask = (to: string) => gateway.ask("POST", path, { to, text: "halo", idempotencyKey: "order-1" });

  const first = await ask(BUDI);
  const again = await ask(budi.lidJid);

  assertEquals([again.status, again.at("data.message_id")], [200, first.at("data.message_id")]);
  assertEquals(budi.inbox.length, 1);
});

Deno.test("a stranger who copies a message's id gets neither its file nor its mark", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const [budi, mallory] = [BUDI, "628999999999"].map((number) => gateway.simulator.contact(number, number));
  const secret = await budi.sendMedia(phone, "document", new TextEncoder().encode("budi's contract"));
  await until(async () => (await gateway.events("message.received")).length === 1, "it came");
  await mallory.sendMedia(phone, "document", new TextEncoder().encode("nothing"), { id: secret });
  await until(async () => (await gateway.events("message.received")).length === 2, "the copy came");

  const events = await gateway.events("message.received");
  const names = events.map(({ content }) => "media" in content ? content.media?.mediaId ?? "" : "");
  const files = [];
  for (const name of [...names, secret]) {
    const answer = await gateway.ask("GET", `/v1/devices/${id}/media/${name}`);
    files.push(new TextDecoder().decode(answer.bytes));
  }
  await gateway.ask("POST", `/v1/devices/${id}/messages/mark-read`, { message_ids: [secret] });
  await until(() => Promise.resolve(budi.receipts.some(({ type }) => type === "read")), "the receipt");

  assertEquals(mallory.receipts.some(({ type }) => type === "read"), false);
  const path = `/v1/devices/${id}/messages`;
  for (const to of [mallory.pnJid, mallory.lidJid]) {
    const marked = await gateway.ask("POST", `${path}/mark-read`, { message_ids: [secret], to });
    const raw = await gateway.ask("GET", `${path}/${secret}/raw?chat=${to}`);
    const reaction = await gateway.ask("POST", `${path}/reaction`, { message_id: secret, to, emoji: "👍" });
    assertEquals([marked.at("data.marked"), raw.at("data.chat_id")], [1, mallory.pnJid]);
    assertEquals(reaction.status, 200);
  }
  await until(() => Promise.resolve(mallory.receipts.some(({ type }) => type === "read")), "the receipt");
  assertEquals(mallory.inbox.length, 2);
  assertEquals(files, ["budi's contract", "nothing", "budi's contract"]);
});
