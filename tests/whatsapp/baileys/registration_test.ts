import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { withSecret } from "../../../src/whatsapp/baileys/registration.ts";
import { aNumber, withWorld } from "../../support/sessions.ts";

withWorld("session shows another QR code when WhatsApp retires the one that was scanned", async (world) => {
  const { simulator, open } = world;
  const phone = simulator.phone(aNumber());
  simulator.faults.refreshOnScan = true;
  const { reports } = await open();
  const retired = await reports.until(() => reports.qrCode, "qr");

  await assertRejects(() => simulator.scanQr(retired, phone), Error, "has retired this QR code");
  const shown = await reports.until(() => reports.qrCode !== retired && reports.qrCode, "another qr");
  await simulator.scanQr(shown, phone);
  await reports.logged("ended restart_required");
  const second = await open();
  await second.reports.logged("connected");

  assertEquals(fieldsOf(shown).toSpliced(3, 1), fieldsOf(retired).toSpliced(3, 1));
  assertNotEquals(fieldsOf(shown)[3], fieldsOf(retired)[3]);
  assertEquals(reports.qrPlaces, [{ number: 1, total: 6 }, { number: 1, total: 6 }]);
});

withWorld("session shows no retired secret in later QR codes either", async ({ simulator, open }) => {
  simulator.faults.refreshOnScan = true;
  const { reports } = await open();
  const retired = await reports.until(() => reports.qrCode, "qr");
  await assertRejects(() => simulator.scanQr(retired, simulator.phone(aNumber())), Error, "has retired");

  const later = await reports.until(
    () => fieldsOf(reports.qrCode ?? "")[0] !== fieldsOf(retired)[0] && reports.qrCode,
    "the next ref",
  );

  assertNotEquals(fieldsOf(later)[3], fieldsOf(retired)[3]);
}, { settings: { qrTimeoutMs: 1_500 } });

Deno.test("withSecret replaces the secret of a QR code and nothing else", () => {
  const qr = "https://wa.me/settings/linked_devices#2@ref,noise=,identity=,old=,1";

  const changed = withSecret(qr, "new=");

  assertEquals(changed, "https://wa.me/settings/linked_devices#2@ref,noise=,identity=,new=,1");
});

function fieldsOf(qr: string): string[] {
  return qr.split(",");
}
