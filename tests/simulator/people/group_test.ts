import { assertEquals } from "@std/assert";
import { wordsOf } from "../../../src/simulator/people/reading.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

withSimulator("group tells its subject and members", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Team", [phone, anna], { description: "about" });

  const metadata = await client.socket.groupMetadata(group.jid);

  assertEquals([metadata.subject, metadata.desc, metadata.addressingMode], ["Team", "about", "lid"]);
  assertEquals(metadata.participants.map(({ id, phoneNumber, admin }) => [id, phoneNumber, admin]), [
    [phone.lidJid, phone.pnJid, "superadmin"],
    [anna.lidJid, anna.pnJid, null],
  ]);
  await client.end();
});

withSimulator("group messages of a contact arrive with their writer", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Team", [phone, anna]);

  for (const words of ["one", "two", "three"]) {
    const { message } = await client.message(await anna.sendText(group, words));

    assertEquals(wordsOf(message.message ?? {}), words);
    assertEquals(message.key.remoteJid, group.jid);
    assertEquals([message.key.participant, message.key.participantAlt], [anna.lidJid, anna.pnJid]);
  }
  await client.end();
});

withSimulator("group message that is damaged is asked for again, and arrives", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Team", [phone, anna]);
  await client.message(await anna.sendText(group, "warm up"));

  const id = await anna.sendText(group, "precious", { corrupt: true });

  const good = () =>
    client.messages.find(({ message }) =>
      message.key.id === id && wordsOf(message.message ?? {}) === "precious"
    );
  assertEquals((await client.until(good, "the message")).message.key.participant, anna.lidJid);
  assertEquals(
    wordsOf((await client.message(await anna.sendText(group, "next"))).message.message ?? {}),
    "next",
  );
  await client.end();
});

withSimulator(
  "group messages of the client reach every member, and each one's receipt comes back",
  async (simulator) => {
    const { client, phone } = await link(simulator);
    const [anna, bert] = ["Anna", "Bert"].map((name) => simulator.contact(aNumber(), name));
    const group = simulator.group("Team", [phone, anna, bert]);

    for (const words of ["hi all", "once more"]) {
      const sent = await client.socket.sendMessage(group.jid, { text: words });

      const id = sent?.key.id ?? "";
      for (const member of [anna, bert]) {
        const got = await member.waitMessage((message) => message.id === id);
        assertEquals([wordsOf(got.message), got.encType], [words, "skmsg"]);
        member.sendReceipt(phone, id, "read");
      }
      const readers = () => {
        const updates = client.of("message-receipt.update").flat().filter(({ key }) => key.id === id);
        const upserts = client.messages.filter(({ message }) => message.key.id === id);
        return new Set([
          ...updates.map(({ receipt }) => receipt.userJid),
          ...upserts.flatMap(({ message }) => message.userReceipt?.map((receipt) => receipt.userJid) ?? []),
        ]);
      };
      await client.until(() => readers().has(anna.lidJid) && readers().has(bert.lidJid), "receipts of both");
    }
    await client.end();
  },
);

withSimulator("group message of one phone reaches the client of another", async (simulator) => {
  const [one, two] = [await link(simulator), await link(simulator)];
  const group = simulator.group("Two gateways", [one.phone, two.phone]);

  const sent = await one.client.socket.sendMessage(group.jid, { text: "hello gateway" });

  const { message } = await two.client.message(sent?.key.id ?? "");
  assertEquals([wordsOf(message.message ?? {}), message.key.fromMe], ["hello gateway", false]);
  assertEquals(message.key.participant, one.phone.lidJid);
  await one.client.end();
  await two.client.end();
});
