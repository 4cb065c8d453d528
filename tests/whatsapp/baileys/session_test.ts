import { assert, assertEquals, assertRejects } from "@std/assert";
import { PairingRefusedError } from "../../../src/whatsapp/pairing_refused.ts";
import { since } from "../../support/since.ts";
import { aNumber, Reports, withWorld } from "../../support/sessions.ts";

withWorld("session pairs by qr code, and then connects", async ({ simulator, open }) => {
  const phone = simulator.phone(aNumber(), "Toko Budi");
  const first = await open();

  await simulator.scanQr(await first.reports.until(() => first.reports.qrCode, "qr"), phone);
  await first.reports.logged("ended restart_required");
  const second = await open();
  await second.reports.logged("connected");

  assertEquals(first.reports.log, ["connecting", "qr", "paired", "ended restart_required"]);
  assertEquals(second.reports.log, ["connecting", "authenticated", "connected"]);
  assertEquals(second.reports.me, { jid: phone.pnJid, lid: phone.lidJid, pushName: null });
});

withWorld("session numbers the QR codes of its pairing, and begins anew with the next", async ({ open }) => {
  const whole = [1, 2, 3, 4, 5, 6].map((number) => ({ number, total: 6 }));
  const first = await open();
  await first.reports.logged("ended pairing_expired");
  const second = await open();
  await second.reports.logged("ended pairing_expired");

  assertEquals(first.reports.qrPlaces, whole);
  assertEquals(second.reports.qrPlaces, whole);
}, { settings: { qrTimeoutMs: 30 } });

withWorld("session reports a text with who sent it and where", async ({ simulator, link }) => {
  const { reports, phone } = await link();
  const anna = simulator.contact(aNumber(), "Anna");
  const isSince = since();

  const id = await anna.sendText(phone, "Halo, apakah masih ada?");
  const { sentAt, ...data } = await reports.data("message.received");

  assertEquals(data, {
    messageId: id,
    chat: { kind: "person", jid: anna.pnJid, lid: anna.lidJid },
    from: { pn: anna.pnJid, lid: anna.lidJid, pushName: "Anna" },
    fromMe: false,
    offline: false,
    content: { kind: "text", text: "Halo, apakah masih ada?" },
  });
  assertEquals(isSince(sentAt), true);
});

withWorld(
  "session of a linked device gives no pairing code, and stays who it is",
  async ({ link, again }) => {
    const { session, phone } = await link();

    await assertRejects(() => session.pairingCode(aNumber()), PairingRefusedError, "has linked it already");
    await session.stop();
    const reports = new Reports();
    await again().open("device_1", reports);
    await reports.logged("connected");

    assertEquals(reports.me?.jid, phone.pnJid);
  },
);

withWorld(
  "session waits for a pairing code to be typed for as long as the code is good",
  async ({ open }) => {
    const { session, reports } = await open("device_1", { plainName: true });
    const began = Date.now();

    await session.pairingCode(aNumber());

    const REFS = 6;
    assert(reports.qrExpiresAt - began >= 180_000 / REFS, "six QR codes last longer than the code");
  },
);
