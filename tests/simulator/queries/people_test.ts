import { assertEquals, assertRejects } from "@std/assert";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

withSimulator("people are found by number, and others are not there", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  const found = await client.socket.onWhatsApp(anna.number, phone.number, "4900000000");

  assertEquals(found?.map(({ jid, exists }) => [jid, exists]), [[anna.pnJid, true], [phone.pnJid, true]]);
  await client.end();
});

withSimulator("people show their picture, if they have one", async (simulator) => {
  const { client } = await link(simulator);
  const [anna, bert] = ["Anna", "Bert"].map((name) => simulator.contact(aNumber(), name));
  anna.pictureUrl = "http://127.0.0.1/anna.jpg";

  const picture = await client.socket.profilePictureUrl(anna.pnJid, "image");

  assertEquals(picture, anna.pictureUrl);
  await assertRejects(() => client.socket.profilePictureUrl(bert.pnJid, "image"), Error, "item-not-found");
  await client.end();
});

withSimulator("people see which of their messages the client has read", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const first = await anna.sendText(phone, "one");
  const second = await anna.sendText(phone, "two");
  const keys = [(await client.message(first)).message.key, (await client.message(second)).message.key];

  await client.socket.readMessages(keys);

  const read = await simulator.until(() => anna.receipts.find(({ type }) => type === "read"), "read receipt");
  assertEquals([read.ids.toSorted(), read.by], [[first, second].toSorted(), phone]);
  await client.end();
});

withSimulator("queries can fail with a code, such as too many requests", async (simulator) => {
  const { client, phone } = await link(simulator);
  const group = simulator.group("Team", [phone]);
  simulator.faults.queryErrors = new Map([["w:g2", 429]]);

  const asking = client.socket.groupMetadata(group.jid);

  await assertRejects(() => asking, Error, "rate-overlimit");
  await client.end();
});
