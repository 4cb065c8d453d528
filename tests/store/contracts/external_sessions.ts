import { assertEquals } from "@std/assert";
import { aDevice, NOW } from "../../support/messaging.ts";
import { type Open, testing } from "./contract.ts";

export function externalSessionsContract(name: string, open: Open): void {
  const test = testing(`${name} external sessions`, open);

  test("keep a QR code that a report does not speak of", async ({ devices, externalSessions }) => {
    await devices.create(aDevice({ kind: "external" }));
    await externalSessions.put(
      { deviceId: "device_1", status: "qr_generated", message: null, qr: "code" },
      NOW,
    );

    await externalSessions.put(
      { deviceId: "device_1", status: "loading", message: "Loading 1%: x" },
      NOW + 1,
    );

    assertEquals(await externalSessions.get("device_1"), {
      deviceId: "device_1",
      status: "loading",
      message: "Loading 1%: x",
      qr: "code",
      createdAt: NOW,
      updatedAt: NOW + 1,
    });
  });

  test("go with their device", async ({ devices, externalSessions }) => {
    await devices.create(aDevice({ kind: "external" }));
    await externalSessions.put({ deviceId: "device_1", status: "loading", message: null }, NOW);

    await devices.remove("device_1");

    assertEquals(await externalSessions.get("device_1"), undefined);
  });
}
