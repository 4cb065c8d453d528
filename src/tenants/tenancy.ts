import { NotFoundError, RefusedError } from "../errors.ts";
import { DEFAULT_TENANT, newId, type TenantId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Tenant, Tenants } from "../store/tenants.ts";
import { hashKey, makeKey } from "./keys.ts";

const log = logOf("tenants");
const PAGE = 500;

export interface TenancyDeps {
  readonly tenants: Tenants;
  /** `API_KEY` is set, so the default tenant's key is not ours to change. */
  readonly defaultKeyIsSetting: boolean;
  /** Ends what runs for a tenant (sessions, webhooks in memory) before everything it owns is removed. */
  readonly beforeRemove: (id: TenantId) => Promise<void>;
  readonly now: () => number;
}

export type TenancyChange = { readonly what: "suspended" | "activated" | "removed"; readonly id: TenantId };

/** What the operator does with tenants. Who is suspended is also known in memory, for those that ask often. */
export interface Tenancy {
  create(name: string): Promise<{ readonly tenant: Tenant; readonly key: string }>;
  /** @throws {NotFoundError} If there is no such tenant; so do all that take an id. */
  get(id: TenantId): Promise<Tenant>;
  list(
    page: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly tenants: readonly Tenant[]; readonly total: number }>;
  rename(id: TenantId, name: string): Promise<Tenant>;
  /** @throws {RefusedError} If it is the default tenant. */
  suspend(id: TenantId): Promise<Tenant>;
  activate(id: TenantId): Promise<Tenant>;
  /** @throws {RefusedError} If it is the default tenant. */
  remove(id: TenantId): Promise<void>;
  /** The old key stops at once. @throws {RefusedError} If the key is set by `API_KEY`. */
  rotateKey(id: TenantId): Promise<string>;
  /** Nothing is delivered for a suspended tenant. */
  isSuspended(id: TenantId): boolean;
  /** Called after a change is stored. Returns what stops it. */
  onChange(listener: (change: TenancyChange) => void): () => void;
}

export async function createTenancy(deps: TenancyDeps): Promise<Tenancy> {
  const { tenants, now } = deps;
  const suspended = await suspendedOf(tenants);
  const listeners = new Set<(change: TenancyChange) => void>();

  const tell = (change: TenancyChange) => {
    log.info(`tenant.${change.what}`, { tenantId: change.id });
    for (const listener of listeners) listener(change);
  };
  const found = (tenant: Tenant | undefined, id: TenantId): Tenant => {
    if (tenant === undefined) throw new NotFoundError("tenant", id);
    return tenant;
  };

  return {
    async create(name) {
      const key = makeKey();
      const at = now();
      const tenant: Tenant = { id: newId("tenant"), name, status: "active", createdAt: at, updatedAt: at };
      await tenants.create(tenant, hashKey(key));
      log.info("tenant.created", { tenantId: tenant.id });
      return { tenant, key };
    },
    get: async (id) => found(await tenants.get(id), id),
    list: async (page) => ({ tenants: await tenants.list(page), total: await tenants.count() }),
    rename: async (id, name) => found(await tenants.update(id, { name }, now()), id),
    async suspend(id) {
      if (id === DEFAULT_TENANT) {
        throw new RefusedError("DEFAULT_TENANT", `Cannot suspend "${id}": it is the operator's own`);
      }
      const tenant = found(await tenants.update(id, { status: "suspended" }, now()), id);
      suspended.add(id);
      tell({ what: "suspended", id });
      return tenant;
    },
    async activate(id) {
      const tenant = found(await tenants.update(id, { status: "active" }, now()), id);
      if (suspended.delete(id)) tell({ what: "activated", id });
      return tenant;
    },
    async remove(id) {
      if (id === DEFAULT_TENANT) {
        throw new RefusedError("DEFAULT_TENANT", `Cannot remove "${id}": it is the operator's own`);
      }
      found(await tenants.get(id), id);
      await deps.beforeRemove(id);
      if (!await tenants.remove(id)) throw new NotFoundError("tenant", id);
      suspended.delete(id);
      tell({ what: "removed", id });
    },
    async rotateKey(id) {
      if (id === DEFAULT_TENANT && deps.defaultKeyIsSetting) {
        throw new RefusedError(
          "SET_BY_ENVIRONMENT",
          `Cannot rotate the key of "${id}": the setting API_KEY says what it is`,
        );
      }
      const key = makeKey();
      if (!await tenants.setKeyHash(id, hashKey(key), now())) throw new NotFoundError("tenant", id);
      log.info("tenant.key_rotated", { tenantId: id });
      return key;
    },
    isSuspended: (id) => suspended.has(id),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function suspendedOf(tenants: Tenants): Promise<Set<TenantId>> {
  const suspended = new Set<TenantId>();
  for (let offset = 0;; offset += PAGE) {
    const page = await tenants.list({ limit: PAGE, offset });
    for (const { id, status } of page) if (status === "suspended") suspended.add(id);
    if (page.length < PAGE) return suspended;
  }
}
