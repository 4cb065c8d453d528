import { assert, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { wordsOf } from "../../../src/simulator/people/reading.ts";
import { child, children } from "../../../src/simulator/wire/nodes.ts";
import { statusOf } from "../../support/baileys_client.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";
import { until } from "../../support/until.ts";

const { Status } = proto.WebMessageInfo;

/** Linking asks, too, and an answer takes its time on a busy machine. */
const SHORT_QUERIES = { defaultQueryTimeoutMs: 3_000 };

withSimulator(
  "outgoing text reaches the contact and the own phone, and is acked, delivered, read",
  async (simulator) => {
    const { client, phone, device } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");

    const sent = await client.socket.sendMessage(anna.pnJid, { text: "Hallo Anna ✅" });

    const id = sent?.key.id ?? "";
    const got = await anna.waitMessage((message) => message.id === id);
    assertEquals([wordsOf(got.message), got.to, got.encType], ["Hallo Anna ✅", anna.pnJid, "pkmsg"]);
    const copy = await simulator.until(
      () => phone.copies.find((found) => found.id === id),
      "copy on the phone",
    );
    assertEquals(wordsOf(copy.message.deviceSentMessage?.message ?? {}), "Hallo Anna ✅");
    await client.until(() => client.serverAcks.find((ack) => ack.id === id && !ack.error), "server ack");
    const own = await client.message(id);
    assertEquals([own.type, own.message.key.fromMe, own.message.status], ["append", true, Status.PENDING]);
    anna.sendReceipt(phone, id, "delivered");
    await client.status(id, Status.DELIVERY_ACK);
    anna.sendReceipt(phone, id, "read");
    await client.status(id, Status.READ);
    const acked = () => device.acks.filter(({ attrs }) => attrs.class === "receipt").length === 2;
    await simulator.until(acked, "acks of both receipts");
    await client.end();
  },
);

withSimulator("outgoing text is a pkmsg until the contact has answered, then a msg", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const send = async (jid: string) => {
    const sent = await client.socket.sendMessage(jid, { text: "hi" });
    const got = await anna.waitMessage((message) => message.id === sent?.key.id);
    return [got.encType, got.to];
  };

  const before = [await send(anna.pnJid), await send(anna.pnJid)];
  await client.message(await anna.sendText(phone, "answer"));
  const after = await send(anna.lidJid);

  assertEquals(before, [["pkmsg", anna.pnJid], ["pkmsg", anna.pnJid]]);
  assertEquals(after, ["msg", anna.lidJid]);
  await client.end();
});

withSimulator(
  "outgoing: waitForMessage resolves with the ack of the server when armed before sending",
  async (simulator) => {
    const { client } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");
    const messageId = "3EB0AAAABBBBCCCCDDDD01";

    const ack = client.socket.waitForMessage<{ readonly tag: string }>(messageId, 3000);
    await client.socket.sendMessage(anna.pnJid, { text: "armed" }, { messageId });

    assertEquals((await ack)?.tag, "ack");
    await client.end();
  },
);

for (const code of [463, 479]) {
  withSimulator(`outgoing text that the server refuses gets an error status (${code})`, async (simulator) => {
    const { client } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");
    simulator.faults.refuse = () => code;

    const sent = await client.socket.sendMessage(anna.pnJid, { text: "no" });

    const { reason } = await client.status(sent?.key.id ?? "", Status.ERROR);
    assertEquals(reason, String(code));
    assertEquals(anna.inbox, []);
    await client.end();
  });
}

withSimulator("outgoing text that is refused late gets an error status late", async (simulator) => {
  const { client } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  simulator.faults.refuse = () => 479;
  simulator.faults.ackDelayMs = 300;

  const sent = await client.socket.sendMessage(anna.pnJid, { text: "no, slowly" });

  const { reason } = await client.status(sent?.key.id ?? "", Status.ERROR);
  assertEquals(reason, "479");
  await client.end();
});

withSimulator("outgoing text whose ack is lost stays without one", async (simulator) => {
  const { client } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  simulator.faults.dropAck = () => true;

  const lost = await client.socket.sendMessage(anna.pnJid, { text: "no ack" });
  await anna.waitMessage((message) => message.id === lost?.key.id);
  delete simulator.faults.dropAck;
  const next = await client.socket.sendMessage(anna.pnJid, { text: "acked" });
  await client.until(() => client.serverAcks.find((ack) => ack.id === next?.key.id), "the next ack");

  assertEquals(client.serverAcks.map((ack) => ack.id), [next?.key.id]);
  await client.end();
});

withSimulator("outgoing text whose ack is late gets it late", async (simulator) => {
  const { client } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  simulator.faults.ackDelayMs = 300;
  const startedAt = performance.now();

  const sent = await client.socket.sendMessage(anna.pnJid, { text: "late ack" });
  await client.until(() => client.serverAcks.find((ack) => ack.id === sent?.key.id), "late ack");

  assertGreaterOrEqual(performance.now() - startedAt, 290);
  await client.end();
});

withSimulator(
  "outgoing: onWhatsApp tells who is there, and sending to nobody resolves",
  async (simulator) => {
    const { client, phone, device } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");

    const found = await client.socket.onWhatsApp(anna.number, "4900000000");
    const sent = await client.socket.sendMessage("4900000000@s.whatsapp.net", { text: "x" });

    assertEquals(found, [{ jid: anna.pnJid, exists: true }]);
    const stanza = await simulator.until(
      () => device.sent.find(({ id }) => id === sent?.key.id),
      "the stanza",
    );
    assertEquals(children(child(stanza.node, "participants")).map(({ attrs }) => attrs.jid), [phone.pnJid]);
    await client.end();
  },
);

