import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { seal, voteContent } from "../../../src/simulator/people/poll_vote.ts";
import { rawField } from "../../../src/simulator/people/unknown_fields.ts";
import { newWaMessageId } from "../../../src/whatsapp/message_id.ts";
import { aNumber, type Linked, withWorld, type World } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;
const GROUP_ADMIN = "Siti";

/** A group of an admin, Budi, Anna and us; Budi has said his price. */
async function aGroup(world: World) {
  const linked = await world.link();
  const [admin, budi, anna] = [GROUP_ADMIN, "Budi", "Anna"].map((name) =>
    world.simulator.contact(aNumber(), name)
  );
  const group = world.simulator.group("Market", [admin, budi, anna, linked.phone]);
  const priceId = await budi.sendText(group, "price is 100");
  await linked.reports.data("message.received");
  return { ...linked, group, admin, budi, anna, priceId };
}

async function send({ session }: Linked, to: string, text: string): Promise<string> {
  const waMessageId = newWaMessageId();
  await session.send({ waMessageId, to, content: { kind: "text", text } }, { timeoutMs: 60_000 });
  return waMessageId;
}

const edit = (key: proto.IMessageKey, conversation: string): proto.IMessage => ({
  editedMessage: {
    message: { protocolMessage: { type: MESSAGE_EDIT, key, editedMessage: { conversation } } },
  },
});
const revoke = (key: proto.IMessageKey): proto.IMessage => ({ protocolMessage: { type: 0, key } });

/** What was published of changes, once what was said after them has come. */
async function changes({ reports }: Linked): Promise<readonly string[]> {
  await reports.until(
    () =>
      reports.of("message.received").some(({ data }) =>
        data.content.kind === "text" && data.content.text === "end"
      ),
    "the last message",
  );
  return reports.drafts.map(({ type }) => type).filter((type) =>
    ["message.edited", "message.deleted"].includes(type)
  );
}

withWorld(
  "session believes nobody who edits or deletes what somebody else wrote in a group",
  async (world) => {
    const known = await aGroup(world);
    const { group, budi, anna, priceId } = known;
    const ours = await send(known, group.jid, "our offer: 10");

    await anna.send(
      group,
      edit({ remoteJid: group.jid, id: priceId, participant: budi.lidJid }, "price is 1"),
    );
    await anna.send(group, edit({ remoteJid: group.jid, id: priceId, fromMe: true }, "price is 1"));
    await anna.send(group, edit({ remoteJid: group.jid, id: ours, fromMe: true }, "our offer: 0"));
    await anna.send(group, revoke({ remoteJid: group.jid, id: priceId, participant: budi.lidJid }));
    await anna.send(group, revoke({ remoteJid: group.jid, id: ours, fromMe: true }));
    await anna.sendText(group, "end");

    assertEquals(await changes(known), []);
    const kept = await until(async () => {
      const rows = await world.inbox.history("device_1", group.jid, { limit: 9 });
      return rows.length === 3 && rows; // all have come; the forged ones are removed meanwhile
    }, "three messages to be kept");
    assertEquals(kept.map(({ messageId }) => messageId).includes(priceId), true);
  },
);

withWorld("session believes nobody who edits or deletes what we wrote to them", async (world) => {
  const known = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  const ours = await send(known, anna.pnJid, "our offer: 10");

  await anna.send(
    known.phone,
    edit({ remoteJid: known.phone.pnJid, id: ours, fromMe: true }, "our offer: 0"),
  );
  await anna.send(known.phone, revoke({ remoteJid: known.phone.pnJid, id: ours, fromMe: false }));
  await anna.sendText(known.phone, "end");

  assertEquals(await changes(known), []);
});

