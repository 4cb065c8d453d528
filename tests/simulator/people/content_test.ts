import { assert, assertEquals } from "@std/assert";
import { decryptPollVote, normalizeMessageContent, proto } from "@whiskeysockets/baileys";
import { type Contact, content, type VirtualPhone } from "../../../src/simulator/mod.ts";
import { openVote } from "../../../src/simulator/people/poll_vote.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

interface Incoming {
  readonly send: (anna: Contact, phone: VirtualPhone) => Promise<string>;
  readonly kind: keyof proto.IMessage;
  readonly shows: Readonly<Record<string, unknown>>;
}

const FILE = new Uint8Array([1, 2, 3]);
const INCOMING: Readonly<Record<string, Incoming>> = {
  "sticker": {
    send: (anna, phone) => anna.sendMedia(phone, "sticker", FILE),
    kind: "stickerMessage",
    shows: { mimetype: "image/webp" },
  },
  "video": {
    send: (anna, phone) => anna.sendMedia(phone, "video", FILE, { caption: "watch", seconds: 9 }),
    kind: "videoMessage",
    shows: { caption: "watch", seconds: 9 },
  },
  "voice note": {
    send: (anna, phone) => anna.sendMedia(phone, "audio", FILE, { voiceNote: true, seconds: 4 }),
    kind: "audioMessage",
    shows: { ptt: true, seconds: 4, mimetype: "audio/ogg; codecs=opus" },
  },
  "document with a caption": {
    send: (anna, phone) => anna.sendMedia(phone, "document", FILE, { fileName: "a.pdf", caption: "see" }),
    kind: "documentMessage",
    shows: { fileName: "a.pdf", caption: "see" },
  },
  "location": {
    send: (anna, phone) =>
      anna.send(phone, content.locationContent({ latitude: -6.2, longitude: 106.8, name: "Monas" })),
    kind: "locationMessage",
    shows: { degreesLatitude: -6.2, degreesLongitude: 106.8, name: "Monas" },
  },
  "contact card": {
    send: (anna, phone) =>
      anna.send(phone, content.contactCardContent([{ name: "Bert", number: "4917099" }])),
    kind: "contactMessage",
    shows: { displayName: "Bert" },
  },
  "contact cards": {
    send: (anna, phone) =>
      anna.send(
        phone,
        content.contactCardContent([{ name: "A", number: "491" }, { name: "B", number: "492" }]),
      ),
    kind: "contactsArrayMessage",
    shows: { displayName: "2 contacts" },
  },
  "poll": {
    send: (anna, phone) => anna.send(phone, content.pollContent("Lunch?", ["yes", "no"])),
    kind: "pollCreationMessageV3",
    shows: { name: "Lunch?", selectableOptionsCount: 1 },
  },
  "picture to view once": {
    send: (anna, phone) =>
      anna.send(phone, content.viewOnceContent(anna.media("image", FILE, { caption: "psst" }))),
    kind: "imageMessage",
    shows: { caption: "psst", viewOnce: true },
  },
  "disappearing text": {
    send: (anna, phone) => anna.send(phone, content.disappearingContent(content.textContent("gone"), 86_400)),
    kind: "extendedTextMessage",
    shows: { text: "gone" },
  },
};

for (const [name, { send, kind, shows }] of Object.entries(INCOMING)) {
  withSimulator(`content of a contact arrives: ${name}`, async (simulator) => {
    const { client, phone } = await link(simulator);

    const { message } = await client.message(await send(simulator.contact(aNumber(), "Anna"), phone));

    const inner = normalizeMessageContent(message.message)?.[kind];
    assert(inner, `no ${kind} in ${Object.keys(message.message ?? {})}`);
    for (const [field, value] of Object.entries(shows)) {
      assertEquals((inner as Record<string, unknown>)[field], value, field);
    }
    await client.end();
  });
}

withSimulator("content of a contact quotes a message of ours and mentions us", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const sent = await client.socket.sendMessage(anna.lidJid, { text: "question?" });
  const id = sent?.key.id ?? "";
  await anna.waitMessage((received) => received.id === id);

  const answerId = await anna.sendText(phone, "answer!", { quoted: { id, by: phone }, mentions: [phone] });

  const { message } = await client.message(answerId);
  const context = message.message?.extendedTextMessage?.contextInfo;
  assertEquals([context?.stanzaId, context?.participant], [id, phone.lidJid]);
  assertEquals(context?.quotedMessage?.extendedTextMessage?.text, "question?");
  assertEquals(context?.mentionedJid, [phone.lidJid]);
  await client.end();
});

