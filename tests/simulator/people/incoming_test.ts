import { assert, assertEquals } from "@std/assert";
import { DEFAULT_CONNECTION_CONFIG, proto } from "@whiskeysockets/baileys";
import { collectingLogger } from "../../support/baileys_client.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";
import { wordsOf } from "../../../src/simulator/people/reading.ts";

for (const addressing of ["lid", "pn"] as const) {
  withSimulator(`incoming text arrives, and its receipts come back (${addressing})`, async (simulator) => {
    const { client, phone, device } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna", { addressing });

    const id = await anna.sendText(phone, "Grüße 👋");

    const { message, type } = await client.message(id);
    assertEquals(wordsOf(message.message ?? {}), "Grüße 👋");
    assertEquals([type, message.pushName, message.key.remoteJid], ["notify", "Anna", anna.jid]);
    assertEquals(message.key.remoteJidAlt, addressing === "lid" ? anna.pnJid : anna.lidJid);
    const receiptOf = (kind?: string) =>
      device.receipts.find(({ attrs }) => attrs.id === id && attrs.type === kind);
    const delivered = await simulator.until(() => receiptOf("inactive"), "delivery receipt");
    assertEquals(delivered.attrs.to, anna.jid);
    await client.socket.readMessages([message.key]);
    await simulator.until(() => receiptOf("read"), "read receipt");
    assertEquals(device.pending.size, 0);
    await client.end();
  });
}

withSimulator("incoming text is decrypted, then receipted, then told about", async (simulator) => {
  const order: string[] = [];
  const { logger } = collectingLogger((text) => {
    if (text === "sending receipt for messages") order.push("receipt");
  });
  const { client, phone } = await link(simulator, {
    logger,
    makeSignalRepository: (...args) => {
      const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(...args);
      return {
        ...repository,
        decryptMessage: async (sealed) => {
          const plain = await repository.decryptMessage(sealed);
          order.push("plaintext");
          return plain;
        },
      };
    },
  });
  client.socket.ev.process((batch) => void (batch["messages.upsert"] && order.push("upsert")));
  order.length = 0;

  await client.message(await simulator.contact(aNumber(), "Anna").sendText(phone, "hi"));

  assertEquals(order, ["plaintext", "receipt", "upsert"]);
  await client.end();
});

withSimulator("incoming edit changes the words of a message", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const id = await anna.sendText(phone, "first");
  await client.message(id);

  await anna.edit(phone, id, "second");

  const edited = () => client.updates(id).find(({ update }) => update.message?.editedMessage);
  const { update } = await client.until(edited, "edit");
  assertEquals(wordsOf(update.message?.editedMessage?.message ?? {}), "second");
  await client.end();
});

withSimulator("incoming reaction names the message it is for", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const own = await client.socket.sendMessage(anna.lidJid, { text: "ours" });
  const id = await anna.sendText(phone, "theirs");
  await client.message(id);

  await anna.react(phone, { id }, "👍");
  await anna.react(phone, { id: own?.key.id ?? "", by: phone }, "🎉");

  const reactions = () => client.of("messages.reaction").flat();
  await client.until(() => reactions().length === 2, "two reactions");
  assertEquals(reactions().map(({ key, reaction }) => [key.id, key.fromMe, reaction.text]), [
    [id, false, "👍"],
    [own?.key.id, true, "🎉"],
  ]);
  await client.end();
});

withSimulator("incoming revoke takes the message away", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const id = await anna.sendText(phone, "oops");
  await client.message(id);

  await anna.revoke(phone, id);

  const { REVOKE } = proto.WebMessageInfo.StubType;
  const revoked = () => client.updates(id).find(({ update }) => update.messageStubType === REVOKE);
  assertEquals((await client.until(revoked, "revoke")).update.message, null);
  await client.end();
});

withSimulator("incoming message that is damaged is asked for again, and arrives", async (simulator) => {
  const { client, phone, device } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  await client.message(await anna.sendText(phone, "warm up"));

  const id = await anna.sendText(phone, "precious", { corrupt: true });

  const retry = () => device.receipts.find(({ attrs }) => attrs.id === id && attrs.type === "retry");
  await simulator.until(retry, "retry receipt");
  const ofId = () => client.messages.filter(({ message }) => message.key.id === id);
  const good = () => ofId().find(({ message }) => wordsOf(message.message ?? {}) === "precious");
  assertEquals((await client.until(good, "the message")).type, "notify");
  assertEquals(ofId()[0].message.messageStubType, proto.WebMessageInfo.StubType.CIPHERTEXT);
  assertEquals(anna.retriesAsked, 1);
  await client.end();
});

withSimulator("incoming message that the client ignores is refused with 500", async (simulator) => {
  const { client, phone, device } = await link(simulator, {
    shouldIgnoreJid: (jid) => jid.endsWith("@g.us"),
  });
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Noise", [anna, phone]);

  const id = await anna.sendText(group, "ignored");

  const refused = await simulator.until(() => device.acks.find(({ attrs }) => attrs.id === id), "refusal");
  assertEquals(refused.attrs.error, "500");
  assert(client.messages.every(({ message }) => message.key.id !== id));
  await client.end();
});

withSimulator("incoming copy of what the owner typed on the phone is marked as ours", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  const id = await phone.type(anna, { conversation: "typed on the phone" });

  const { message } = await client.message(id);
  assertEquals([wordsOf(message.message ?? {}), message.key.fromMe, message.key.remoteJid], [
    "typed on the phone",
    true,
    anna.lidJid,
  ]);
  await client.end();
});
