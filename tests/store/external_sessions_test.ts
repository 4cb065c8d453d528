import { assertEquals } from "@std/assert";
import { aDevice, NOW } from "../support/messaging.ts";
import { temporaryStore } from "../support/temporary_store.ts";

Deno.test("external sessions keep a QR code that a report does not speak of", async () => {
  await using kept = await temporaryStore();
  const { devices, externalSessions } = kept.store;
  await devices.create(aDevice({ kind: "external" }));
  await externalSessions.put(
    { deviceId: "device_1", status: "qr_generated", message: null, qr: "code" },
    NOW,
  );

  await externalSessions.put({ deviceId: "device_1", status: "loading", message: "Loading 1%: x" }, NOW + 1);

  assertEquals(await externalSessions.get("device_1"), {
    deviceId: "device_1",
    status: "loading",
    message: "Loading 1%: x",
    qr: "code",
    createdAt: NOW,
    updatedAt: NOW + 1,
  });
});

Deno.test("external sessions go with their device", async () => {
  await using kept = await temporaryStore();
  const { devices, externalSessions } = kept.store;
  await devices.create(aDevice({ kind: "external" }));
  await externalSessions.put({ deviceId: "device_1", status: "loading", message: null }, NOW);

  await devices.remove("device_1");

  assertEquals(await externalSessions.get("device_1"), undefined);
});
