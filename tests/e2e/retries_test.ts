import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Contact, type Group, type VirtualPhone, wordsOf } from "../../src/simulator/mod.ts";
import { until } from "../support/until.ts";
import { startWhatsAppGateway, type WhatsAppGateway } from "../support/whatsapp_gateway.ts";

const BUDI = "628123456789";

/** A gateway with a device that Budi has written with, so that both have Signal sessions. */
async function acquainted(addressing: "lid" | "pn" = "lid") {
  const gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");
  const budi = gateway.simulator.contact(BUDI, "Budi", { addressing });
  await budi.sendText(phone, "halo");
  await until(async () => (await gateway.events("message.received")).length === 1, "Budi is known");
  const send = sender(gateway, id);
  await send(BUDI, "warm");
  await budi.waitMessage(({ message }) => wordsOf(message) === "warm");
  return { gateway, id, phone, budi, send };
}

function sender(gateway: WhatsAppGateway, id: string) {
  return async (to: string, text: string) => {
    const reply = await gateway.ask("POST", `/v1/devices/${id}/messages/text`, { to, text });
    assertEquals(reply.status, 200);
    return String(reply.at("data.wa_message_id"));
  };
}

function wordsTo({ inbox }: Contact): readonly (string | undefined)[] {
  return inbox.map(({ message }) => wordsOf(message));
}

function deviceOf(phone: VirtualPhone) {
  return [...phone.devices.values()][0];
}

/** A group of the gateway and three people, who have all got its sender key. */
async function acquaintedGroup() {
  const { gateway, phone, budi, send } = await acquainted();
  const others = ["628123450001", "628123450002"].map((number) => gateway.simulator.contact(number, number));
  const group: Group = gateway.simulator.group("Toko", [phone, budi, ...others]);
  await send(group.jid, "warm group");
  for (const reader of [budi, ...others]) {
    await reader.waitMessage(({ message }) => wordsOf(message) === "warm group");
  }
  return { gateway, phone, budi, others, group, send };
}

for (const addressing of ["lid", "pn"] as const) {
  Deno.test(`text reaches a ${addressing} contact who has forgotten the session, once, when asked for again`, async () => {
    const { gateway, budi, send } = await acquainted(addressing);
    await using _ = gateway;
    budi.forgetSessions();

    const messageId = await send(BUDI, "lagi");
    await budi.waitMessage(({ id }) => id === messageId);
    await send(BUDI, "dan");

    assertEquals(wordsTo(budi), ["warm", "lagi", "dan"]);
    assertEquals([...budi.asked], [[messageId, 1]]);
    assertEquals(gateway.simulator.complaints, []);
  });
}

Deno.test("text reaches a contact whose stored session is damaged, once, when asked for again", async () => {
  const { gateway, phone, budi, send } = await acquainted();
  await using _ = gateway;
  budi.signal.damage(phone.number, deviceOf(phone).id);

  const messageId = await send(BUDI, "lagi");
  await budi.waitMessage(({ id }) => id === messageId);
  await send(BUDI, "dan");

  assertEquals(wordsTo(budi), ["warm", "lagi", "dan"]);
  assertEquals([...budi.asked.keys()], [messageId]);
  assertEquals(gateway.simulator.complaints, []);
});

Deno.test("text is sent again as often as a phone asks for it", async () => {
  const { gateway, budi, send } = await acquainted();
  await using _ = gateway;
  const { signal } = budi;
  const open = signal.open.bind(signal);
  let failures = 5;
  signal.open = (...what) => failures-- > 0 ? Promise.reject(new Error("Bad MAC")) : open(...what);

  const messageId = await send(BUDI, "lagi");
  await budi.waitMessage(({ id }) => id === messageId);

  assertEquals([...budi.asked], [[messageId, 5]]);
  assertEquals(gateway.simulator.complaints, []);
});

Deno.test("phone complains of a text that it cannot open the fifth time it is sent again", async () => {
  const { gateway, budi, send } = await acquainted();
  await using _ = gateway;
  budi.signal.open = () => Promise.reject(new Error("Bad MAC"));

  const messageId = await send(BUDI, "lagi");
  const complaint = await gateway.simulator.until(() => gateway.simulator.complaints[0], "a complaint");

  assertEquals([...budi.asked], [[messageId, 5]]);
  assertStringIncludes(complaint, `Budi: message ${messageId}`);
  assertEquals(wordsTo(budi), ["warm"]);
});

