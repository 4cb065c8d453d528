import { ConflictError } from "../errors.ts";
import type { TenantId } from "../ids.ts";
import type { Device, Devices } from "../store/devices.ts";
import type { DeviceService } from "./devices.ts";

/** The alias of the one device of those who only know one. */
export const DEFAULT_ALIAS = "default";

/**
 * The one device of a tenant that knows one only: `default`, or the only one that a phone is linked with, whatever it
 * is called. The first time that it is asked for while there is none at all, it is made and started.
 */
export type DefaultDevice = (tenantId: TenantId) => Promise<Device>;

export function createDefaultDevice({ devices, service }: {
  readonly devices: Pick<Devices, "find" | "list">;
  readonly service: Pick<DeviceService, "create" | "start" | "get">;
}): DefaultDevice {
  return async (tenantId) => {
    const named = await devices.find(tenantId, DEFAULT_ALIAS);
    // One that was linked once stays the one: nothing is sent from another number because it was unlinked.
    if (named !== undefined && named.connectedAt !== null) return named;
    const own = (await devices.list({ tenantId })).filter(({ kind }) => kind === "whatsapp");
    const linked = own.filter(({ connectedAt }) => connectedAt !== null);
    if (linked.length === 1) return linked[0];
    if (named !== undefined) return named;
    if (own.length === 1) return own[0];
    try {
      await service.create(tenantId, { label: "Default", alias: DEFAULT_ALIAS });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      return await service.get(tenantId, DEFAULT_ALIAS); // somebody else was faster
    }
    return await service.start(tenantId, DEFAULT_ALIAS);
  };
}