withSimulator(
  "content of the client arrives at the contact: location, card, poll, reaction, reply",
  async (simulator) => {
    const { client, phone } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");
    const { message: theirs } = await client.message(await anna.sendText(phone, "hi"));
    const vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Bert\nEND:VCARD";

    await client.socket.sendMessage(anna.lidJid, { location: { degreesLatitude: 1, degreesLongitude: 2 } });
    await client.socket.sendMessage(anna.lidJid, {
      contacts: { displayName: "Bert", contacts: [{ vcard }] },
    });
    await client.socket.sendMessage(anna.lidJid, {
      poll: { name: "Lunch?", values: ["yes", "no"], selectableCount: 1 },
    });
    await client.socket.sendMessage(anna.lidJid, { react: { text: "👍", key: theirs.key } });
    await client.socket.sendMessage(anna.lidJid, { text: "reply" }, { quoted: theirs });

    await simulator.until(() => anna.inbox.length === 5, "five messages");
    const [location, card, poll, reaction, reply] = anna.inbox.map((received) => received.message);
    assertEquals(location.locationMessage?.degreesLongitude, 2);
    assertEquals(card.contactMessage?.vcard, vcard);
    assertEquals(poll.pollCreationMessageV3?.options?.map((option) => option.optionName), ["yes", "no"]);
    assertEquals([reaction.reactionMessage?.text, reaction.reactionMessage?.key?.id], ["👍", theirs.key.id]);
    assertEquals(reply.extendedTextMessage?.contextInfo?.stanzaId, theirs.key.id);
    await client.end();
  },
);

withSimulator("content of the client is edited and deleted at the contact", async (simulator) => {
  const { client } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const sent = await client.socket.sendMessage(anna.lidJid, { text: "first" });
  const key = sent?.key ?? {};

  await client.socket.sendMessage(anna.lidJid, { text: "second", edit: key });
  await client.socket.sendMessage(anna.lidJid, { delete: key });

  await simulator.until(() => anna.inbox.length === 3, "three messages");
  const [, edited, deleted] = anna.inbox;
  const edit = edited.message.editedMessage?.message?.protocolMessage ?? edited.message.protocolMessage;
  assertEquals([edit?.key?.id, edit?.editedMessage?.extendedTextMessage?.text], [key.id, "second"]);
  assertEquals(edited.node?.attrs.edit, "1");
  assertEquals(deleted.message.protocolMessage?.type, proto.Message.ProtocolMessage.Type.REVOKE);
  assertEquals([deleted.message.protocolMessage?.key?.id, deleted.node?.attrs.edit], [key.id, "7"]);
  await client.end();
});

withSimulator("content: a vote in a poll of the client can be opened by it", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const poll = { name: "Lunch?", values: ["yes", "no"], selectableCount: 1 };
  const sent = await client.socket.sendMessage(anna.lidJid, { poll });
  const pollId = sent?.key.id ?? "";
  await anna.waitMessage((received) => received.id === pollId);

  const { message } = await client.message(await anna.vote(phone, pollId, ["no"]));

  const update = message.message?.pollUpdateMessage;
  assertEquals([update?.pollCreationMessageKey?.id, update?.pollCreationMessageKey?.fromMe], [pollId, true]);
  const secret = sent?.message?.messageContextInfo?.messageSecret ?? new Uint8Array();
  const ballot = { pollId, creatorJid: phone.lidJid, voterJid: anna.lidJid, secret };
  assertEquals(openVote(ballot, update?.vote ?? {}, poll.values), ["no"]);
  const opened = decryptPollVote(update?.vote ?? {}, {
    pollMsgId: pollId,
    pollCreatorJid: phone.lidJid,
    voterJid: anna.lidJid,
    pollEncKey: secret,
  });
  assertEquals(opened.selectedOptions?.length, 1);
  await client.end();
});

withSimulator("content: a status post arrives from status@broadcast with its writer", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");

  const id = await anna.postStatus(phone, content.textContent("on holiday"));

  const { message } = await client.message(id);
  assertEquals([message.key.remoteJid, message.key.participant], ["status@broadcast", anna.lidJid]);
  assertEquals(message.message?.extendedTextMessage?.text, "on holiday");
  await client.end();
});