withWorld("session believes nobody who deletes a message of another chat", async (world) => {
  const known = await aGroup(world);
  const { phone, group, anna, priceId } = known;
  const own = await anna.sendText(group, "mine");

  await anna.send(phone, revoke({ remoteJid: phone.pnJid, id: priceId, fromMe: true }));
  await anna.send(phone, revoke({ remoteJid: phone.pnJid, id: own, fromMe: true }));
  await anna.sendText(phone, "end");

  assertEquals(await changes(known), []);
});

withWorld("session believes nobody who seals an edit for what somebody else wrote", async (world) => {
  const known = await aGroup(world);
  const { group, budi, anna } = known;
  const secret = new Uint8Array(32).fill(7);
  const id = await budi.send(group, {
    conversation: "price is 100",
    messageContextInfo: { messageSecret: secret },
  });
  const plain = proto.Message.encode({ conversation: "price is 1" }).finish();
  const ballot = { pollId: id, creatorJid: budi.lidJid, voterJid: anna.lidJid, secret };
  const targetMessageKey = { remoteJid: group.jid, id, participant: budi.lidJid };

  await anna.send(group, {
    secretEncryptedMessage: { targetMessageKey, secretEncType: 2, ...seal(ballot, "Message Edit", plain) },
  });
  await anna.sendText(group, "end");

  assertEquals(await changes(known), []);
});

withWorld("session tells by their number whom a sealed edit mentions", async (world) => {
  const known = await aGroup(world);
  const { reports, group, budi, anna } = known;
  const secret = new Uint8Array(32).fill(7);
  const id = await budi.send(group, {
    conversation: "price is 100",
    messageContextInfo: { messageSecret: secret },
  });
  await anna.sendText(group, "thanks"); // her number is known by now
  const text = `@${anna.lid} price is 90`;
  const contextInfo = { mentionedJid: [anna.lidJid] };
  const plain = proto.Message.encode({ extendedTextMessage: { text, contextInfo } }).finish();
  const ballot = { pollId: id, creatorJid: budi.lidJid, voterJid: budi.lidJid, secret };
  const targetMessageKey = { remoteJid: group.jid, id, participant: budi.lidJid };

  await budi.send(group, {
    secretEncryptedMessage: { targetMessageKey, secretEncType: 2, ...seal(ballot, "Message Edit", plain) },
  });

  assertEquals((await reports.data("message.edited")).mentions, [anna.pnJid]);
});

withWorld("session tells who wrote what its author edits and deletes", async (world) => {
  const known = await aGroup(world);
  const { reports, group, budi, priceId } = known;

  await budi.edit(group, priceId, "price is 90");
  await budi.revoke(group, priceId);

  const author = { pn: budi.pnJid, lid: budi.lidJid };
  const edited = await reports.data("message.edited");
  const deleted = await reports.data("message.deleted");
  assertEquals([edited.author, edited.targetFromMe, edited.from.pn], [author, false, budi.pnJid]);
  assertEquals([deleted.author, deleted.targetFromMe], [author, false]);
});

withWorld("session tells who wrote what an admin deletes", async (world) => {
  const known = await aGroup(world);
  const { reports, group, admin, budi, priceId } = known;
  const ours = await send(known, group.jid, "our offer: 10");

  await admin.send(group, revoke({ remoteJid: group.jid, id: priceId, participant: budi.lidJid }));
  await admin.send(group, revoke({ remoteJid: group.jid, id: ours, participant: known.phone.lidJid }));
  await reports.data("message.deleted", 2);

  const told = reports.of("message.deleted").map((
    { data },
  ) => [data.from.pn, data.author?.pn, data.targetFromMe]);
  assertEquals(told, [[admin.pnJid, budi.pnJid, false], [admin.pnJid, known.phone.pnJid, true]]);
});

