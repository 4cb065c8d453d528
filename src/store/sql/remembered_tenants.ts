import type { TenantId } from "../../ids.ts";
import type { Tenant, Tenants } from "../tenants.ts";

/** More tenants than this that call within one spell are looked up again. */
const MOST_REMEMBERED = 10_000;

/**
 * Remembers tenants and whose key is whose, which every request asks, until anything of any tenant changes. Only what
 * exists is remembered, so that guesses take no room.
 */
export function rememberTenants(tenants: Tenants): Tenants {
  const byId = new Map<TenantId, Tenant>();
  const owners = new Map<string, Tenant>();
  const hashes = new Map<TenantId, string>();
  let changes = 0;

  function forget(): void {
    changes++;
    byId.clear();
    owners.clear();
    hashes.clear();
  }

  async function changing<T>(work: () => Promise<T>): Promise<T> {
    forget();
    try {
      return await work();
    } finally {
      forget(); // also what was looked up meanwhile
    }
  }

  async function lookedUp<K, V>(
    known: Map<K, V>,
    key: K,
    look: () => Promise<V | undefined>,
  ): Promise<V | undefined> {
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const before = changes;
    const found = await look();
    if (found === undefined || changes !== before) return found;
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(key, found);
    return found;
  }

  return {
    ...tenants,
    create: (tenant, keyHash) => changing(() => tenants.create(tenant, keyHash)),
    update: (id, change, now) => changing(() => tenants.update(id, change, now)),
    remove: (id) => changing(() => tenants.remove(id)),
    setKeyHash: (id, keyHash, now) => changing(() => tenants.setKeyHash(id, keyHash, now)),
    get: (id) => lookedUp(byId, id, () => tenants.get(id)),
    byKeyHash: (keyHash) => lookedUp(owners, keyHash, () => tenants.byKeyHash(keyHash)),
    keyHashOf: (id) => lookedUp(hashes, id, () => tenants.keyHashOf(id)),
  };
}
