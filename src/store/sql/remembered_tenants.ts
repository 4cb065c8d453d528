import type { TenantId } from "../../ids.ts";
import type { News } from "../news.ts";
import { type Tenant, TENANTS, type Tenants } from "../tenants.ts";

/** More tenants than this that call within one spell are looked up again. */
const MOST_REMEMBERED = 10_000;

export interface Remembering {
  readonly news: News;
  /** What was looked up longer ago is looked up again: news of other openings may get lost. Left out: never. */
  readonly maxAgeMs?: number;
  /** A clock that only goes forward, milliseconds. */
  readonly monotonic?: () => number;
}

/**
 * Remembers tenants and whose key is whose, which every request asks, until anything of any tenant changes, wherever
 * that is. Only what exists is remembered, so that guesses take no room.
 */
export function rememberTenants(
  tenants: Tenants,
  { news, maxAgeMs = Infinity, monotonic = () => performance.now() }: Remembering,
): Tenants {
  const byId = new Map<TenantId, Tenant>();
  const owners = new Map<string, Tenant>();
  const hashes = new Map<TenantId, string>();
  let changes = 0;
  let since = monotonic();
  news.hear(TENANTS, forget);

  function forget(): void {
    changes++;
    since = monotonic();
    byId.clear();
    owners.clear();
    hashes.clear();
  }

  async function changing<T>(id: TenantId, work: () => Promise<T>): Promise<T> {
    forget();
    try {
      return await work();
    } finally {
      forget(); // also what was looked up meanwhile
      news.tell(TENANTS, id);
    }
  }

  async function lookedUp<K, V>(
    known: Map<K, V>,
    key: K,
    look: () => Promise<V | undefined>,
  ): Promise<V | undefined> {
    if (monotonic() - since > maxAgeMs) forget();
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
    create: (tenant, keyHash) => changing(tenant.id, () => tenants.create(tenant, keyHash)),
    update: (id, change, now) => changing(id, () => tenants.update(id, change, now)),
    remove: (id) => changing(id, () => tenants.remove(id)),
    setKeyHash: (id, keyHash, now) => changing(id, () => tenants.setKeyHash(id, keyHash, now)),
    get: (id) => lookedUp(byId, id, () => tenants.get(id)),
    byKeyHash: (keyHash) => lookedUp(owners, keyHash, () => tenants.byKeyHash(keyHash)),
    keyHashOf: (id) => lookedUp(hashes, id, () => tenants.keyHashOf(id)),
  };
}
