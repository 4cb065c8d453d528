import type { DeviceService } from "../../devices/devices.ts";
import { NotFoundError } from "../../errors.ts";
import { businessAccountIdOf } from "../../formats/cloud_ids.ts";
import type { TenantId } from "../../ids.ts";
import type { Device } from "../../store/devices.ts";
import { GraphError } from "../graph_errors.ts";

/** Most devices of a tenant that are looked through for a number. */
const MOST_DEVICES = 1_000;

/** What the ids in Graph's paths stand for. */
export interface Identity {
  /**
   * The device of a phone number id: the number's digits, the device's id, or its alias.
   * @throws {GraphError} If the tenant has none.
   */
  device(tenantId: TenantId, id: string): Promise<Device>;
  find(tenantId: TenantId, id: string): Promise<Device | undefined>;
  /** The tenant's linked numbers. */
  devices(tenantId: TenantId): Promise<readonly Device[]>;
  /** Whether an id means the tenant's business account: its own id, or that of one of its numbers. */
  isAccount(tenantId: TenantId, id: string): Promise<boolean>;
}

export function createIdentity(
  { devices }: { readonly devices: Pick<DeviceService, "get" | "list"> },
): Identity {
  const all = async (tenantId: TenantId) =>
    (await devices.list(tenantId, { limit: MOST_DEVICES, offset: 0 })).devices;

  async function find(tenantId: TenantId, id: string): Promise<Device | undefined> {
    const digits = /^\+?(\d{6,15})(?:@s\.whatsapp\.net)?$/.exec(id)?.[1];
    if (digits !== undefined) {
      const own = (await all(tenantId)).find(({ phoneNumber }) => phoneNumber === digits);
      if (own !== undefined) return own;
    }
    try {
      return await devices.get(tenantId, id);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  return {
    find,
    async device(tenantId, id) {
      const found = await find(tenantId, id);
      if (found === undefined) throw unknownObject(id);
      return found;
    },
    async devices(tenantId) {
      return (await all(tenantId)).filter(({ kind }) => kind === "whatsapp");
    },
    async isAccount(tenantId, id) {
      return id === businessAccountIdOf(tenantId) || id === tenantId ||
        await find(tenantId, id) !== undefined;
    },
  };
}

/** As Meta says it of what does not exist, and of what is somebody else's. */
export function unknownObject(id: string): GraphError {
  return new GraphError(
    100,
    `Unsupported get request. Object with ID '${
      id.slice(0, 80)
    }' does not exist, cannot be loaded due to missing ` +
      "permissions, or does not support this operation",
  );
}
