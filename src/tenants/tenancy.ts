import { type Clock, systemClock } from "../async/clock.ts";
import { messageOf, NotFoundError, RefusedError } from "../errors.ts";
import { createShared } from "../async/shared.ts";
import { DEFAULT_TENANT, newId, type TenantId } from "../ids.ts";
import { logOf } from "../log.ts";
import { hearOrLook } from "../store/hear_or_look.ts";
import { ANYTHING, type News } from "../store/news.ts";
import { type Tenant, TENANTS, type Tenants } from "../store/tenants.ts";
import { hashKey, makeKey } from "./keys.ts";
import { createRights } from "./rights.ts";

const log = logOf("tenants");
const PAGE = 500;

export interface TenancyDeps {
  readonly tenants: Tenants;
  /** `API_KEY` is set, so the default tenant's key is not ours to change. */
  readonly defaultKeyIsSetting: boolean;
  /** Ends what runs for a tenant (sessions, webhooks in memory) before everything it owns is removed. */
  readonly beforeRemove: (id: TenantId) => Promise<void>;
  /** Of changes that another gateway of the same store made. */
  readonly news: Pick<News, "hear" | "hearsOthers">;
  readonly now: () => number;
  readonly clock?: Pick<Clock, "every">;
}

/** What happened to a tenant; `key_rotated`: its old key does not count any more. */
export interface TenancyChange {
  readonly what: "suspended" | "activated" | "key_rotated" | "removed";
  readonly id: TenantId;
}

/** What the operator does with tenants. Who is suspended is also known in memory, for those that ask often. */
export interface Tenancy {
  create(name: string): Promise<{ readonly tenant: Tenant; readonly key: string }>;
  /** @throws {NotFoundError} If there is no such tenant; so do all that take an id. */
  get(id: TenantId): Promise<Tenant>;
  list(
    page: Parameters<Tenants["list"]>[0],
  ): Promise<{ readonly tenants: readonly Tenant[]; readonly total: number }>;
  rename(id: TenantId, name: string): Promise<Tenant>;
  /** @throws {RefusedError} If it is the default tenant. */
  suspend(id: TenantId): Promise<Tenant>;
  activate(id: TenantId): Promise<Tenant>;
  /** @throws {RefusedError} If it is the default tenant. */
  remove(id: TenantId): Promise<void>;
  /** The old key stops at once. @throws {RefusedError} If the key is set by `API_KEY`. */
  rotateKey(id: TenantId): Promise<string>;
  /** Nothing leaves for a suspended tenant: no delivery, no message. */
  isSuspended(id: TenantId): boolean;
  /** Aborts once what the tenant's present key opened has to end: on rotation, suspension and removal. */
  rightsOf(id: TenantId): AbortSignal;
  /** Called after a change is stored. Returns what stops it. */
  onChange(listener: (change: TenancyChange) => void): () => void;
  /** Follows other gateways no longer. */
  stop(): void;
}

export async function createTenancy(deps: TenancyDeps): Promise<Tenancy> {
  const { tenants, news, now, clock = systemClock } = deps;
  const suspended = await suspendedOf(tenants);
  const listeners = new Set<(change: TenancyChange) => void>();
  const rights = createRights();
  /** Keys of tenants that somebody has rights of, to see whether another gateway rotated them. */
  const hashes = new Map<TenantId, string>();
  /** Tenants that are being removed here. */
  const removing = new Set<TenantId>();

  const tell = (change: TenancyChange) => {
    log.info(`tenant.${change.what}`, { tenantId: change.id });
    if (change.what !== "activated") rights.end(change.id);
    for (const listener of listeners) listener(change);
  };
  const setSuspended = (id: TenantId) => {
    if (suspended.has(id)) return;
    suspended.add(id);
    tell({ what: "suspended", id });
  };
  const setActive = (id: TenantId) => {
    if (suspended.delete(id)) tell({ what: "activated", id });
  };
  const setRemoved = (id: TenantId) => {
    hashes.delete(id);
    suspended.delete(id);
    tell({ what: "removed", id });
  };
  const setRotated = (id: TenantId, hash: string) => {
    hashes.set(id, hash);
    tell({ what: "key_rotated", id });
  };

  /** What another gateway did counts here, too. Our own changes are known by then. */
  async function follow(id: TenantId): Promise<void> {
    const tenant = await tenants.get(id);
    if (tenant === undefined) {
      if (!removing.has(id) && (hashes.has(id) || suspended.has(id))) setRemoved(id);
      return;
    }
    if (tenant.status === "suspended") setSuspended(id);
    else setActive(id);
    const known = hashes.get(id);
    const hash = await tenants.keyHashOf(id);
    if (known !== undefined && hash !== undefined && hash !== known) setRotated(id, hash);
  }

  /** Remembers which key counts now. A failure is repeated with the next call. */
  function remember(id: TenantId): void {
    tenants.keyHashOf(id).then(
      (hash) => hash !== undefined && !hashes.has(id) && hashes.set(id, hash),
      (error: unknown) => log.warn("tenants.not_followed", { error: messageOf(error) }),
    );
  }

  const inOne = createShared<void>();
  const followAll = () =>
    inOne("all", async () => {
      const now = await suspendedOf(tenants);
      for (const id of new Set([...now, ...suspended, ...hashes.keys()])) await follow(id);
    });

  const stop = hearOrLook({ news, clock }, TENANTS, (id) => {
    (id === ANYTHING ? followAll() : follow(id)).catch((error: unknown) =>
      log.error("tenants.not_followed", { error: messageOf(error) })
    );
  });

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
      setSuspended(id);
      return tenant;
    },
    async activate(id) {
      const tenant = found(await tenants.update(id, { status: "active" }, now()), id);
      setActive(id);
      return tenant;
    },
    async remove(id) {
      if (id === DEFAULT_TENANT) {
        throw new RefusedError("DEFAULT_TENANT", `Cannot remove "${id}": it is the operator's own`);
      }
      found(await tenants.get(id), id);
      await deps.beforeRemove(id);
      removing.add(id);
      try {
        if (!await tenants.remove(id)) throw new NotFoundError("tenant", id);
        setRemoved(id);
      } finally {
        removing.delete(id);
      }
    },
    async rotateKey(id) {
      if (id === DEFAULT_TENANT && deps.defaultKeyIsSetting) {
        throw new RefusedError(
          "SET_BY_ENVIRONMENT",
          `Cannot rotate the key of "${id}": the setting API_KEY says what it is`,
        );
      }
      const key = makeKey();
      const hash = hashKey(key);
      const before = hashes.get(id);
      hashes.set(id, hash); // so that the news of it are no news
      if (!await tenants.setKeyHash(id, hash, now())) {
        if (before === undefined) hashes.delete(id);
        else hashes.set(id, before);
        throw new NotFoundError("tenant", id);
      }
      setRotated(id, hash);
      return key;
    },
    isSuspended: (id) => suspended.has(id),
    rightsOf(id) {
      if (!hashes.has(id)) remember(id);
      return rights.of(id);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop,
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
