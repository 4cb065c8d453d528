import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { textContent } from "../../../src/simulator/people/content.ts";
import { wordsOf } from "../../../src/simulator/people/reading.ts";
import { withFields } from "../../../src/simulator/mod.ts";
import { child, node } from "../../../src/simulator/wire/nodes.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";
import { DEFAULT_CONNECTION_CONFIG } from "@whiskeysockets/baileys";

withSimulator("message states one address alone, or both", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  const ids = [
    await anna.sendText(phone, "lid alone", { addressing: "lid", bothAddresses: false }),
    await anna.sendText(phone, "number alone", { addressing: "pn", bothAddresses: false }),
    await anna.sendText(phone, "both"),
  ];
  const keys = await Promise.all(ids.map(async (id) => (await client.message(id)).message.key));

  assertEquals(keys.map(({ remoteJid, remoteJidAlt }) => [remoteJid, remoteJidAlt]), [
    [anna.lidJid, undefined],
    [anna.pnJid, undefined],
    [anna.lidJid, anna.pnJid],
  ]);
  await client.end();
});

withSimulator("one id arrives under two addresses, and both are receipted", async (simulator) => {
  const { client, phone, device } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const budi = simulator.contact(aNumber(), "Budi");

  await anna.sendText(phone, "hers", { id: "SAME1" });
  await budi.sendText(phone, "his", { id: "SAME1" });
  await anna.sendText(phone, "hers", { id: "SAME1", addressing: "pn" });
  const all = await client.until(() => {
    const found = client.messages.filter(({ message: { key } }) => key.id === "SAME1");
    return found.length === 3 && found;
  }, "three messages");

  const seen = all.map(({ message }) => `${message.key.remoteJid} ${wordsOf(message.message ?? {})}`);
  assertEquals(seen.sort(), [`${anna.pnJid} hers`, `${anna.lidJid} hers`, `${budi.lidJid} his`]);
  await simulator.until(() => device.pending.size === 0, "receipts");
  await client.end();
});

withSimulator("one id under two addresses waits for a client that is away", async (simulator) => {
  const { client, phone, device } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  await client.end();
  await simulator.until(() => !device.online, "offline");

  await anna.sendText(phone, "first", { id: "SAME2" });
  await anna.sendText(phone, "second", { id: "SAME2", addressing: "pn" });

  assertEquals([...device.pending.values()].map(({ attrs }) => attrs.from), [anna.lidJid, anna.pnJid]);
});

withSimulator("message has the time, attributes and nodes that are asked for", async (simulator) => {
  const { client, phone, device } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  const id = await anna.sendText(phone, "later", {
    t: 1_900_000_000,
    attrs: { notify: undefined, offline: "3" },
    enc: { "decrypt-fail": "hide" },
    nodes: [node("meta", { polltype: "creation" })],
  });
  const { message } = await client.message(id);

  assertEquals([message.messageTimestamp, message.pushName], [1_900_000_000, undefined]);
  const sent = device.connection?.log.find(({ node: { attrs } }) => attrs.id === id)?.node;
  assertEquals([sent?.attrs.offline, child(sent, "enc")?.attrs["decrypt-fail"]], ["3", "hide"]);
  assertEquals(child(sent, "meta")?.attrs, { polltype: "creation" });
  await client.end();
});

withSimulator("hosted devices and broadcast lists write", async (simulator) => {
  const { client, phone, device } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  const hosted = await anna.sendText(phone, "from the shop", { device: { id: 99, hosted: true } });
  const listed = await anna.sendText(phone, "to my list", { broadcast: "1700000001" });

  assertEquals(wordsOf((await client.message(hosted)).message.message ?? {}), "from the shop");
  const sent = device.connection?.log.find(({ node: { attrs } }) => attrs.id === hosted)?.node;
  assertEquals(sent?.attrs.from, `${anna.lid}:99@hosted.lid`);
  const { key, message } = (await client.message(listed)).message;
  assertEquals([key.remoteJid, key.participant], ["1700000001@broadcast", anna.lidJid]);
  assertEquals(wordsOf(message ?? {}), "to my list");
  await client.end();
});

withSimulator("message carries fields that no protobuf knows, sent again too", async (simulator) => {
  const plaintexts: Buffer[] = [];
  const { client, phone } = await link(simulator, {
    makeSignalRepository: (...args) => {
      const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(...args);
      return {
        ...repository,
        decryptMessage: async (sealed) => {
          const plain = await repository.decryptMessage(sealed);
          plaintexts.push(Buffer.from(plain));
          return plain;
        },
      };
    },
  });
  const anna = simulator.contact(aNumber(), "Anna");
  const plaintext = withFields(textContent("beside it"), [{ field: 115, bytes: Buffer.from("new kind") }]);

  const id = await anna.send(phone, proto.Message.decode(plaintext), { plaintext, corrupt: true });
  const known = await client.until(
    () =>
      client.messages.find(({ message }) => message.key.id === id && message.message) ??
        client.updates(id).find(({ update }) => update.message),
    "the message, sent again",
  );

  assert(known);
  const found = plaintexts.find((plain) => plain.subarray(0, plaintext.length).equals(plaintext));
  assert(found, "the client decrypted the very bytes");
  await client.end();
});

withSimulator("owner types a message with fields that no protobuf knows", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const plaintext = withFields({ conversation: "typed" }, [{ field: 300, bytes: Buffer.alloc(200, 7) }]);

  const id = await phone.type(anna, { conversation: "typed" }, { plaintext });

  const { message } = (await client.message(id)).message;
  assertEquals(message?.conversation, "typed");
  await client.end();
});
