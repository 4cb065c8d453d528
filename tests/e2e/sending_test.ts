import { assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/until.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";

Deno.test("a text sent over HTTP arrives, and its receipts become statuses", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");

  const sent = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, {
    to: "0812-3456-789",
    text: "halo",
  });
  const received = await budi.waitMessage((message) => message.id === sent.at("data.wa_message_id"));
  budi.sendReceipt(phone, received.id, "delivered");
  budi.sendReceipt(phone, received.id, "read");
  const status = async () =>
    (await gateway.ask("GET", `/v1/messages/${sent.at("data.message_id")}`)).at("data.status");
  await until(async () => await status() === "read", "the message is read");

  assertEquals([sent.status, sent.at("data.status")], [200, "sent"]);
  assertEquals(received.message.extendedTextMessage?.text, "halo");
  const statuses = (await gateway.events("message.status")).map((data) => data.status);
  assertEquals(statuses, ["sent", "delivered", "read"]);
  const [message] = await gateway.events("message.sent");
  assertEquals(message.content, { kind: "text", text: "halo" });
  assertEquals(message.chat.jid, `${BUDI}@s.whatsapp.net`);
});

Deno.test("a number as a spreadsheet writes it reaches its owner and nobody else, and the answer says so", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const stranger = gateway.simulator.contact(`${BUDI}0`, "Stranger");
  const send = (path: string, body: Record<string, unknown>) => gateway.ask("POST", path, body);

  const sent = [
    await send(`/v1/devices/${id}/messages/text`, { to: `${BUDI}.0`, text: "1" }),
    await send(`/v1/devices/${id}/messages/text`, { to: "8123456789", text: "2" }),
  ];
  const refused = [
    await send(`/v1/devices/${id}/messages/text`, { to: "81234567890", text: "x" }),
    await send(`/v1/devices/${id}/messages/text`, { to: "555-1234 / 555-9876", text: "x" }),
  ];
  const last = await send(`/v1/devices/${id}/messages/text`, { to: `+${BUDI}0`, text: "for the other one" });
  await stranger.waitMessage((message) => message.id === last.at("data.wa_message_id"));

  assertEquals(
    sent.map((answer) => [answer.status, answer.at("data.to"), answer.at("data.normalized_from")]),
    [
      [200, `${BUDI}@s.whatsapp.net`, `${BUDI}.0`],
      [200, `${BUDI}@s.whatsapp.net`, "8123456789"],
    ],
  );
  assertEquals(refused.map((answer) => [answer.status, answer.at("error.code")]), [
    [400, "INVALID_RECIPIENT"],
    [400, "INVALID_RECIPIENT"],
  ]);
  assertEquals([budi.inbox.length, stranger.inbox.length], [2, 1]);
  assertEquals(last.at("data.normalized_from"), undefined);
});

Deno.test("a number that is not on WhatsApp is refused with a code of its own", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");

  const refused = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, {
    to: "62899999999",
    text: "halo",
  });

  assertEquals([refused.status, refused.at("error.code")], [422, "NOT_ON_WHATSAPP"]);
});

Deno.test("a LID and a group that nobody knows are refused with codes of their own", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  const send = async (to: string) => {
    const answer = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to, text: "halo" });
    return [answer.status, answer.at("error.code"), answer.at("error.message")];
  };

  const lid = await send("99999999999@lid");
  const group = await send("120363000000000001@g.us");

  assertEquals(lid, [
    422,
    "NOT_ON_WHATSAPP",
    "Cannot send to 99999999999@lid: WhatsApp does not know this LID",
  ]);
  assertEquals(group, [
    404,
    "GROUP_NOT_FOUND",
    "Cannot send to 120363000000000001@g.us: there is no such group",
  ]);
});

Deno.test("a reaction is one emoji, however many characters that takes", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  gateway.simulator.contact(BUDI, "Budi");
  const path = `/v1/devices/${id}/messages`;
  const sent = await gateway.ask("POST", `${path}/text`, { to: BUDI, text: "halo" });
  const react = (emoji: string) =>
    gateway.ask("POST", `${path}/reaction`, { message_id: sent.at("data.message_id"), emoji });

  const taken = [await react("👍🏽"), await react("👨‍👩‍👧"), await react("🇮🇩"), await react("")];
  const refused = await react("bagus");

  assertEquals(taken.map(({ status }) => status), [200, 200, 200, 200]);
  assertEquals([refused.status, refused.at("error.message")], [
    400,
    'Field `emoji` must be one emoji, or empty, got "bagus"',
  ]);
});

Deno.test("WhatsApp's refusal is told with its code, and as a failed status", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  gateway.simulator.contact(BUDI, "Budi");
  gateway.simulator.faults.refuse = () => 463;

  const refused = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to: BUDI, text: "halo" });

  assertEquals([refused.status, refused.at("error.code")], [502, "SEND_FAILED"]);
  assertEquals(refused.at("error.details.reason.code"), 463);
  const [failed] = await gateway.events("message.status");
  assertEquals([failed.status, failed.reason?.code, failed.attempts], ["failed", 463, 1]);
});

