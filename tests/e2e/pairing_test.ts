import { assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/until.ts";
import { startWhatsAppGateway } from "../support/whatsapp_gateway.ts";

Deno.test("a device is linked by a code that is typed into the phone", async () => {
  await using gateway = await startWhatsAppGateway();
  const created = await gateway.ask("POST", "/v1/devices", { label: "Kasir" });
  const id = String(created.at("data.id"));
  const phone = gateway.simulator.phone("628110000001", "Gateway");

  const paired = await gateway.ask("POST", `/v1/devices/${id}/pairing/code`, {
    phone_number: "0811-0000-001",
  });
  await gateway.simulator.enterCode(String(paired.at("data.pairing_code")), phone);
  await gateway.connected(id);

  assertEquals([paired.status, paired.at("data.phone_number")], [200, "628110000001"]);
  assertMatch(String(paired.at("data.pairing_code")), /^[A-Z0-9]{8}$/);
  const connected = async () =>
    (await gateway.ask("GET", `/v1/devices/${id}`)).at("data.status") === "connected";
  await until(connected, "the device is shown as connected");
});

Deno.test("a device that is logged out can be linked again, and one that is deleted is gone", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id, phone } = await gateway.pair("kasir");

  const out = await gateway.ask("POST", `/v1/devices/${id}/logout`);
  const qr = await gateway.ask("GET", `/v1/devices/${id}/pairing/qr`);
  await gateway.simulator.scanQr(String(qr.at("data.qr")), phone);
  await gateway.connected(id);
  const gone = await gateway.ask("DELETE", "/v1/devices/kasir");
  const after = await gateway.ask("GET", `/v1/devices/${id}`);

  assertEquals([out.status, out.at("data.status")], [200, "needs_pairing"]);
  assertEquals([gone.status, after.status], [200, 404]);
  assertEquals(phone.devices.size, 0);
});

Deno.test("no QR code is shown for a device that is connected", async () => {
  await using gateway = await startWhatsAppGateway();
  const { id } = await gateway.pair("kasir");

  const refused = await gateway.ask("GET", `/v1/devices/${id}/pairing/qr?wait=0`);

  assertEquals([refused.status, refused.at("error.code")], [409, "DEVICE_ALREADY_PAIRED"]);
});
