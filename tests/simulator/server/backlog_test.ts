import { assertEquals } from "@std/assert";
import { wordsOf } from "../../../src/simulator/people/reading.ts";
import { aNumber, link, type Linked, withSimulator } from "../../support/simulated.ts";

async function dropOut({ client, device }: Linked): Promise<void> {
  device.drop();
  await client.closed(428);
}

withSimulator("backlog arrives after the reconnect: in order, as append, each once", async (simulator) => {
  const linked = await link(simulator);
  const { client, phone, device } = linked;
  const anna = simulator.contact(aNumber(), "Anna");
  await client.message(await anna.sendText(phone, "live"));
  await dropOut(linked);
  const ids: string[] = [];
  for (let i = 0; i < 25; i++) ids.push(await anna.sendText(phone, `away ${i}`));

  client.connect();
  await client.message(ids[24]);

  const got = client.messages.filter(({ message }) => ids.includes(message.key.id ?? ""));
  assertEquals(got.map(({ message }) => wordsOf(message.message ?? {})), ids.map((_, i) => `away ${i}`));
  assertEquals([...new Set(got.map(({ type }) => type))], ["append"]);
  await simulator.until(() => device.pending.size === 0, "everything settled");
  await client.end();
});

withSimulator("backlog holds a message that was cut off in the middle of its frame", async (simulator) => {
  const { client, phone, device } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  await client.message(await anna.sendText(phone, "warm up"));
  const [{ stanza }] = await anna.prepare(phone, { conversation: "torn" });
  device.hold(stanza);

  device.connection?.sendHalfAndDrop(stanza);
  await client.closed(428);
  client.connect();

  assertEquals((await client.message(stanza.attrs.id)).message.message?.conversation, "torn");
  await client.end();
});

withSimulator(
  "backlog repeats a message whose receipt was lost: refused with 487, told about once",
  async (simulator) => {
    const linked = await link(simulator);
    const { client, phone, device } = linked;
    const anna = simulator.contact(aNumber(), "Anna");
    await client.message(await anna.sendText(phone, "warm up"));
    const [{ stanza }] = await anna.prepare(phone, { conversation: "twice" });
    const { id } = stanza.attrs;
    device.deliver(stanza);
    await client.message(id);
    device.hold(stanza); // as if the receipt had never arrived

    await dropOut(linked);
    client.connect();

    const refusal = await simulator.until(
      () => device.acks.find(({ attrs }) => attrs.id === id && attrs.error !== undefined),
      "refusal",
    );
    assertEquals(refusal.attrs.error, "487");
    assertEquals(client.messages.filter(({ message }) => message.key.id === id).length, 1);
    await client.end();
  },
);

withSimulator("prekeys that run low are uploaded again", async (simulator) => {
  const { client, device } = await link(simulator);
  for (const id of [...device.preKeys.keys()].slice(4)) device.preKeys.delete(id);

  device.announcePreKeyCount();

  await simulator.until(() => device.preKeys.size === 4 + 5, "five more prekeys");
  await client.end();
});

withSimulator("backlog holds the receipts of every member of a group for one message", async (simulator) => {
  const linked = await link(simulator);
  const { client, phone, device } = linked;
  const [anna, bert] = ["Anna", "Bert"].map((name) => simulator.contact(aNumber(), name));
  const group = simulator.group("Team", [phone, anna, bert]);
  const sent = await client.socket.sendMessage(group.jid, { text: "who is there?" });
  const id = sent?.key.id ?? "";
  await bert.waitMessage((received) => received.id === id);
  await client.message(id);
  await dropOut(linked);
  for (const member of [anna, bert]) {
    for (const kind of ["delivered", "read"] as const) member.sendReceipt(phone, id, kind);
  }

  client.connect();

  const seen = () =>
    client.of("message-receipt.update").flat().filter(({ key, receipt }) =>
      key.id === id && receipt.readTimestamp
    );
  await client.until(() => new Set(seen().map(({ receipt }) => receipt.userJid)).size === 2, "both readers");
  await simulator.until(() => device.pending.size === 0, "everything settled");
  await client.end();
});
