import type { DeviceId } from "../../ids.ts";
import type { Device, Devices } from "../devices.ts";
import type { News } from "../news.ts";
import { TENANTS } from "../tenants.ts";

/** More devices than this that are asked for within one spell are looked up again. */
const MOST_REMEMBERED = 10_000;

/**
 * Remembers devices, which every message asks for, until anything of theirs changes. Only for a store that nobody else
 * writes to: other openings tell no news of devices.
 */
export function rememberDevices(devices: Devices, news: Pick<News, "hear">): Devices {
  const byId = new Map<DeviceId, Device>();
  /** Devices that were found by their alias: others report under it, and it takes two looks. */
  const byAlias = new Map<string, DeviceId>();
  let changes = 0;

  function forgetAll(): void {
    byId.clear();
    byAlias.clear();
  }

  news.hear(TENANTS, () => { // a tenant is removed with all its devices
    changes++;
    forgetAll();
  });

  async function changing<T>(id: DeviceId, work: () => Promise<T>): Promise<T> {
    const forget = () => {
      changes++;
      byId.delete(id);
    };
    forget();
    try {
      return await work();
    } finally {
      forget(); // also what was looked up meanwhile
    }
  }

  async function lookedUp(look: () => Promise<Device | undefined>): Promise<Device | undefined> {
    const before = changes;
    const found = await look();
    if (found === undefined || changes !== before) return found;
    if (byId.size >= MOST_REMEMBERED) forgetAll();
    byId.set(found.id, found);
    return found;
  }

  return {
    ...devices,
    create(device) {
      byAlias.clear(); // an id goes before an alias
      return changing(device.id, () => devices.create(device));
    },
    update: (id, change, now) => changing(id, () => devices.update(id, change, now)),
    remove: (id) => changing(id, () => devices.remove(id)),
    async get(id) {
      return byId.get(id) ?? await lookedUp(() => devices.get(id));
    },
    async find(tenantId, idOrAlias) {
      const name = `${tenantId} ${idOrAlias}`;
      const known = byId.get(byAlias.get(name) ?? idOrAlias);
      const isMeant = known?.tenantId === tenantId && (known.id === idOrAlias || known.alias === idOrAlias);
      if (isMeant) return known;
      const before = changes;
      const found = await lookedUp(() => devices.find(tenantId, idOrAlias));
      if (found !== undefined && found.id !== idOrAlias && changes === before) byAlias.set(name, found.id);
      return found;
    },
  };
}
