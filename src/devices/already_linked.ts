import { RefusedError } from "../errors.ts";
import type { Device } from "../store/devices.ts";

/** Says that a phone has linked the device, so that it cannot be linked with another. */
export function alreadyLinked({ id, status, phoneNumber }: Device): RefusedError {
  const how = status === "connected"
    ? `connected as ${phoneNumber}`
    : `linked with ${phoneNumber} and ${status}`;
  const what = status === "connected" ? "log it out first" : "start it, or log it out first";
  return new RefusedError("DEVICE_ALREADY_PAIRED", `Cannot pair "${id}": it is ${how}; ${what}`, {
    device_id: id,
    status,
  });
}
