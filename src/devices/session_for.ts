import { RefusedError } from "../errors.ts";
import type { Actions } from "../whatsapp/actions.ts";
import type { Device } from "../store/devices.ts";
import type { Session } from "../whatsapp/session.ts";
import { DeviceOfflineError } from "./offline.ts";

/** What can be done with a device that is connected, wherever its session runs. */
export type DeviceActions = Actions & Pick<Session, "deviceId" | "send">;

/**
 * The session of a device that is connected now.
 * @throws {RefusedError} If another system runs the line.
 * @throws {DeviceOfflineError} If it is not connected.
 */
export type SessionFor = (device: Device) => DeviceActions;

export function createSessionFor(sessionOf: (device: Device) => DeviceActions | undefined): SessionFor {
  return (device) => {
    if (device.kind !== "whatsapp") throw cannotSend(device);
    const session = sessionOf(device);
    if (session === undefined) throw offline(device);
    return session;
  };
}

/** Says how a device stands that is not connected now; its row may not know yet that it has just lost its line. */
export function offline({ id, status }: Device): DeviceOfflineError {
  return new DeviceOfflineError(id, status === "connected" ? "disconnected" : status);
}

/** Says that a line is only heard of here. */
export function cannotSend({ id, kind }: Device): RefusedError {
  const message = `Cannot use "${id}" for this: another system runs this line, Kabar only hears of it`;
  return new RefusedError("DEVICE_CANNOT_SEND", message, { device_id: id, kind });
}
