import { assertEquals } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { child } from "../../../src/simulator/wire/nodes.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

withSimulator("call that is hung up rings first", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  anna.call(phone, "CALL1", "offer", { video: true });
  const [offer] = await client.until(() => client.of("call")[0], "offer");
  anna.call(phone, "CALL1", "terminate");
  const [, [end]] = await client.until(() => client.of("call").length === 2 && client.of("call"), "end");

  assertEquals([offer.status, offer.isVideo, offer.from, offer.callerPn], [
    "offer",
    true,
    anna.lidJid,
    anna.pnJid,
  ]);
  assertEquals([end.id, end.status], ["CALL1", "terminate"]);
  await client.end();
});

withSimulator("call can be rejected by the client", async (simulator) => {
  const { client, phone, device } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  anna.call(phone, "CALL1", "offer");
  const [offer] = await client.until(() => client.of("call")[0], "offer");

  await client.socket.rejectCall(offer.id, offer.from);

  assertEquals(child(device.sent.at(-1)?.node, "reject")?.attrs["call-id"], "CALL1");
  assertEquals(offer.isVideo, false);
  await client.end();
});

withSimulator("call that nobody answers becomes a missed call", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  anna.call(phone, "CALL2", "offer");
  anna.call(phone, "CALL2", "timeout");

  await client.until(() => client.of("call").flat().find((call) => call.status === "timeout"), "timeout");
  const { CALL_MISSED_VOICE } = proto.WebMessageInfo.StubType;
  const missed = () => client.messages.find(({ message }) => message.messageStubType === CALL_MISSED_VOICE);
  await client.until(missed, "missed call");
  await client.end();
});

withSimulator("presence and typing of a contact arrive in order", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  await client.socket.presenceSubscribe(anna.lidJid);

  anna.setOnline(phone, true);
  anna.setTyping(phone, "composing");
  anna.setTyping(phone, "recording");
  anna.setTyping(phone, "paused");
  anna.setOnline(phone, false, 1_750_000_000);

  await client.until(() => client.of("presence.update").length === 5, "five updates");
  const seen = client.of("presence.update").map(({ presences }) => presences[anna.lidJid]);
  assertEquals(seen.map((presence) => presence.lastKnownPresence), [
    "available",
    "composing",
    "recording",
    "available",
    "unavailable",
  ]);
  assertEquals(seen[4].lastSeen, 1_750_000_000);
  await client.end();
});

withSimulator("typing in a group names the group and who types", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Team", [phone, anna]);

  anna.setTyping(phone, "composing", group);

  const update = await client.until(() => client.of("presence.update")[0], "typing");
  assertEquals([update.id, update.presences[anna.lidJid].lastKnownPresence], [group.jid, "composing"]);
  await client.end();
});

withSimulator("typing of the client reaches the server", async (simulator) => {
  const { client, device } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  await client.socket.sendPresenceUpdate("composing", anna.lidJid);

  const typing = await simulator.until(
    () => device.presence.find(({ tag }) => tag === "chatstate"),
    "typing",
  );
  assertEquals(typing.attrs.to, anna.lidJid);
  await client.end();
});

withSimulator("contact who installed WhatsApp anew can be written to, and writes", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  await client.message(await anna.sendText(phone, "old phone"));
  await client.socket.sendMessage(anna.lidJid, { text: "to the old phone" });
  await anna.waitMessage((received) => received.encType === "msg");
  const fetched = () => simulator.queries.get("encrypt get key") ?? 0;
  const before = fetched();

  anna.reinstall([phone]);
  await simulator.until(() => fetched() > before, "new keys fetched");
  const sent = await client.socket.sendMessage(anna.lidJid, { text: "to the new phone" });
  const got = await anna.waitMessage((received) => received.id === sent?.key.id);
  const { message } = await client.message(await anna.sendText(phone, "new phone"));

  assertEquals(got.encType, "pkmsg");
  assertEquals(message.message?.extendedTextMessage?.text, "new phone");
  await client.end();
});
