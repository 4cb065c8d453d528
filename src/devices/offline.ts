import type { DeviceId } from "../ids.ts";
import type { DeviceStatus } from "../store/devices.ts";

const STANDING: Readonly<Record<DeviceStatus, string>> = {
  needs_pairing: "not linked with a phone; let one scan its QR code first",
  pairing: "waiting for a phone to link it",
  connecting: "still connecting",
  connected: "connected",
  disconnected: "not connected",
  failed: "stopped until it is started again; its last_error says why",
};

/** The device exists, but WhatsApp cannot be reached through it now. */
export class DeviceOfflineError extends Error {
  override readonly name = "DeviceOfflineError";
  constructor(readonly id: DeviceId, readonly status: DeviceStatus) {
    super(`Cannot use "${id}": the device is ${STANDING[status]}`);
  }
}
