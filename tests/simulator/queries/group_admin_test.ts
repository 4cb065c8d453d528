import { assert, assertEquals, assertRejects } from "@std/assert";
import { proto } from "@whiskeysockets/baileys";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

const { StubType } = proto.WebMessageInfo;

withSimulator("group is created by the client, which is told about it", async (simulator) => {
  const { client, phone } = await link(simulator);
  const [anna, bert] = ["Anna", "Bert"].map((name) => simulator.contact(aNumber(), name));

  const made = await client.socket.groupCreate("Holiday", [anna.pnJid, bert.lidJid]);

  const [told] = await client.until(() => client.of("groups.upsert")[0], "groups.upsert");
  assertEquals([made.subject, told.id, told.author], ["Holiday", made.id, phone.lidJid]);
  assertEquals(made.participants.map(({ id, admin }) => [id, admin]), [
    [phone.lidJid, "superadmin"],
    [anna.lidJid, null],
    [bert.lidJid, null],
  ]);
  const id = await anna.sendText(simulator.network.groups.get(made.id) ?? phone, "nice");
  assertEquals((await client.message(id)).message.key.remoteJid, made.id);
  await client.end();
});

withSimulator("group members are added, promoted, demoted and removed by the client", async (simulator) => {
  const { client, phone } = await link(simulator);
  const [anna, bert] = ["Anna", "Bert"].map((name) => simulator.contact(aNumber(), name));
  const group = simulator.group("Team", [phone, anna]);
  const roleOf = async (jid: string) => {
    const { participants } = await client.socket.groupMetadata(group.jid);
    return participants.find(({ id }) => id === jid)?.admin;
  };
  const change = (jid: string, action: "add" | "promote" | "demote" | "remove") =>
    client.socket.groupParticipantsUpdate(group.jid, [jid], action);

  const added = await change(bert.pnJid, "add");
  await change(bert.lidJid, "promote");
  const promoted = await roleOf(bert.lidJid);
  await change(bert.lidJid, "demote");
  const demoted = await roleOf(bert.lidJid);
  const removed = await change(anna.lidJid, "remove");

  assertEquals(added.map(({ status, jid }) => [status, jid]), [["200", bert.pnJid]]);
  assertEquals([promoted, demoted], ["admin", null]);
  assertEquals(removed[0].status, "200");
  assertEquals(await roleOf(anna.lidJid), undefined);
  await client.until(() => client.of("group-participants.update").length === 4, "four updates");
  const updates = client.of("group-participants.update");
  assertEquals(updates.map(({ action, author }) => [action, author]), [
    ["add", phone.lidJid],
    ["promote", phone.lidJid],
    ["demote", phone.lidJid],
    ["remove", phone.lidJid],
  ]);
  await client.end();
});

withSimulator("group member who is nobody, or in it already, is refused", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Team", [phone, anna]);

  const results = await client.socket.groupParticipantsUpdate(
    group.jid,
    ["4900000000@s.whatsapp.net", anna.lidJid],
    "add",
  );

  assertEquals(results.map(({ status }) => status), ["404", "409"]);
  await client.end();
});

withSimulator("group is described, renamed, locked and left by the client", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Team", [phone, anna]);

  await client.socket.groupUpdateSubject(group.jid, "Best team");
  await client.socket.groupUpdateDescription(group.jid, "of all");
  await client.socket.groupSettingUpdate(group.jid, "announcement");
  await client.socket.groupSettingUpdate(group.jid, "locked");
  await client.socket.groupSettingUpdate(group.jid, "unlocked");
  await client.socket.groupToggleEphemeral(group.jid, 86_400);

  const metadata = await client.socket.groupMetadata(group.jid);
  assertEquals([metadata.subject, metadata.desc], ["Best team", "of all"]);
  assertEquals([metadata.announce, metadata.restrict, metadata.ephemeralDuration], [true, false, 86_400]);
  await client.until(
    () => client.of("groups.update").flat().some(({ subject }) => subject === "Best team"),
    "update",
  );
  await client.socket.groupLeave(group.jid);
  assertEquals(Object.keys(await client.socket.groupFetchAllParticipating()), []);
  await client.end();
});

withSimulator("group invite code is shown, revoked, looked up and accepted", async (simulator) => {
  const [one, two] = [await link(simulator), await link(simulator)];
  const group = simulator.group("Open", [one.phone]);

  const first = await one.client.socket.groupInviteCode(group.jid);
  const second = await one.client.socket.groupRevokeInvite(group.jid);
  const info = await two.client.socket.groupGetInviteInfo(second ?? "");
  const joined = await two.client.socket.groupAcceptInvite(second ?? "");

  assert(first !== second && first?.length === 22);
  assertEquals([info.subject, joined], ["Open", group.jid]);
  const update = await one.client.until(() => one.client.of("group-participants.update")[0], "join");
  assertEquals([update.action, update.author, update.participants[0].id], [
    "add",
    two.phone.lidJid,
    two.phone.lidJid,
  ]);
  await one.client.end();
  await two.client.end();
});

withSimulator("group that the client does not run cannot be changed by it", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Hers", [anna, phone]);

  const renaming = client.socket.groupUpdateSubject(group.jid, "Mine");

  await assertRejects(() => renaming, Error, "forbidden");
  assertEquals(group.subject, "Hers");
  await client.end();
});

withSimulator("group changes by others say who did them", async (simulator) => {
  const { client, phone } = await link(simulator);
  const [anna, bert, carl] = ["Anna", "Bert", "Carl"].map((name) => simulator.contact(aNumber(), name));
  const group = simulator.group("Team", [anna, bert, phone]);

  group.change(anna, "add", [carl]);
  group.leave(bert);
  group.setSubject(anna, "New name");

  const notices = () =>
    client.messages.map(({ message }) => message).filter((message) => message.messageStubType);
  await client.until(() => notices().length === 3, "three notices");
  const [added, left, renamed] = notices();
  assertEquals([added.messageStubType, added.key.participant], [StubType.GROUP_PARTICIPANT_ADD, anna.lidJid]);
  assertEquals([left.messageStubType, left.key.participant], [StubType.GROUP_PARTICIPANT_LEAVE, bert.lidJid]);
  assertEquals([renamed.messageStubType, renamed.messageStubParameters], [StubType.GROUP_CHANGE_SUBJECT, [
    "New name",
  ]]);
  const updates = client.of("group-participants.update");
  assertEquals(updates.map(({ action, author, participants }) => [action, author, participants[0].id]), [
    ["add", anna.lidJid, carl.lidJid],
    ["remove", bert.lidJid, bert.lidJid],
  ]);
  await client.end();
});

withSimulator("group that the client is put into by somebody is announced to it", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Surprise", [anna, phone]);

  group.announceCreation(anna);

  const [told] = await client.until(() => client.of("groups.upsert")[0], "groups.upsert");
  assertEquals([told.id, told.subject, told.author], [group.jid, "Surprise", anna.lidJid]);
  await client.end();
});

withSimulator("who refuses groups is not added, and gets an invitation", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna", { refusesGroups: true });
  const budi = simulator.contact(aNumber(), "Budi");

  const made = await client.socket.groupCreate("Family", [anna.lidJid, budi.lidJid]);
  const added = await client.socket.groupParticipantsUpdate(made.id, [anna.lidJid], "add");

  const group = simulator.network.groups.get(made.id);
  assertEquals([...group?.members.keys() ?? []], [phone, budi]);
  assertEquals(
    added.map(({ status, content }) => [status, Array.isArray(content.content) && content.content[0].tag]),
    [
      ["403", "add_request"],
    ],
  );
  await client.end();
});
