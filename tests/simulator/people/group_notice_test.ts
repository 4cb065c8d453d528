import { assert, assertEquals, assertRejects } from "@std/assert";
import type { BinaryNode } from "@whiskeysockets/baileys";
import type { WhatsAppSimulator } from "../../../src/simulator/mod.ts";
import { GroupRefusal } from "../../../src/simulator/people/group.ts";
import { child, children, text } from "../../../src/simulator/wire/nodes.ts";
import type { BaileysClient } from "../../support/baileys_client.ts";
import { aNumber, link, type Linked, withSimulator } from "../../support/simulated.ts";

/** Collects the notifications about groups that a client gets. */
function noticesOf(client: BaileysClient): BinaryNode[] {
  const notices: BinaryNode[] = [];
  client.socket.ws.on("CB:notification,type:w:gp2", (notice: BinaryNode) => notices.push(notice));
  return notices;
}

function changesIn(notices: readonly BinaryNode[]): string[] {
  return notices.flatMap((notice) => children(notice).map(({ tag }) => tag));
}

/** Anna's group, with the linked phone as an admin. */
async function setUp(simulator: WhatsAppSimulator): Promise<
  Linked & {
    readonly notices: BinaryNode[];
    readonly anna: ReturnType<WhatsAppSimulator["contact"]>;
    readonly budi: ReturnType<WhatsAppSimulator["contact"]>;
    readonly group: ReturnType<WhatsAppSimulator["group"]>;
  }
> {
  const linked = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const budi = simulator.contact(aNumber(), "Budi");
  const group = simulator.group("Family", [anna, linked.phone]);
  group.members.set(linked.phone, "admin");
  return { ...linked, notices: noticesOf(linked.client), anna, budi, group };
}

withSimulator("group tells requests to join to admins, who answer them", async (simulator) => {
  const { client, anna, budi, group, notices } = await setUp(simulator);
  const cara = simulator.contact(aNumber(), "Cara");

  group.requestJoin(budi);
  group.requestJoin(cara, "non_admin_add", anna);
  await client.until(() => notices.length === 2, "two requests");
  const listed = await client.socket.groupRequestParticipantsList(group.jid);
  const answered = await client.socket.groupRequestParticipantsUpdate(group.jid, [budi.lidJid], "approve");
  group.revokeRequests(cara, [cara]);
  await client.until(() => notices.length === 4, "the answers");

  const [first, second] = notices.map((notice) => child(notice, "created_membership_requests"));
  assertEquals([first?.attrs.request_method, second?.attrs.request_method], ["invite_link", "non_admin_add"]);
  assertEquals(child(first, "requested_user")?.attrs, { jid: budi.lidJid, phone_number: budi.pnJid });
  assertEquals(notices[1].attrs.participant, anna.lidJid);
  assertEquals(listed.map(({ jid }) => jid), [budi.lidJid, cara.lidJid]);
  assertEquals(answered, [{ status: "200", jid: budi.lidJid }]);
  assert(group.has(budi));
  assertEquals(changesIn(notices).slice(2), ["add", "revoked_membership_requests"]);
  await client.end();
});

withSimulator("group with approval takes the code of its link as a request", async (simulator) => {
  const { client, phone } = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Family", [anna]);
  group.setApprovalMode(anna, true);

  await client.socket.groupAcceptInvite(group.inviteCode).catch(() => undefined);

  assertEquals([group.has(phone), group.requests.has(phone)], [false, true]);
  await client.end();
});

withSimulator("group tells settings, communities and its end", async (simulator) => {
  const { client, phone, anna, group, notices } = await setUp(simulator);
  const community = simulator.group("Town", [anna, phone], { isParent: true });

  group.setSetting(anna, "suspended");
  group.setSetting(anna, "unsuspended");
  group.setApprovalMode(anna, true);
  group.setMemberAddMode(anna, "admin_add");
  group.setDisappearing(anna, 86_400);
  group.setDisappearing(anna, 0);
  group.revokeInvite(anna);
  group.setDescription(anna, undefined);
  group.link(anna, community);
  await client.until(() => notices.length === 10, "ten notices");
  const { linkedParent, joinApprovalMode, memberAddMode } = await client.socket.groupMetadata(group.jid);
  group.unlink(anna, "delete_parent");
  group.delete(anna, "reported");
  await client.until(() => notices.length === 13, "thirteen notices");

  assertEquals(changesIn(notices), [
    "suspended",
    "unsuspended",
    "membership_approval_mode",
    "member_add_mode",
    "ephemeral",
    "not_ephemeral",
    "invite",
    "description",
    "link",
    "link",
    "unlink",
    "unlink",
    "delete",
  ]);
  assertEquals([linkedParent, joinApprovalMode, memberAddMode], [community.jid, true, false]);
  assertEquals(text(child(notices[3], "member_add_mode")), "admin_add");
  assert(child(child(notices[7], "description"), "delete"));
  assertEquals(child(notices[8], "link")?.attrs, { link_type: "parent_group" });
  assertEquals(child(child(notices[9], "link"), "group")?.attrs.jid, group.jid);
  assertEquals(child(notices[10], "unlink")?.attrs, {
    unlink_type: "parent_group",
    unlink_reason: "delete_parent",
  });
  assertEquals(child(notices[12], "delete")?.attrs, { reason: "reported" });
  await client.end();
});

