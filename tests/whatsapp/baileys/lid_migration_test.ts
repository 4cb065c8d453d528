// Accounts whose chats with people have moved to LIDs: WhatsApp takes their messages by LID only.
import { assert, assertEquals } from "@std/assert";
import type { WhatsAppSimulator } from "../../../src/simulator/mod.ts";
import { newWaMessageId } from "../../../src/whatsapp/message_id.ts";
import type { Session } from "../../../src/whatsapp/session.ts";
import { aNumber, Reports, withWorld } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

const TEXT = { kind: "text", text: "Halo" } as const;

function send(session: Session, to: string) {
  return session.send({ waMessageId: newWaMessageId(), to, content: TEXT }, { timeoutMs: 60_000 });
}

function refuse(simulator: WhatsAppSimulator, server: "s.whatsapp.net" | "lid", code: number) {
  simulator.faults.refuse = ({ attrs }) => attrs.to.endsWith(`@${server}`) ? code : undefined;
}

withWorld("session writes to a number as long as the account has not moved to LIDs", async (world) => {
  const { session, reports, phone } = await world.link();
  const anna = world.simulator.contact(aNumber(), "Anna", { addressing: "lid" });
  await anna.sendText(phone, "Halo"); // it knows the LID
  await reports.data("message.received");
  refuse(world.simulator, "lid", 400);

  const outcome = await send(session, anna.pnJid);

  assert(outcome.ok, "sent");
});

withWorld(
  "session writes to the LID of a number when its phone says that the account has moved",
  async (world) => {
    const { session, phone, device } = await world.link();
    const anna = world.simulator.contact(aNumber(), "Anna");
    refuse(world.simulator, "s.whatsapp.net", 463);
    await phone.migrateToLids([]);
    await until(() => device.pending.size === 0, "the device to have heard it");

    const outcome = await send(session, anna.pnJid);

    assert(outcome.ok, "sent");
    assertEquals([outcome.to, device.sent.map(({ to }) => to)], [undefined, [anna.lidJid]]);
  },
);

withWorld(
  "session knows from the pairing that the account has moved to LIDs, after a restart too",
  async (world) => {
    const { simulator, open, again } = world;
    const phone = simulator.phone(aNumber(), "Gateway");
    phone.lidMigrated = true;
    const first = await open();
    await simulator.scanQr(await first.reports.until(() => first.reports.qrCode, "qr"), phone);
    await first.reports.logged("ended restart_required");
    const reports = new Reports();
    const session = await again().open("device_1", reports);
    await reports.logged("connected");
    const anna = simulator.contact(aNumber(), "Anna");
    refuse(simulator, "s.whatsapp.net", 463);

    const outcome = await send(session, anna.pnJid);

    assert(outcome.ok, "sent");
    assertEquals(
      (await anna.waitMessage(({ to }) => to === anna.lidJid)).message.extendedTextMessage?.text,
      "Halo",
    );
  },
);

withWorld(
  "session of a moved account tells a number without WhatsApp, and one with another spelling",
  async (world) => {
    const { session, phone, device } = await world.link();
    const maria = world.simulator.contact("551187654321", "Maria");
    await phone.migrateToLids([]);
    await until(() => device.pending.size === 0, "the device to have heard it");

    const nobody = await send(session, "6281000000000@s.whatsapp.net");
    const other = await send(session, "5511987654321@s.whatsapp.net");

    assertEquals([nobody.ok, !nobody.ok && nobody.reason], [false, "not_on_whatsapp"]);
    assert(other.ok, "sent");
    assertEquals([other.to, device.sent.map(({ to }) => to)], [maria.pnJid, [maria.lidJid]]);
  },
);

withWorld("session of a moved account writes to who has a number now, not to who had it", async (world) => {
  const { simulator, link } = world;
  const { session, reports, phone, device } = await link();
  const anna = simulator.contact(aNumber(), "Anna", { addressing: "lid" });
  const number = anna.pnJid;
  await anna.sendText(phone, "Halo");
  await reports.data("message.received");
  await phone.migrateToLids([]);
  await until(() => device.pending.size === 0, "the device to have heard it");
  anna.number = aNumber(); // nobody tells us
  const budi = simulator.contact(number.split("@")[0], "Budi", { lid: `9${anna.lid}` });

  const outcome = await send(session, number);

  assert(outcome.ok, "sent");
  assertEquals(device.sent.map(({ to }) => to), [budi.lidJid]);
});
