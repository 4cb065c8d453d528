import { assertEquals } from "@std/assert";
import type { BinaryNode } from "@whiskeysockets/baileys";
import { child, children } from "../../../src/simulator/wire/nodes.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

/** The addresses that a message of the client was encrypted for. */
function addressed(stanza: BinaryNode | undefined): string[] {
  return children(child(stanza, "participants"), "to").map(({ attrs }) => attrs.jid);
}

withSimulator("client encrypts for every device of a contact, and is told of new ones", async (simulator) => {
  const { client, device, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const notices: BinaryNode[] = [];
  client.socket.ws.on("CB:notification,type:devices", (notice: BinaryNode) => notices.push(notice));
  anna.devices.link({ id: 7 });

  const sent = await client.socket.sendMessage(anna.lidJid, { text: "to two devices" });
  await anna.waitMessage(({ id }) => id === sent?.key.id);
  anna.devices.link({ id: 9 }, [phone]);
  anna.devices.unlink(7, [phone]);
  await client.until(() => notices.length === 2, "the news");
  // not from the cache: Baileys keeps that by lid, and changes it by number
  const listed = await client.socket.getUSyncDevices([anna.lidJid], false, false);

  const jids = addressed(device.sent.find(({ id }) => id === sent?.key.id)?.node);
  assertEquals(
    jids.filter((jid) => jid.startsWith(anna.lid)).sort(),
    [`${anna.lid}:7@lid`, anna.lidJid].sort(),
  );
  assertEquals(notices.map((notice) => children(notice)[0].tag), ["add", "remove"]);
  assertEquals(child(child(notices[0], "add"), "device")?.attrs, {
    jid: `${anna.number}:9@s.whatsapp.net`,
    lid: `${anna.lid}:9@lid`,
    "key-index": "9",
  });
  assertEquals(listed.map((each) => each.device), [0, 9]);
  assertEquals(anna.inbox.length, 1);
  await client.end();
});

withSimulator("devices of a contact write and send receipts, each for itself", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Family", [anna, phone]);
  anna.devices.link({ id: 7 });
  const receipts: BinaryNode[] = [];
  client.socket.ws.on("CB:receipt", (receipt: BinaryNode) => receipts.push(receipt));

  const { message } = await client.message(await anna.sendText(phone, "from my desk", { device: { id: 7 } }));
  const shared = await client.message(await anna.sendText(group, "to all", { device: { id: 7 } }));
  const sent = await client.socket.sendMessage(anna.lidJid, { text: "hi" });
  anna.sendReceipt(phone, sent?.key.id ?? "", "delivered", anna.lidJid);
  anna.sendReceipt(phone, sent?.key.id ?? "", "delivered", anna.lidJid, 7);
  anna.sendReceipt(phone, "X1", "read", group.jid, 7);
  await client.until(() => receipts.length === 3, "three receipts");

  assertEquals([message.key.remoteJid, shared.message.message?.extendedTextMessage?.text], [
    anna.lidJid,
    "to all",
  ]);
  assertEquals(receipts.map(({ attrs }) => attrs.participant ?? attrs.from), [
    anna.lidJid,
    `${anna.lid}:7@lid`,
    `${anna.lid}:7@lid`,
  ]);
  await client.end();
});

withSimulator("host of a business is a device whose addresses say so", async (simulator) => {
  const { client, device } = await link(simulator);
  const shop = simulator.contact(aNumber(), "Shop");
  shop.devices.link({ id: 99, hosted: true });

  const sent = await client.socket.sendMessage(shop.lidJid, { text: "hi" });
  await shop.waitMessage(({ id }) => id === sent?.key.id);

  const jids = addressed(device.sent.find(({ id }) => id === sent?.key.id)?.node);
  assertEquals(jids.includes(`${shop.lid}:99@hosted.lid`), true, jids.join());
  await client.end();
});
