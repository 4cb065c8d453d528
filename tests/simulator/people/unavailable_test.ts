import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { textContent } from "../../../src/simulator/people/content.ts";
import { wordsOf } from "../../../src/simulator/people/reading.ts";
import { child } from "../../../src/simulator/wire/nodes.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";
import type { BaileysClient } from "../../support/baileys_client.ts";

const { CIPHERTEXT } = proto.WebMessageInfo.StubType;

/** What the client was told under one id, oldest first: words, or the stub. */
function told(client: BaileysClient, id: string) {
  return client.messages.filter(({ message }) => message.key.id === id)
    .map(({ message }) => message.message ? wordsOf(message.message) : message.messageStubType);
}

function isRequest(message: proto.IMessage | null | undefined): message is proto.IMessage {
  return Boolean(message?.protocolMessage?.peerDataOperationRequestMessage);
}

withSimulator("unavailable message is handed over by the phone when the client asks", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  const id = await anna.sendText(phone, "I saw your ad", { unavailable: {} });
  await client.until(() => told(client, id).length === 2, "placeholder and content");

  assertEquals(told(client, id), [CIPHERTEXT, "I saw your ad"]);
  await client.end();
});

withSimulator(
  "phone hands a group message over without naming its writer, twice, and late",
  async (simulator) => {
    const { client, phone } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");
    const group = simulator.group("Family", [anna, phone]);
    phone.placeholders = { times: 2, delayMs: 200, participant: false };

    const id = await anna.sendText(group, "hello all", { unavailable: {} });
    await client.until(() => told(client, id).length === 3, "placeholder and both answers");

    // Baileys keeps what it knew for the first answer, and takes the second as it is
    assertEquals(told(client, id), [CIPHERTEXT, "hello all", "hello all"]);
    const answers = client.messages.filter(({ message }) => message.key.id === id && message.message);
    assertEquals(answers.map(({ message: { key } }) => key.participant || undefined), [
      anna.lidJid,
      undefined,
    ]);
    await client.end();
  },
);

withSimulator("phone that is off leaves the request unanswered", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  phone.placeholders = { times: 0 };

  const id = await anna.sendText(phone, "never seen", { unavailable: {} });
  const asked = await simulator.until(
    () => phone.copies.map(({ message }) => message.deviceSentMessage?.message).find(isRequest),
    "request",
  );
  const later = await anna.sendText(phone, "after it");
  await client.message(later);

  const request = asked.protocolMessage?.peerDataOperationRequestMessage;
  assertEquals(request?.placeholderMessageResendRequest?.map(({ messageKey }) => messageKey?.id), [id]);
  assertEquals(told(client, id), [CIPHERTEXT]);
  await client.end();
});

withSimulator("phone answers several requests in one message", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  phone.placeholders = { delayMs: 500, together: true };

  const ids = [
    await anna.sendText(phone, "one", { unavailable: {} }),
    await anna.sendText(phone, "two", { unavailable: {} }),
  ];
  await client.until(() => ids.every((id) => told(client, id).length === 2), "both contents");

  const answers = client.messages.flatMap(({ message }) =>
    message.message?.protocolMessage?.peerDataOperationRequestResponseMessage?.peerDataOperationResult ?? []
  );
  assertEquals(answers.length, 2);
  assertEquals(ids.map((id) => told(client, id).at(-1)), ["one", "two"]);
  await client.end();
});

withSimulator("view-once and hosted placeholders look as WhatsApp's own", async (simulator) => {
  const { client, phone, device } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  const shown = await anna.sendMedia(phone, "image", Buffer.from("a picture"), {
    unavailable: { type: "view_once" },
  });
  const hosted = await anna.sendText(phone, "shop", { unavailable: { hosted: "true" } });
  await simulator.until(() => device.pending.size === 0, "both taken");

  const sent = (id: string) =>
    device.connection?.log.find(({ direction, node: { attrs } }) => direction === "out" && attrs.id === id)
      ?.node;
  assertEquals(sent(shown)?.attrs.type, "media");
  assertEquals(child(sent(shown), "unavailable")?.attrs, { type: "view_once" });
  assertEquals(child(sent(hosted), "unavailable")?.attrs, { hosted: "true" });
  assert(client.messages.some(({ message: { key } }) => key.id === shown && key.isViewOnce));
  await client.end();
});

withSimulator("message that the owner types can be unavailable to linked devices", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  const id = await phone.type(anna, textContent("from the phone"), { unavailable: {} });
  await client.until(() => told(client, id).length === 2, "placeholder and content");

  assertEquals(told(client, id), [CIPHERTEXT, "from the phone"]);
  assertEquals(client.messages.filter(({ message }) => message.key.id === id)[1].message.key.fromMe, true);
  await client.end();
});
