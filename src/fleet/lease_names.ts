import type { DeviceId } from "../ids.ts";

/** Devices' leases begin so. */
export const DEVICE_LEASES = "device/";
/** Leases of what only one gateway does begin so. */
export const TASK_LEASES = "task/";
/** News: leases are free, or wanted. */
export const LEASES = "leases";

export function leaseOf(deviceId: DeviceId): string {
  return `${DEVICE_LEASES}${deviceId}`;
}

export function deviceIn(lease: string): DeviceId {
  return lease.slice(DEVICE_LEASES.length) as DeviceId; // only `leaseOf` makes names that begin so
}