Deno.test("text that was sent before a restart is sent again after it", async () => {
  const { gateway, id, phone, budi, send } = await acquainted();
  await using _ = gateway;
  const messageId = await send(BUDI, "lagi");
  await budi.waitMessage(({ id }) => id === messageId);
  await gateway.restart();
  await gateway.connected(id);

  budi.askRetry(deviceOf(phone), messageId);
  await until(() => budi.inbox.length === 3, "it came again");

  assertEquals(wordsTo(budi), ["warm", "lagi", "lagi"]);
});

Deno.test("text is sent again to nobody but its own recipient", async () => {
  const { gateway, phone, budi, send } = await acquainted();
  await using _ = gateway;
  const eve = gateway.simulator.contact("628666000666", "Eve");
  const messageId = await send(BUDI, "rahasia");

  eve.askRetry(deviceOf(phone), messageId);
  eve.askRetry(deviceOf(phone), await send("628666000666", "untuk Eve"));
  await eve.waitMessage(() => eve.inbox.length === 2);

  assertEquals(wordsTo(eve), ["untuk Eve", "untuk Eve"]);
  assertEquals(wordsTo(budi), ["warm", "rahasia"]);
});

Deno.test("edit is sent again as an edit", async () => {
  const { gateway, id, phone, budi, send } = await acquainted();
  await using _ = gateway;
  const messageId = await send(BUDI, "salah");
  const [{ messageId: ours }] = (await gateway.events("message.sent")).slice(-1);
  budi.forgetSessions();

  await gateway.ask("PATCH", `/v1/devices/${id}/messages/${ours ?? messageId}`, { text: "benar" });
  const edit = await budi.waitMessage(({ message }) => message.protocolMessage?.editedMessage !== undefined);

  assertEquals(edit.node?.attrs.edit, "1");
  assertEquals(deviceOf(phone).sent.filter((sent) => sent.id === edit.id).length, 2);
});

Deno.test("copy of a text reaches the own phone when that has forgotten the session", async () => {
  const { gateway, phone, budi, send } = await acquainted();
  await using _ = gateway;
  phone.signal.forget(phone.number, deviceOf(phone).id);

  const messageId = await send(BUDI, "lagi");
  const find = () => phone.copies.find(({ id }) => id === messageId)?.message;
  const copy = await gateway.simulator.until(find, "the copy");

  assertEquals(wordsOf(copy.deviceSentMessage?.message ?? {}), "lagi");
  assertEquals(wordsTo(budi), ["warm", "lagi"]);
  assertEquals(gateway.simulator.complaints, []);
});

Deno.test("group text reaches a member who lost the sender key, and nobody else again", async () => {
  const { gateway, budi, others, group, send } = await acquaintedGroup();
  await using _ = gateway;
  budi.signal.forgetSenderKeys(group.jid);

  const messageId = await send(group.jid, "lagi");
  await budi.waitMessage(({ id }) => id === messageId);
  await send(group.jid, "dan");
  await budi.waitMessage(({ message }) => wordsOf(message) === "dan");

  assertEquals(wordsTo(budi), ["warm", "warm group", "lagi", "dan"]);
  assertEquals(others.map(wordsTo), [["warm group", "lagi", "dan"], ["warm group", "lagi", "dan"]]);
  assertEquals([...budi.asked], [[messageId, 1]]);
  assertEquals(gateway.simulator.complaints, []);
});

Deno.test("group text reaches a member who has forgotten everything, once", async () => {
  const { gateway, budi, others, group, send } = await acquaintedGroup();
  await using _ = gateway;
  budi.forgetSessions();

  const messageId = await send(group.jid, "lagi");
  await budi.waitMessage(({ id }) => id === messageId);
  await send(group.jid, "dan");
  await budi.waitMessage(({ message }) => wordsOf(message) === "dan");

  assertEquals(wordsTo(budi), ["warm", "warm group", "lagi", "dan"]);
  assertEquals(others.map(wordsTo), [["warm group", "lagi", "dan"], ["warm group", "lagi", "dan"]]);
  assertEquals([...budi.asked], [[messageId, 1]]);
  assertEquals(gateway.simulator.complaints, []);
});
