import type { Clock } from "../async/clock.ts";
import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import { hearOrLook } from "../store/hear_or_look.ts";
import { ANYTHING, type News } from "../store/news.ts";
import type { TenantId } from "../ids.ts";
import { type Webhook, WEBHOOKS, type Webhooks } from "../store/webhooks.ts";
import type { Registry } from "./registry.ts";

const log = logOf("webhooks");

export interface FollowStoreDeps {
  readonly registry: Pick<Registry, "all" | "get" | "list" | "put" | "remove">;
  readonly webhooks: Pick<Webhooks, "all" | "get" | "ofTenant">;
  readonly news: Pick<News, "hear" | "hearsOthers">;
  readonly clock: Pick<Clock, "every">;
}

/** Keeps a registry as the store is, whichever opening of the store changes a webhook. */
export interface FollowStore {
  /** Reads all webhooks anew: when news may have been missed. */
  reload(): Promise<void>;
  /** Reads a tenant's webhooks anew. */
  refresh(tenantId: TenantId): Promise<void>;
  /** The version of a tenant's webhooks that the registry has at least; undefined: it was never asked for. */
  versionOf(tenantId: TenantId): number | undefined;
  stop(): void;
}

/** Begins to follow the news about webhooks. Changes are read one after another, so an old one never comes last. */
export function followStore({ registry, webhooks, news, clock }: FollowStoreDeps): FollowStore {
  let last = Promise.resolve();
  const versions = new Map<TenantId, number>();

  function put(webhook: Webhook): void {
    const known = registry.get(webhook.id);
    if (JSON.stringify(known) !== JSON.stringify(webhook)) registry.put(webhook);
  }

  async function read(id: string): Promise<void> {
    const webhook = await webhooks.get(id);
    if (webhook === undefined) registry.remove(id);
    else put(webhook);
  }

  async function readAll(): Promise<void> {
    const stored = await webhooks.all();
    const ids = new Set(stored.map(({ id }) => id));
    for (const { id } of [...registry.all()]) if (!ids.has(id)) registry.remove(id);
    stored.forEach(put);
  }

  async function readTenant(tenantId: TenantId): Promise<void> {
    const { version, webhooks: stored } = await webhooks.ofTenant(tenantId);
    const ids = new Set(stored.map(({ id }) => id));
    for (const { id } of registry.list(tenantId)) if (!ids.has(id)) registry.remove(id);
    stored.forEach(put);
    versions.set(tenantId, version);
  }

  function queue(work: () => Promise<void>): Promise<void> {
    const done = last.then(work);
    last = done.catch((error) => log.warn("webhooks.not_followed", { error: messageOf(error) }));
    return done;
  }

  const stop = hearOrLook({ news, clock }, WEBHOOKS, (id) => {
    // logged above; the next news, or the next look, repeat it
    queue(() => id === ANYTHING ? readAll() : read(id)).catch(() => {});
  });
  return {
    reload: () => queue(readAll),
    refresh: (tenantId) => queue(() => readTenant(tenantId)),
    versionOf: (tenantId) => versions.get(tenantId),
    stop,
  };
}
