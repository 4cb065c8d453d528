import type { EventDraft, EventFacts } from "../events/event.ts";
import { subscribedNames } from "../events/topics.ts";
import { formatOf, isFormatName } from "../formats/mod.ts";
import type { TenantId, WebhookId } from "../ids.ts";
import type { Webhook, Webhooks } from "../store/webhooks.ts";

/** A webhook that wants an event, and the names under which it gets it. */
export interface Match {
  readonly webhook: Webhook;
  readonly names: readonly string[];
}

export interface RegistryChange {
  readonly what: "added" | "changed" | "removed";
  /** As it is now; as it was last, when it was removed. */
  readonly webhook: Webhook;
  readonly before?: Webhook;
}

/**
 * All webhooks, in memory: what `publish` asks at every event. It follows the store: who changes a webhook commits
 * first and tells the registry then.
 */
export interface Registry {
  /**
   * Who gets an event. Paused webhooks do, their deliveries wait; disabled ones do not. A draft that names its
   * receivers (`only`) goes to these, whatever they subscribe to, as far as their format can say it.
   */
  matching(draft: EventDraft): readonly Match[];
  get(id: WebhookId): Webhook | undefined;
  /** A tenant's webhooks, oldest first. */
  list(tenantId: TenantId): readonly Webhook[];
  all(): Iterable<Webhook>;
  put(webhook: Webhook): void;
  remove(id: WebhookId): void;
  /** Forgets a tenant's webhooks, when the tenant is removed with everything it owns. */
  removeTenant(tenantId: TenantId): void;
  /** Calls `listener` after every change. Returns what stops it. */
  onChange(listener: (change: RegistryChange) => void): () => void;
}

export async function createRegistry(
  { webhooks }: { readonly webhooks: Pick<Webhooks, "all"> },
): Promise<Registry> {
  const byId = new Map<WebhookId, Webhook>();
  const byTenant = new Map<TenantId, Map<WebhookId, Webhook>>();
  const listeners = new Set<(change: RegistryChange) => void>();

  const keep = (webhook: Webhook) => {
    byId.set(webhook.id, webhook);
    const own = byTenant.get(webhook.tenantId);
    if (own === undefined) byTenant.set(webhook.tenantId, new Map([[webhook.id, webhook]]));
    else own.set(webhook.id, webhook);
  };
  const tell = (change: RegistryChange) => {
    for (const listener of listeners) listener(change);
  };
  const remove = (id: WebhookId) => {
    const webhook = byId.get(id);
    if (webhook === undefined) return;
    byId.delete(id);
    const own = byTenant.get(webhook.tenantId);
    own?.delete(id);
    if (own?.size === 0) byTenant.delete(webhook.tenantId);
    tell({ what: "removed", webhook });
  };

  for (const webhook of await webhooks.all()) {
    if (!isFormatName(webhook.format)) {
      throw new Error(
        `Cannot read webhook "${webhook.id}": this version has no format ${JSON.stringify(webhook.format)}`,
      );
    }
    keep(webhook);
  }

  return {
    matching(draft) {
      const own = byTenant.get(draft.tenantId);
      if (own === undefined) return [];
      const said = new Map<string, readonly string[]>();
      const matches: Match[] = [];
      for (const webhook of own.values()) {
        if (webhook.status === "disabled" || !reaches(webhook, draft)) continue;
        const says = said.get(webhook.format) ?? formatOf(webhook.format).says(factsOf(draft));
        said.set(webhook.format, says);
        if (says.length === 0) continue;
        const names = draft.only === undefined
          ? subscribedNames(webhook.events, says, formatOf(webhook.format).onRequest)
          : says.slice(0, 1);
        if (names.length > 0) matches.push({ webhook, names });
      }
      return matches;
    },
    get: (id) => byId.get(id),
    list: (tenantId) => [...byTenant.get(tenantId)?.values() ?? []],
    all: () => byId.values(),
    put(webhook) {
      const before = byId.get(webhook.id);
      keep(webhook);
      tell(before === undefined ? { what: "added", webhook } : { what: "changed", webhook, before });
    },
    remove,
    removeTenant(tenantId) {
      for (const id of [...byTenant.get(tenantId)?.keys() ?? []]) remove(id);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function reaches(webhook: Webhook, draft: EventDraft): boolean {
  if (draft.only !== undefined) return draft.only.includes(webhook.id);
  if (tellsOf(draft, webhook)) return false;
  if (webhook.devices === null) return true;
  return draft.device !== null && webhook.devices.includes(draft.device.id);
}

/** How an endpoint does is told to the others, not to itself. */
function tellsOf({ data }: EventDraft, webhook: Webhook): boolean {
  return "webhookId" in data && data.webhookId === webhook.id;
}

function factsOf({ type, device, data }: EventDraft): EventFacts {
  return { type, device, data } as EventFacts; // the parts of one draft belong to one type
}
