import { assertEquals } from "@std/assert";
import type { BinaryNode } from "@whiskeysockets/baileys";
import { child } from "../../../src/simulator/wire/nodes.ts";
import { otherReadings } from "../../../src/simulator/people/other_readings.ts";
import { aNumber, link, withSimulator } from "../../support/simulated.ts";

Deno.test("other readings are those of Brazil, Mexico and Argentina", () => {
  const all = [
    "5569991674800",
    "556991674800",
    "5215512345678",
    "525512345678",
    "5491112345678",
    "4915112345678",
  ];

  assertEquals(all.map((number) => otherReadings(number)), [
    ["556991674800"],
    ["5569991674800"],
    ["525512345678"],
    ["5215512345678"],
    ["541112345678"],
    [],
  ]);
});

withSimulator("look-up finds an account under another number, and names its own", async (simulator) => {
  const { client } = await link(simulator);
  const ana = simulator.contact("556991674800", "Ana");
  simulator.contact("4915199999999", "Elsewhere", { alsoFoundAs: ["4930123456"] });
  simulator.contact("62811999", "Empty", { hasDevices: false });

  const found = await client.socket.onWhatsApp("5569991674800", "4930123456", "62811999", "62811000");
  const toAlias = await client.socket.sendMessage("5569991674800@s.whatsapp.net", { text: "to nobody" });
  const toOwn = await client.socket.sendMessage(found?.[0].jid ?? "", { text: "to Ana" });
  await ana.waitMessage(({ id }) => id === toOwn?.key.id);

  assertEquals(found?.map(({ jid, exists }) => [jid, exists]), [
    ["556991674800@s.whatsapp.net", true],
    ["4915199999999@s.whatsapp.net", true],
    ["62811999@s.whatsapp.net", true],
  ]);
  assertEquals(ana.inbox.map(({ id }) => id === toAlias?.key.id), [false]);
  simulator.complaints.length = 0; // the message to the other number was for nobody
  await client.end();
});

withSimulator("number that has no devices gets nothing", async (simulator) => {
  const { client } = await link(simulator);
  const empty = simulator.contact(aNumber(), "Empty", { hasDevices: false });

  const devices = await client.socket.getUSyncDevices([empty.pnJid], false, false);

  assertEquals(devices, []);
  await client.end();
});

withSimulator(
  "contact changes the number and keeps the lid; phones and groups are told",
  async (simulator) => {
    const { client, phone, device } = await link(simulator);
    const anna = simulator.contact(aNumber(), "Anna");
    const old = { number: anna.number, pnJid: anna.pnJid };
    const groups = (["lid", "pn"] as const).map((addressing) =>
      simulator.group(addressing, [anna, phone], { addressing })
    );
    await client.message(await anna.sendText(phone, "before"));

    simulator.network.changeNumber(anna, aNumber());
    const { key } = (await client.message(await anna.sendText(phone, "after"))).message;

    const sent = (device.connection?.log ?? []).filter(({ direction }) => direction === "out").map((
      { node },
    ) => node);
    const notices = sent.filter(({ tag }) => tag === "notification");
    const contacts = notices.find(({ attrs }) => attrs.type === "contacts");
    const ofGroup = (jid: string) => notices.find(({ attrs }) => attrs.from === jid);
    const participant = (notice: BinaryNode | undefined) =>
      child(child(notice, "modify"), "participant")?.attrs;
    assertEquals(child(contacts, "modify")?.attrs, {
      old: old.pnJid,
      new: anna.pnJid,
      old_lid: anna.lidJid,
      new_lid: anna.lidJid,
    });
    assertEquals([key.remoteJid, key.remoteJidAlt], [anna.lidJid, anna.pnJid]);
    assertEquals(ofGroup(groups[0].jid)?.attrs.participant_pn, old.pnJid);
    assertEquals(participant(ofGroup(groups[0].jid)), { jid: anna.lidJid, phone_number: anna.pnJid });
    assertEquals(ofGroup(groups[1].jid)?.attrs.participant, old.pnJid);
    assertEquals(participant(ofGroup(groups[1].jid)), { jid: anna.pnJid, lid: anna.lidJid });
    assertEquals([simulator.network.find(old.number), simulator.network.find(anna.number)], [
      undefined,
      anna,
    ]);
    await client.end();
  },
);

withSimulator("contact without a number becomes known", async (simulator) => {
  const { client, phone } = await link(simulator);
  const cara = simulator.contact(aNumber(), "Cara", { isNumberHidden: true });
  const group = simulator.group("Market", [cara, phone]);
  const keyOf = async (id: string) => (await client.message(id)).message.key;

  const hidden = await keyOf(await cara.sendText(phone, "who am I"));
  const inGroup = await keyOf(await cara.sendText(group, "hello"));
  const listed = (await client.socket.groupMetadata(group.jid)).participants.map(({ phoneNumber }) =>
    phoneNumber
  );
  cara.isNumberHidden = false;
  const known = await keyOf(await cara.sendText(phone, "it is me"));

  assertEquals([hidden.remoteJidAlt, inGroup.participantAlt, known.remoteJidAlt], [
    undefined,
    undefined,
    cara.pnJid,
  ]);
  assertEquals(listed, [undefined, phone.pnJid]);
  await client.end();
});

withSimulator("account that moves to lids tells its devices whose they are", async (simulator) => {
  const { client, phone } = await link(simulator);
  const cara = simulator.contact("62811555", "Cara", { isNumberHidden: true, lid: "77001" });

  await phone.migrateToLids([cara]);
  const known = await client.until(() => client.auth.data.has("lid-mapping/62811555"), "mapping");

  assertEquals(known, true);
  assertEquals(await client.socket.signalRepository.lidMapping.getLIDForPN(cara.pnJid), cara.lidJid);
  await client.end();
});
