import { ConflictError } from "../errors.ts";
import type { TenantId } from "../ids.ts";
import type { Device, Devices } from "../store/devices.ts";
import type { DeviceService } from "./devices.ts";

/** The alias of the one device of those who only know one. */
export const DEFAULT_ALIAS = "default";

/** A tenant's device `default`; the first time that it is asked for, it is made and started. */
export type DefaultDevice = (tenantId: TenantId) => Promise<Device>;

export function createDefaultDevice({ devices, service }: {
  readonly devices: Pick<Devices, "find">;
  readonly service: Pick<DeviceService, "create" | "start" | "get">;
}): DefaultDevice {
  return async (tenantId) => {
    const known = await devices.find(tenantId, DEFAULT_ALIAS);
    if (known !== undefined) return known;
    try {
      await service.create(tenantId, { label: "Default", alias: DEFAULT_ALIAS });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      return await service.get(tenantId, DEFAULT_ALIAS); // somebody else was faster
    }
    return await service.start(tenantId, DEFAULT_ALIAS);
  };
}
