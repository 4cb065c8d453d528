import { assertEquals } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { seal, voteContent } from "../../../src/simulator/people/poll_vote.ts";
import { newWaMessageId } from "../../../src/whatsapp/message_id.ts";
import { aNumber, withWorld } from "../../support/sessions.ts";
import { since } from "../../support/since.ts";
import { until } from "../../support/until.ts";

withWorld("session reports how far a message has come, once per step", async ({ simulator, link }) => {
  const { session, reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const waMessageId = newWaMessageId();
  await session.send({ waMessageId, to: anna.pnJid, content: { kind: "text", text: "Halo" } }, {
    timeoutMs: 60_000,
  });
  const isSince = since();

  for (const kind of ["delivered", "read", "played"] as const) {
    anna.sendReceipt(phone, waMessageId, kind, anna.pnJid);
  }
  await until(() => reports.received.length === 3, "three receipts");

  assertEquals(reports.received.map(({ status }) => status), ["delivered", "read", "played"]);
  assertEquals(reports.received[0].chat, { kind: "person", jid: anna.pnJid, lid: anna.lidJid });
  assertEquals(reports.received.every(({ at }) => isSince(at)), true);
});

withWorld("session reports who read a message in a group", async ({ simulator, link }) => {
  const { session, reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Keluarga", [phone, anna]);
  const waMessageId = newWaMessageId();
  await session.send({ waMessageId, to: group.jid, content: { kind: "text", text: "Halo" } }, {
    timeoutMs: 60_000,
  });

  anna.sendReceipt(phone, waMessageId, "read", group.jid);
  await until(() => reports.received.length === 1, "a receipt");

  const [{ status, chat, participant }] = reports.received;
  assertEquals([status, chat], ["read", { kind: "group", jid: group.jid }]);
  assertEquals(participant, { pn: anna.pnJid, lid: anna.lidJid });
});

withWorld("session reports what the owner has read on the phone", async ({ simulator, link }) => {
  const { reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Keluarga", [phone, anna]);
  const first = await anna.sendText(phone, "satu");
  const second = await anna.sendText(phone, "dua");
  const inGroup = await anna.sendText(group, "tiga");
  await reports.data("message.received", 3);
  const next = () => until(() => reports.reads.shift(), "what was read");

  phone.read(anna);
  assertEquals(await next(), {
    what: "messages",
    chat: anna.pnJid,
    lid: anna.lidJid,
    messageIds: [first, second],
  });
  phone.read(group, "read-self");
  assertEquals(await next(), { what: "messages", chat: group.jid, messageIds: [inGroup] });
  assertEquals(reports.received, []);
});

withWorld(
  "session reports a chat that the owner marks as unread, or as read up to a message",
  async (world) => {
    const { simulator, link } = world;
    const { session, reports, phone } = await link();
    const anna = simulator.contact(aNumber(), "Anna");
    const t = Math.floor(Date.now() / 1_000) - 60;
    const id = await anna.sendText(phone, "satu", { t });
    await reports.data("message.received");
    const next = () => until(() => reports.reads.shift(), "what was read");

    await phone.markChat(anna, false);
    assertEquals(await next(), { what: "unread", chat: anna.pnJid });
    await phone.markChat(anna, true);
    assertEquals(await next(), { what: "until", chat: anna.pnJid, at: t * 1_000 });
    assertEquals(await session.markRead([id, "unknown"]), [id]);

    assertEquals(await next(), { what: "messages", chat: anna.pnJid, lid: anna.lidJid, messageIds: [id] });
  },
);

withWorld("session files which messages phones do not count as unread", async (world) => {
  const { session, reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const id = await anna.sendText(phone, "pertama");

  await anna.react(phone, { id }, "👍");
  await anna.edit(phone, id, "kedua");
  await reports.data("message.edited");
  await session.journaled();

  const rows = await world.inbox.history("device_1", anna.pnJid, { limit: 9 });
  assertEquals(rows.toReversed().map(({ quiet = false }) => quiet), [false, true, true]);
});

withWorld("session reports what the owner types on the phone", async ({ simulator, link }) => {
  const { reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");

  const id = await phone.type(anna, { conversation: "Dari HP" });
  const message = await reports.data("message.received");

  assertEquals([message.messageId, message.fromMe, message.content], [id, true, {
    kind: "text",
    text: "Dari HP",
  }]);
  assertEquals(message.chat, { kind: "person", jid: anna.pnJid, lid: anna.lidJid });
  assertEquals(message.from, { pn: phone.pnJid, lid: phone.lidJid });
});

withWorld("session reports reaction, edit and deletion", async ({ simulator, link }) => {
  const { reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const id = await anna.sendText(phone, "pertama");

  await anna.react(phone, { id }, "👍");
  await anna.edit(phone, id, "kedua");
  await anna.revoke(phone, id);

  assertEquals((await reports.data("message.reaction")).emoji, "👍");
  assertEquals((await reports.data("message.edited")).content, { kind: "text", text: "kedua" });
  const deleted = await reports.data("message.deleted");
  assertEquals([deleted.messageId, deleted.from.pn], [id, anna.pnJid]);
});

withWorld("session reports a call once, and its end once", async ({ simulator, link }) => {
  const { reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const isSince = since();

  anna.call(phone, "call-1", "offer", { video: true });
  const { calledAt, ...call } = await reports.data("call.received");
  anna.call(phone, "call-1", "timeout");
  const { endedAt, ...end } = await reports.data("call.ended");

  const from = { pn: anna.pnJid, lid: anna.lidJid };
  assertEquals(call, { callId: "call-1", from, kind: "video", offline: false });
  assertEquals(end, { callId: "call-1", from, outcome: "missed" });
  assertEquals([calledAt, endedAt].every(isSince), true);
});

withWorld("session reports who came to a group and went, and by whom", async ({ simulator, link }) => {
  const { reports, phone } = await link();
  const [anna, budi] = ["Anna", "Budi"].map((name) => simulator.contact(aNumber(), name));
  const group = simulator.group("Keluarga", [anna, phone]);
  const person = (who: typeof anna) => ({ pn: who.pnJid, lid: who.lidJid });

  group.change(anna, "add", [budi]);
  group.change(anna, "promote", [budi]);
  group.change(anna, "demote", [budi]);
  group.leave(budi);
  const left = await reports.data("group.leave");

  const about = { group: group.jid, participants: [person(budi)], by: person(anna) };
  assertEquals(await reports.data("group.join"), about);
  assertEquals(await reports.data("group.promote"), about);
  assertEquals(await reports.data("group.demote"), about);
  assertEquals(left.by, person(budi));
});

withWorld("session reports what was changed of a group", async ({ simulator, link }) => {
  const { reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Keluarga", [anna, phone]);

  group.announceCreation(anna);
  group.setSubject(anna, "Keluarga besar");
  group.setDescription(anna, "Salam");
  group.setDescription(anna, undefined);
  group.setSetting(anna, "announcement");
  group.setSetting(anna, "unlocked");
  const inviteCode = group.revokeInvite(anna);
  await reports.data("group.updated", 6);

  const created = await reports.data("group.created");
  assertEquals([created.group, created.subject, created.participants.length], [group.jid, "Keluarga", 2]);
  assertEquals(reports.of("group.updated").map(({ data }) => data.change), [
    { what: "subject", value: "Keluarga besar" },
    { what: "description", value: "Salam" },
    { what: "description", value: "" },
    { what: "announce", value: true },
    { what: "locked", value: false },
    { what: "invite_code", value: inviteCode },
  ]);
});

withWorld("session reports who may add people to a group", async ({ simulator, link }) => {
  const { reports, phone, device } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Keluarga", [anna, phone]);
  const attrs = { from: group.jid, type: "w:gp2", participant: anna.lidJid, participant_pn: anna.pnJid };

  for (const [id, mode] of [["gp-a", "all_member_add"], ["gp-b", "admin_add"]]) {
    const content = [{ tag: "member_add_mode", attrs: {}, content: new TextEncoder().encode(mode) }];
    device.deliver({ tag: "notification", attrs: { ...attrs, id, t: "1762000000" }, content });
  }
  await reports.data("group.updated", 2);

  assertEquals(reports.of("group.updated").map(({ data }) => data.change), [
    { what: "member_add", value: true },
    { what: "member_add", value: false },
  ]);
});

withWorld("session takes status posts and says nothing of them", async ({ simulator, link }) => {
  const { reports, phone, device } = await link();
  const anna = simulator.contact(aNumber(), "Anna");

  const id = await anna.postStatus(phone, { conversation: "liburan" });
  await until(() => device.acks.some(({ attrs }) => attrs.id === id), "the ack");
  await anna.sendText(phone, "Halo");
  await reports.data("message.received");

  assertEquals(device.acks.find(({ attrs }) => attrs.id === id)?.attrs.error, undefined);
  assertEquals(reports.of("message.received").length, 1);
});

withWorld("session reports presence that was asked for", async ({ simulator, link }) => {
  const { session, reports, phone, device } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  await session.subscribePresence(anna.pnJid);
  await until(() => device.presence.length > 0, "the subscription");

  anna.setOnline(phone, true);
  anna.setTyping(phone, "composing");
  await reports.data("presence.updated", 2);

  assertEquals(reports.of("presence.updated").map(({ data }) => data.presence), ["available", "composing"]);
});

withWorld("session reports that a contact goes by a new name", async ({ simulator, link }) => {
  const { reports, phone } = await link();
  const number = aNumber();
  const anna = simulator.contact(number, "Anna");
  await anna.sendText(phone, "satu");
  await anna.sendText(phone, "dua");
  await reports.data("message.received", 2);

  const renamed = simulator.contact(number, "Anna Toko");
  await renamed.sendText(phone, "tiga");
  const { contact, name } = await reports.data("contact.updated");

  assertEquals([contact.pn, name], [anna.pnJid, "Anna Toko"]);
  assertEquals(reports.of("contact.updated").length, 1);
});

withWorld("session tells the number of a person who was known by LID alone", async ({ simulator, link }) => {
  const { reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const hidden = { sender_pn: "" }; // the stanza does not tell the number
  await anna.send(phone, { conversation: "rahasia" }, { attrs: hidden });
  const first = await reports.data("message.received");

  await anna.sendText(phone, "ini saya");
  const resolved = await reports.data("identity.resolved");

  assertEquals([first.from.pn, first.chat.jid], [null, anna.lidJid]);
  assertEquals(resolved, { pn: anna.pnJid, lid: anna.lidJid });
  assertEquals((await reports.data("message.received", 2)).chat.jid, anna.pnJid);
});

withWorld("session ends when its phone wants a passkey", async ({ simulator, link }) => {
  const { reports, device } = await link();

  device.sendLive({
    tag: "notification",
    attrs: { from: "s.whatsapp.net", type: "passkey_prologue_request", id: "pk1" },
  });
  const [end] = await until(() => reports.ends.length > 0 && reports.ends, "the end");

  assertEquals([end.reason, end.final, end.message.includes("passkey")], ["auth_failure", true, true]);
  assertEquals(simulator.complaints, []);
});

withWorld(
  "session opens a reaction that is sealed, in a community's announcements",
  async ({ simulator, link }) => {
    const { reports, phone } = await link();
    const [anna, bert] = [simulator.contact(aNumber(), "Anna"), simulator.contact(aNumber(), "Bert")];
    const group = simulator.group("Pengumuman", [anna, bert, phone]);
    const secret = new Uint8Array(32).fill(7);
    const messageContextInfo = { messageSecret: secret };
    const pollId = await anna.send(group, { extendedTextMessage: { text: "Libur" }, messageContextInfo });
    await reports.data("message.received");

    const plain = proto.Message.ReactionMessage.encode({ text: "👍" }).finish();
    const ballot = { pollId, creatorJid: anna.lidJid, voterJid: bert.lidJid, secret };
    const targetMessageKey = { remoteJid: group.jid, id: pollId, participant: anna.lidJid };
    await bert.send(group, {
      encReactionMessage: { targetMessageKey, ...seal(ballot, "Enc Reaction", plain) },
    });
    const reaction = await reports.data("message.reaction");

    assertEquals([reaction.messageId, reaction.emoji, reaction.from.pn, reaction.targetFromMe], [
      pollId,
      "👍",
      bert.pnJid,
      false,
    ]);
  },
);

withWorld("session reports whose message was reacted to", async ({ simulator, link }) => {
  const { session, reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const waMessageId = newWaMessageId();
  await session.send({ waMessageId, to: anna.pnJid, content: { kind: "text", text: "Halo" } }, {
    timeoutMs: 60_000,
  });
  await anna.waitMessage(({ id }) => id === waMessageId);

  await anna.react(phone, { id: waMessageId, by: phone }, "👍");
  const { messageId, targetFromMe } = await reports.data("message.reaction");

  assertEquals([messageId, targetFromMe], [waMessageId, true]);
});

withWorld("session opens a vote that came together with its poll", async ({ simulator, inbox, link }) => {
  const { reports, phone, device } = await link();
  const journal = inbox.journal.bind(inbox);
  inbox.journal = async (row) => {
    await new Promise((done) => setTimeout(done, 20)); // a disk takes its time
    await journal(row);
  };
  const [anna, bert] = [simulator.contact(aNumber(), "Anna"), simulator.contact(aNumber(), "Bert")];
  const group = simulator.group("Keluarga", [anna, bert, phone]);
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const ids = Array.from({ length: 20 }, (_, index) => `3APOLL${index}`);
  const stanzas = [];
  for (const id of ids) {
    const poll = { name: "Kapan?", options: [{ optionName: "Senin" }], selectableOptionsCount: 1 };
    const message = { pollCreationMessageV3: poll, messageContextInfo: { messageSecret: secret } };
    stanzas.push(...await anna.prepare(group, message, { id }));
    const ballot = { pollId: id, creatorJid: anna.lidJid, voterJid: bert.lidJid, secret };
    const key = { remoteJid: group.jid, id, participant: anna.lidJid, fromMe: false };
    stanzas.push(...await bert.prepare(group, voteContent(ballot, key, ["Senin"])));
  }

  for (const { stanza } of stanzas) device.deliver(stanza);
  await reports.data("message.received", 2 * ids.length);

  const votes = reports.of("message.received").flatMap(({ data: { content } }) =>
    content.kind === "poll_vote" ? [content.options] : []
  );
  assertEquals(votes, ids.map(() => ["Senin"]));
});