withSimulator("newcomer is told the whole group, the others who came", async (simulator) => {
  const first = await link(simulator);
  const second = await link(simulator);
  const anna = simulator.contact(aNumber(), "Anna");
  const group = simulator.group("Family", [anna, first.phone]);
  const [seen, welcome] = [noticesOf(first.client), noticesOf(second.client)];

  group.change(anna, "add", [second.phone]);
  await simulator.until(() => seen.length === 1 && welcome.length === 1, "both are told");
  group.leave(second.phone);
  group.join(second.phone);
  await simulator.until(() => welcome.length === 3, "and again");

  const [added, , joined] = welcome.map((notice) => child(notice, "create"));
  assertEquals(changesIn(seen).slice(0, 1), ["add"]);
  assertEquals([added?.attrs.type, added?.attrs.reason], [undefined, undefined]);
  assertEquals(child(added, "group")?.attrs.subject, "Family");
  assertEquals(joined?.attrs.reason, "invite");
  await first.client.end();
  await second.client.end();
});

withSimulator("strangers cannot read a group, and nobody one that is gone", async (simulator) => {
  const { client, anna, group } = await setUp(simulator);
  const closed = simulator.group("Others", [anna]);
  const codeOf = (asking: Promise<unknown>) => asking.then(() => 200, (error) => Number(error.data));

  const before = await codeOf(client.socket.groupMetadata(closed.jid));
  const nowhere = await codeOf(client.socket.groupMetadata("120363000000000000@g.us"));
  group.delete(anna);
  const after = await codeOf(client.socket.groupMetadata(group.jid));

  assertEquals([before, nowhere, after], [403, 404, 404]);
  await client.end();
});

withSimulator("message to a group that one is not in is refused with 403", async (simulator) => {
  const { client, phone, anna, group } = await setUp(simulator);
  await client.socket.sendMessage(group.jid, { text: "still in" });
  group.change(anna, "remove", [phone]);
  const everybody = await link(simulator, {
    cachedGroupMetadata: () =>
      Promise.resolve({ id: group.jid, owner: undefined, subject: "", participants: [{ id: anna.lidJid }] }),
  });

  const sent = await everybody.client.socket.sendMessage(group.jid, { text: "let me in" });
  const ack = await everybody.client.until(
    () => everybody.client.serverAcks.find(({ id }) => id === sent?.key.id),
    "ack",
  );

  assertEquals(ack.error, "403");
  assertEquals(anna.inbox.some(({ message }) => message.extendedTextMessage?.text === "let me in"), false);
  await client.end();
  await everybody.client.end();
});

withSimulator("only admins write where only they may, and everybody reacts", async (simulator) => {
  const { client, phone, anna } = await setUp(simulator);
  const budi = simulator.contact(aNumber(), "Budi");
  const group = simulator.group("News", [anna, budi, phone]);
  const id = await anna.sendText(group, "read this");
  const ackOf = async (sending: Promise<{ readonly key: { readonly id?: string | null } } | undefined>) => {
    const sent = await sending;
    return await client.until(() => client.serverAcks.find((ack) => ack.id === sent?.key.id), "ack");
  };

  group.setSetting(anna, "announcement");
  const key = { remoteJid: group.jid, id, participant: anna.lidJid, fromMe: false };
  const refused = await ackOf(client.socket.sendMessage(group.jid, { text: "may I?" }));
  const reaction = await ackOf(client.socket.sendMessage(group.jid, { react: { key, text: "👍" } }));
  await assertRejects(() => budi.sendText(group, "and I?"), GroupRefusal, "with 420");
  await budi.react(group, { id, by: anna }, "👎");
  await anna.sendText(group, "an admin");
  group.change(anna, "promote", [phone]);
  const promoted = await ackOf(client.socket.sendMessage(group.jid, { text: "now I may" }));
  await assertRejects(
    () => simulator.contact(aNumber(), "Cara").sendText(group, "a stranger"),
    GroupRefusal,
    "with 403",
  );

  assertEquals([refused, reaction, promoted].map(({ error }) => error), ["420", undefined, undefined]);
  await client.end();
});