withSimulator("outgoing: without an answer about devices the message goes to nobody", async (simulator) => {
  const { client, device } = await link(simulator, SHORT_QUERIES);
  const anna = simulator.contact(aNumber(), "Anna");
  simulator.faults.ignoreQueries = new Set(["usync"]);

  const lost = await client.socket.sendMessage(anna.pnJid, { text: "to nobody" });

  const stanza = await simulator.until(() => device.sent.find(({ id }) => id === lost?.key.id), "the stanza");
  assertEquals(children(child(stanza.node, "participants")), []);
  assertEquals(simulator.complaints.splice(0).length, 1);
  await client.end();
});

withSimulator("outgoing: without an answer about keys sendMessage rejects", async (simulator) => {
  const { client } = await link(simulator, SHORT_QUERIES);
  const bert = simulator.contact(aNumber(), "Bert");
  simulator.faults.ignoreQueries = new Set(["encrypt"]);

  const sending = client.socket.sendMessage(bert.pnJid, { text: "no keys" });

  await assertRejects(() => sending, Error, "All encryptions failed");
  await client.end();
});

withSimulator(
  "outgoing: sendMessage rejects with a bare 1006 when the socket drops in a query",
  async (simulator) => {
    const { client, device } = await link(simulator);
    const carl = simulator.contact(aNumber(), "Carl");
    simulator.faults.ignoreQueries = new Set(["usync"]);
    const asked = () => simulator.queries.get("usync get usync") ?? 0;
    const before = asked();

    const sending = client.socket.sendMessage(carl.pnJid, { text: "x" }).catch((reason: unknown) => reason);
    await until(() => asked() > before, "it asks for the devices");
    device.drop();
    const during = await sending;
    const after = await client.socket.sendMessage(carl.pnJid, { text: "x" }).catch((reason: unknown) =>
      reason
    );

    assertEquals(during, 1006);
    assertEquals(statusOf(after), 428);
    await client.end();
  },
);

withSimulator("outgoing text is sent again when the contact asks for a retry", async (simulator) => {
  const { client, phone, device } = await link(simulator, { enableRecentMessageCache: false });
  const anna = simulator.contact(aNumber(), "Anna");
  const sent = await client.socket.sendMessage(anna.pnJid, { text: "again please" });
  const id = sent?.key.id ?? "";
  await anna.waitMessage((message) => message.id === id);
  anna.signal.forget(phone.number, device.id);
  client.sent.set(id, sent?.message ?? {});

  anna.askRetry(device, id, anna.pnJid);

  await simulator.until(
    () => anna.inbox.filter((message) => message.id === id).length === 2,
    "the second copy",
  );
  assertEquals(anna.inbox.map(({ message }) => wordsOf(message)), ["again please", "again please"]);
  await client.end();
});

withSimulator(
  "outgoing text of one device is copied to the other devices of the phone",
  async (simulator) => {
    const { client, phone } = await link(simulator);
    const { client: second, device } = await link(simulator, {}, phone);
    const anna = simulator.contact(aNumber(), "Anna");

    const sent = await client.socket.sendMessage(anna.pnJid, { text: "from device 1" });

    const { message } = await second.message(sent?.key.id ?? "");
    assertEquals(device.id, 2);
    assertEquals([wordsOf(message.message ?? {}), message.key.fromMe, message.key.remoteJid], [
      "from device 1",
      true,
      anna.pnJid,
    ]);
    await client.end();
    await second.end();
  },
);

withSimulator("outgoing text of one phone reaches the client of another, and back", async (simulator) => {
  const [one, two] = [await link(simulator), await link(simulator)];

  const sent = await one.client.socket.sendMessage(two.phone.pnJid, { text: "hello gateway" });
  const { message, type } = await two.client.message(sent?.key.id ?? "");
  const answer = await two.client.socket.sendMessage(message.key.remoteJid ?? "", { text: "hello yourself" });
  const { message: back } = await one.client.message(answer?.key.id ?? "");

  assertEquals([wordsOf(message.message ?? {}), message.key.fromMe, type], [
    "hello gateway",
    false,
    "notify",
  ]);
  assertEquals([message.key.remoteJid, message.key.remoteJidAlt], [one.phone.lidJid, one.phone.pnJid]);
  assertEquals([wordsOf(back.message ?? {}), back.key.fromMe], ["hello yourself", false]);
  await one.client.end();
  await two.client.end();
});

for (const [options, warns] of [[{}, true], [{ linkPreview: null }, false]] as const) {
  const how = warns ? "warns about a missing preview library" : "is silent without a preview";
  withSimulator(`outgoing text with a link ${how}`, async (simulator) => {
    const { client } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");

    const sent = await client.socket.sendMessage(anna.pnJid, {
      text: "see https://example.com/page",
      ...options,
    });

    const got = await anna.waitMessage((message) => message.id === sent?.key.id);
    assertEquals(wordsOf(got.message), "see https://example.com/page");
    assert(client.log.lines.some((line) => line.text === "url generation failed") === warns);
    await client.end();
  });
}
