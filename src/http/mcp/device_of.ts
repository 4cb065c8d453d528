import type { DeviceService } from "../../devices/devices.ts";
import { NotFoundError } from "../../errors.ts";
import type { Device } from "../../store/devices.ts";
import { HttpError } from "../errors.ts";
import { notForDevice } from "../key_access.ts";
import type { Caller } from "./tool.ts";

/** A device that the caller names and may use. */
export type DeviceOf = (name: string, caller: Caller) => Promise<Device>;

/** Finds devices, and keeps a key for some devices away from the others. */
export function createDeviceOf(devices: Pick<DeviceService, "get">): DeviceOf {
  return async (name, { tenantId, access }) => {
    const found = await devices.get(tenantId, name).catch((error: unknown) => {
      if (!(error instanceof NotFoundError) || access.deviceIds === null) throw error;
      return undefined;
    });
    if (found === undefined || (access.deviceIds !== null && !access.deviceIds.includes(found.id))) {
      throw new HttpError(403, "DEVICE_NOT_ALLOWED", notForDevice(name));
    }
    return found;
  };
}
