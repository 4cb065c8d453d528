import { assertEquals } from "@std/assert";
import { runGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";
import { until } from "../support/until.ts";

const BUDI = "628123456789";

Deno.test("messages of ours tell our own number in every direction, and whose words they answer", async () => {
  await using gateway = await runGateway({ whatsapp: true });
  const rx = await startReceiver();
  await gateway.api("POST", "/v1/webhooks", { url: rx.url, events: ["*"], format: "session" });
  const { id, phone } = await gateway.pair({ alias: "kasir" });
  const budi = gateway.simulator.contact(BUDI, "Budi");
  budi.autoReceipts = ["delivered"];
  const messages = (event: string) =>
    rx.requests.filter(({ json }) => json.event === event).map(({ json }) => json.data.message);
  const question = await budi.sendText(phone, "masih ada?");
  await until(() => messages("message").length === 1, "the question");
  const path = `/v1/devices/${id}/messages/text`;

  const answer = await gateway.api("POST", path, { to: BUDI, text: "ada", quoted_message_id: question });
  const { message_id: quoted_message_id, wa_message_id } = answer.body.data;
  await gateway.api("POST", path, { to: BUDI, text: "dua", quoted_message_id });
  const delivered = () => messages("message_ack").filter(({ ack }) => ack === 2);
  await until(() => delivered().length === 2, "both to be delivered");
  await until(() => messages("message_create").length === 2, "both to be told");

  const [ours, theirs] = [`${phone.number}@c.us`, `${BUDI}@c.us`];
  assertEquals(messages("message").map(({ from, to }) => [from, to]), [[theirs, ours]]);
  assertEquals(messages("message_create").map(({ from, to }) => [from, to]), [
    [ours, theirs],
    [ours, theirs],
  ]);
  assertEquals(delivered().map(({ from }) => from), [ours, ours]);
  const { body } = await gateway.api("GET", "/v1/events?types=message.sent");
  assertEquals(body.data.events.map(({ data }: { data: { quoted: unknown } }) => data.quoted), [
    { message_id: question, from: budi.pnJid, from_lid: budi.lidJid, type: "text", text: "masih ada?" },
    { message_id: wa_message_id, from: phone.pnJid, from_lid: phone.lidJid, type: "text", text: "ada" },
  ]);
  await rx.stop();
});

Deno.test("everybody in a group is called by one word", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const group = gateway.simulator.group("Pasar", [budi, phone]);

  const sent = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, {
    to: group.jid,
    text: "besok libur",
    mentions: ["all"],
  });

  const got = await budi.waitMessage((message) => message.id === sent.at("data.wa_message_id"));
  assertEquals(got.message.extendedTextMessage?.contextInfo?.nonJidMentions, 1);
});

Deno.test("a chat is marked as read by the number, also what came when only the LID was known", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const cara = gateway.simulator.contact(BUDI, "Cara");
  const hidden = await cara.sendText(phone, "siapa ini?", { addressing: "lid", bothAddresses: false });
  await until(async () => (await gateway.events("message.received")).length === 1, "the first");
  const known = await cara.sendText(phone, "saya Cara");
  await until(async () => (await gateway.events("identity.resolved")).length === 1, "the number");
  await until(
    async () => (await gateway.ask("GET", `/v1/devices/${id}/chats/${BUDI}/messages`)).at("data.count") === 2,
    "both are in one chat",
  );

  const marked = await gateway.ask("POST", `/v1/devices/${id}/chats/${BUDI}/mark-read`);
  const read = () => cara.receipts.filter(({ type }) => type === "read").flatMap(({ ids }) => ids);
  await until(() => read().length === 2, "both to be read");

  assertEquals(marked.status, 200);
  assertEquals(read().toSorted(), [hidden, known].toSorted());
});