Deno.test("a message for a device that is stopped goes out once it is back, over a restart", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  await gateway.ask("POST", `/v1/devices/${id}/stop`);

  const refused = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to: BUDI, text: "one" });
  const kept = await gateway.ask("POST", `/v1/devices/${id}/messages/text?wait=false`, {
    to: BUDI,
    text: "two",
  });
  await gateway.restart();
  await gateway.ask("POST", `/v1/devices/${id}/start`);
  const received = await budi.waitMessage((message) => message.id === kept.at("data.wa_message_id"));

  assertEquals([refused.status, refused.at("error.code")], [409, "DEVICE_NOT_CONNECTED"]);
  assertEquals([kept.status, kept.at("data.status")], [202, "queued"]);
  assertEquals(received.message.extendedTextMessage?.text, "two");
  assertEquals(budi.inbox.length, 1);
});

Deno.test("what waits for a device fails when the device is removed, and is not sent while it is unlinked", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  await gateway.ask("POST", `/v1/devices/${id}/stop`);
  const kept = await gateway.ask("POST", `/v1/devices/${id}/messages/text?wait=false`, {
    to: BUDI,
    text: "halo",
  });

  await gateway.ask("DELETE", `/v1/devices/${id}`);
  const found = await gateway.ask("GET", `/v1/messages/${kept.at("data.message_id")}`);

  assertEquals([found.at("data.status"), found.at("data.last_error")], [
    "failed",
    "The device was removed before the message was sent",
  ]);
  assertEquals((await gateway.events("message.status")).map(({ status }) => status), ["failed"]);
  assertEquals(budi.inbox, []);
});

Deno.test("what waits for a device that is stopped is not sent when it is only unlinked", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  await gateway.ask("POST", `/v1/devices/${id}/stop`);
  const kept = await gateway.ask("POST", `/v1/devices/${id}/messages/text?wait=false`, {
    to: BUDI,
    text: "halo",
  });

  await gateway.ask("POST", `/v1/devices/${id}/logout`);
  const found = await gateway.ask("GET", `/v1/messages/${kept.at("data.message_id")}`);

  assertEquals([found.at("data.status"), budi.inbox], ["queued", []]);
});

Deno.test("an Idempotency-Key holds over a restart", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const send = () =>
    gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to: BUDI, text: "halo" }, {
      "Idempotency-Key": "order-7",
    });

  const first = await send();
  await gateway.restart();
  await gateway.connected(id);
  const second = await send();

  assertEquals(second.at("data.message_id"), first.at("data.message_id"));
  assertEquals(second.headers.get("Idempotency-Replayed"), "true");
  assertEquals(budi.inbox.length, 1);
});

Deno.test("a message whose acknowledgement is lost is sent again as the same message", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi");
  gateway.simulator.faults.dropAck = () => true;

  const kept = await gateway.ask("POST", `/v1/devices/${id}/messages/text?wait=false`, {
    to: BUDI,
    text: "halo",
  });
  const waMessageId = String(kept.at("data.wa_message_id"));
  await budi.waitMessage((message) => message.id === waMessageId);
  await gateway.restart();
  delete gateway.simulator.faults.dropAck;
  await gateway.connected(id);
  const status = async () =>
    (await gateway.ask("GET", `/v1/messages/${kept.at("data.message_id")}`)).at("data.status");
  await until(async () => await status() === "sent", "the message is sent");
  budi.sendReceipt(phone, waMessageId, "delivered");
  await until(async () => await status() === "delivered", "the message is delivered");

  assertEquals(new Set(budi.inbox.map((message) => message.id)), new Set([waMessageId]));
});

Deno.test("receipts of a group are counted for each member", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const members = ["628111111111", "628222222222"].map((number) => gateway.simulator.contact(number));
  const group = gateway.simulator.group("Keluarga", [phone, ...members]);

  const sent = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to: group.jid, text: "halo" });
  const waMessageId = String(sent.at("data.wa_message_id"));
  await Promise.all(members.map((member) => member.waitMessage((message) => message.id === waMessageId)));
  members[0].sendReceipt(phone, waMessageId, "read");
  members[1].sendReceipt(phone, waMessageId, "delivered");
  const status = () => gateway.ask("GET", `/v1/devices/${id}/messages/${waMessageId}/status`);
  await until(async () => (await status()).at("data.group.delivered_count") === 2, "both have it");

  const found = await status();
  assertEquals(found.at("data.group"), { delivered_count: 2, read_count: 1, played_count: 0 });
  assertMatch(String(found.at("data.to")), /@g\.us$/);
});