withWorld("session tells whose message an unknown target claims to be", async (world) => {
  const known = await aGroup(world);
  const { reports, group, budi, anna } = known;

  await anna.send(
    group,
    edit({ remoteJid: group.jid, id: "3EB0UNKNOWN", participant: budi.lidJid }, "price is 1"),
  );
  await anna.send(group, revoke({ remoteJid: group.jid, id: "3EB0UNKNOWN", fromMe: true }));

  const edited = await reports.data("message.edited");
  const deleted = await reports.data("message.deleted");
  assertEquals([edited.author?.pn, edited.from.pn], [budi.pnJid, anna.pnJid]);
  assertEquals([deleted.author?.pn, deleted.targetFromMe], [anna.pnJid, false]);
});

withWorld(
  "session tells who wrote what is reacted to, voted on and pinned, and nothing across chats",
  async (world) => {
    const known = await aGroup(world);
    const { reports, phone, group, budi, anna, priceId } = known;
    const secret = new Uint8Array(32).fill(7);
    const poll = { name: "When?", options: [{ optionName: "Monday" }], selectableOptionsCount: 1 };
    const pollId = await budi.send(group, {
      pollCreationMessageV3: poll,
      messageContextInfo: { messageSecret: secret },
    });
    const ballot = { pollId, creatorJid: budi.lidJid, voterJid: anna.lidJid, secret };
    const key = { remoteJid: group.jid, id: pollId, participant: budi.lidJid, fromMe: false };
    const vote = voteContent(ballot, key, ["Monday"]);
    const pin = {
      pinInChatMessage: { key: { remoteJid: group.jid, id: priceId, participant: budi.lidJid }, type: 1 },
    };

    for (const content of [vote, pin]) await anna.send(phone, content);
    await anna.react(phone, { id: priceId, by: budi }, "👎");
    for (const content of [vote, pin]) await anna.send(group, content);
    await anna.react(group, { id: priceId, by: budi }, "👍");

    const reaction = await reports.data("message.reaction");
    const author = { pn: budi.pnJid, lid: budi.lidJid };
    assertEquals([reaction.emoji, reaction.author, reaction.chat.jid], ["👍", author, group.jid]);
    const contents = reports.of("message.received").map(({ data }) => data.content);
    assertEquals(contents.filter(({ kind }) => kind === "poll_vote" || kind === "pin"), [
      {
        kind: "poll_vote",
        pollMessageId: pollId,
        options: ["Monday"],
        optionIndexes: [0],
        author,
        targetFromMe: false,
      },
      { kind: "pin", pinnedMessageId: priceId, pinned: true, author, targetFromMe: false },
    ]);
  },
);

withWorld("session believes pins of admins alone in a group whose info only they change", async (world) => {
  const known = await aGroup(world);
  const { reports, group, admin, budi, anna, priceId } = known;
  const pin = (id: string): proto.IMessage => ({
    pinInChatMessage: { key: { remoteJid: group.jid, id, participant: budi.lidJid }, type: 1 },
  });

  group.setSetting(admin, "locked");
  await reports.data("group.updated");
  await anna.send(group, pin(priceId));
  await anna.send(group, pin("3EB0BEFOREOURTIME"));
  await admin.send(group, pin(priceId));
  await reports.data("message.received", 2);
  group.setSetting(admin, "unlocked");
  await reports.data("group.updated", 2);
  await anna.send(group, pin(priceId));
  await reports.data("message.received", 3);

  const pins = reports.of("message.received").filter(({ data }) => data.content.kind === "pin");
  assertEquals(pins.map(({ data }) => data.from.pn), [admin.pnJid, anna.pnJid]);
});

