import { assertEquals } from "@std/assert";
import { newWaMessageId } from "../../../src/whatsapp/message_id.ts";
import { aNumber, Reports, withWorld } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

withWorld(
  "session files one person's messages under one chat when the number becomes known",
  async (world) => {
    const { session, reports, phone } = await world.link();
    const cara = world.simulator.contact(aNumber(), "Cara");
    await cara.sendText(phone, "hidden", { addressing: "lid", bothAddresses: false });
    await reports.data("message.received");
    await session.send({
      waMessageId: newWaMessageId(),
      to: cara.lidJid,
      content: { kind: "text", text: "hi" },
    }, {
      timeoutMs: 60_000,
    });
    const before = await world.inbox.chats("device_1", { limit: 9, offset: 0 });

    await cara.sendText(phone, "it is me");
    await reports.data("message.received", 2);
    await until(
      async () => {
        const chats = await world.inbox.chats("device_1", { limit: 9, offset: 0 });
        return chats.length === 1 && chats[0].chat === cara.pnJid;
      },
      "one chat",
    );

    assertEquals(before.map(({ chat }) => chat), [cara.lidJid]);
    assertEquals(reports.of("identity.resolved").map(({ data }) => data), [{
      pn: cara.pnJid,
      lid: cara.lidJid,
    }]);
    const history = await world.inbox.history("device_1", cara.pnJid, { limit: 9 });
    assertEquals(history.length, 3);
  },
);

withWorld("session tells a message once that comes under both addresses of its author", async (world) => {
  const { reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");

  await anna.sendText(phone, "once", { id: "3A0NCE", addressing: "lid", bothAddresses: false });
  await anna.sendText(phone, "once", { id: "3A0NCE", addressing: "lid" });
  await anna.sendText(phone, "once", { id: "3A0NCE", addressing: "pn" });
  await anna.sendText(phone, "end");
  await reports.until(
    () =>
      reports.of("message.received").some(({ data }) =>
        data.content.kind === "text" && data.content.text === "end"
      ),
    "the last message",
  );

  const keys = reports.of("message.received").filter(({ data }) => data.messageId === "3A0NCE")
    .map(({ dedupeKey }) => dedupeKey);
  assertEquals(new Set(keys).size, 1);
});

withWorld(
  "session links the numbers of a person who changes them, and files the chat anew",
  async (world) => {
    const { reports, phone } = await world.link();
    const anna = world.simulator.contact(aNumber(), "Anna");
    world.simulator.group("Family", [anna, phone]);
    await anna.sendText(phone, "before");
    await reports.data("message.received");
    const old = { pn: anna.pnJid, lid: anna.lidJid };

    world.simulator.network.changeNumber(anna, aNumber());
    const { person, previous } = await reports.data("identity.changed");
    await anna.sendText(phone, "after");
    const after = await reports.data("message.received", 2);
    await until(
      async () => {
        const chats = await world.inbox.chats("device_1", { limit: 9, offset: 0 });
        return chats.length === 1 && chats[0].chat === anna.pnJid;
      },
      "one chat",
    );

    assertEquals([person, previous], [{ pn: anna.pnJid, lid: anna.lidJid }, old]);
    assertEquals([after.chat.jid, after.from.pn], [anna.pnJid, anna.pnJid]);
    assertEquals(new Set(reports.of("identity.changed").map(({ dedupeKey }) => dedupeKey)).size, 1);
  },
);

withWorld("session links numbers although nobody says that they changed", async (world) => {
  const { reports, phone } = await world.link();
  const number = aNumber();
  const anna = world.simulator.contact(number, "Anna");
  await anna.sendText(phone, "before");
  await reports.data("message.received");
  const other = `62899${number.slice(-7)}`;

  await anna.sendText(phone, "after", { attrs: { sender_pn: `${other}@s.whatsapp.net` } });
  const { person, previous } = await reports.data("identity.changed");

  assertEquals([person.pn, previous.pn, person.lid], [`${other}@s.whatsapp.net`, anna.pnJid, anna.lidJid]);
});

withWorld("session tells of a group's end, of who asks to join it, and of its community", async (world) => {
  const { reports, phone } = await world.link();
  const [anna, budi, siti] = ["Anna", "Budi", "Siti"].map((name) => world.simulator.contact(aNumber(), name));
  const group = world.simulator.group("Family", [phone, anna]);
  const community = world.simulator.group("Street", [phone, anna], { isParent: true });
  const person = (who: typeof anna) => ({ pn: who.pnJid, lid: who.lidJid });

  group.requestJoin(budi);
  group.requestJoin(siti, "non_admin_add", anna);
  group.revokeRequests(budi, [budi]);
  group.revokeRequests(phone, [siti]);
  group.setSetting(anna, "suspended");
  group.setSetting(anna, "unsuspended");
  group.link(phone, community);
  group.unlink(phone);
  group.notify(anna, { tag: "delete", attrs: { reason: "deleted" } });
  const deleted = await reports.data("group.deleted");

  assertEquals([deleted.group, deleted.by?.pn, deleted.reason], [group.jid, anna.pnJid, "deleted"]);
  assertEquals(reports.of("group.join_request").map(({ data }) => data), [
    { group: group.jid, participants: [person(budi)], by: null, state: "requested", method: "invite_link" },
    {
      group: group.jid,
      participants: [person(siti)],
      by: person(anna),
      state: "requested",
      method: "non_admin_add",
    },
    { group: group.jid, participants: [person(budi)], by: null, state: "withdrawn" },
    {
      group: group.jid,
      participants: [person(siti)],
      by: { pn: phone.pnJid, lid: phone.lidJid },
      state: "rejected",
    },
  ]);
  const changesOf = (jid: string) =>
    reports.of("group.updated").filter(({ data }) => data.group === jid).map(({ data }) => data.change);
  await reports.until(() => changesOf(community.jid).length === 2, "both changes of the community");
  assertEquals(changesOf(group.jid), [
    { what: "suspended", value: true },
    { what: "suspended", value: false },
    { what: "linked", value: community.jid },
    { what: "unlinked", value: community.jid },
  ]);
  assertEquals(changesOf(community.jid), [
    { what: "linked", value: group.jid },
    { what: "unlinked", value: group.jid },
  ]);
});

withWorld("session hears and reaches whom a damaged row hides, and knows them again", async (world) => {
  const { session, reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna");
  await anna.sendText(phone, "before");
  await reports.data("message.received");
  await session.stop();
  await world.credentials.setKeys(
    "device_1",
    [`${anna.lid}_reverse`, anna.number].map((id) => (
      { type: "lid-mapping", id, value: '"86' }
    )),
  );

  const afterwards = new Reports();
  const again = await world.again().open("device_1", afterwards);
  await afterwards.logged("connected");
  await anna.sendText(phone, "after");
  const { from, chat } = await afterwards.data("message.received");
  const outcome = await again.send(
    { waMessageId: "3EB0DAMAGED", to: anna.pnJid, content: { kind: "text", text: "Halo" } },
    { timeoutMs: 60_000 },
  );

  assertEquals([from.pn, from.lid, chat.jid, outcome.ok], [anna.pnJid, anna.lidJid, anna.pnJid, true]);
});