withWorld("session counts votes for options that it does not know", async (world) => {
  const { reports, group, budi, anna } = await aGroup(world);
  const secret = new Uint8Array(32).fill(7);
  const poll = {
    name: "When?",
    options: [{ optionName: "A" }, { optionName: "B" }],
    selectableOptionsCount: 0,
  };
  const pollId = await budi.send(group, {
    pollCreationMessageV3: poll,
    messageContextInfo: { messageSecret: secret },
  });
  const ballot = { pollId, creatorJid: budi.lidJid, voterJid: anna.lidJid, secret };
  const key = { remoteJid: group.jid, id: pollId, participant: budi.lidJid, fromMe: false };

  for (const options of [["B", "Added later"], ["Added later"], []]) {
    await anna.send(group, voteContent(ballot, key, options));
  }
  await reports.data("message.received", 5);

  const votes = reports.of("message.received").flatMap(({ data: { content } }) =>
    content.kind === "poll_vote" ? [[content.options, content.optionIndexes, content.unknownOptions]] : []
  );
  assertEquals(votes, [[["B"], [1], 1], [[], undefined, 1], [[], undefined, undefined]]);
});

withWorld(
  "session tells of options that are added to a poll and of its edits, and knows them in votes",
  async (world) => {
    const known = await aGroup(world);
    const { reports, group, budi, anna } = known;
    const secret = new Uint8Array(32).fill(7);
    const [allowAdd, addOption] = [11, 121];
    const poll = { name: "When?", options: [{ optionName: "A" }], selectableOptionsCount: 1 };
    const option = (optionName: string) =>
      rawField({ field: 2, bytes: rawField({ field: 1, bytes: Buffer.from(optionName) }) });
    const pollBytes = (more: Uint8Array) =>
      Buffer.concat([
        rawField({
          field: 64,
          bytes: Buffer.concat([proto.Message.PollCreationMessage.encode(poll).finish(), more]),
        }),
        proto.Message.encode({ messageContextInfo: { messageSecret: secret } }).finish(),
      ]);
    const open = await budi.send(group, {}, { plaintext: pollBytes(Uint8Array.of(allowAdd * 8, 1)) });
    const closed = await budi.send(group, {}, { plaintext: pollBytes(new Uint8Array()) });
    const by = (pollId: string, voterJid: string) => ({ pollId, creatorJid: budi.lidJid, voterJid, secret });
    const keyOf = (id: string) => ({ remoteJid: group.jid, id, participant: budi.lidJid, fromMe: false });
    // the schema does not have these types of edits yet
    const sealedEdit = (secretEncryptedMessage: object) =>
      proto.Message.fromObject({ secretEncryptedMessage });
    const add = (id: string, optionName: string) =>
      sealedEdit({
        targetMessageKey: keyOf(id),
        secretEncType: 5,
        ...seal(
          by(id, anna.lidJid),
          "Poll Add Option",
          rawField({ field: addOption, bytes: option(optionName) }),
        ),
      });
    const changed = { pollCreationMessageV3: { ...poll, name: "When at last?" } };

    await anna.send(group, add(open, "B"));
    await anna.send(group, add(closed, "B"));
    await anna.send(group, voteContent(by(open, anna.lidJid), keyOf(open), ["B"]));
    const edited = seal(by(closed, budi.lidJid), "Poll Edit", proto.Message.encode(changed).finish());
    await budi.send(group, sealedEdit({ targetMessageKey: keyOf(closed), secretEncType: 4, ...edited }));
    await anna.send(group, voteContent(by(closed, anna.lidJid), keyOf(closed), ["B"]));
    await reports.data("message.received", 5);

    const edits = reports.of("message.edited").map(({ data }) => [
      data.messageId,
      data.from.pn,
      data.author?.pn,
      data.content,
    ]);
    assertEquals(edits, [
      [open, anna.pnJid, budi.pnJid, {
        kind: "poll",
        question: "When?",
        options: ["A", "B"],
        selectableCount: 1,
      }],
      [closed, budi.pnJid, budi.pnJid, {
        kind: "poll",
        question: "When at last?",
        options: ["A"],
        selectableCount: 1,
      }],
    ]);
    const votes = reports.of("message.received").flatMap(({ data: { content } }) =>
      content.kind === "poll_vote" ? [[content.options, content.optionIndexes, content.unknownOptions]] : []
    );
    assertEquals(votes, [[["B"], [1], undefined], [[], undefined, 1]]);
  },
);
