import { NotFoundError, RefusedError } from "../errors.ts";
import { newSecret } from "../formats/standard_webhooks.ts";
import { DEFAULT_TENANT, newId, type TenantId, type WebhookId } from "../ids.ts";
import { createInTurn } from "../async/keyed_lock.ts";
import { logOf } from "../log.ts";
import type { Device } from "../store/devices.ts";
import type { FormatName } from "../formats/mod.ts";
import type { Webhook, WebhookChange, Webhooks } from "../store/webhooks.ts";
import type { Handshake } from "./handshake.ts";
import type { Registry } from "./registry.ts";
import { checkSecret, currentSecret, rotated } from "./secrets.ts";
import { createWishes, type WebhookWish, type WishDeps } from "./webhook_input.ts";

const MAX_WEBHOOKS = 1000;
const MAX_KEEP_SECONDS = 604_800;
const log = logOf("webhooks");

/** `secret` is there when it was made here: it is shown this once. */
export interface Created {
  readonly webhook: Webhook;
  readonly secret?: string;
}

/** The webhook that `WEBHOOK_URL` stands for. */
export interface EnvironmentWish {
  /** Undefined: there is none any more. */
  readonly url: string | undefined;
  readonly format: FormatName;
  readonly secret: string | undefined;
}

export interface SubscriptionsDeps extends WishDeps {
  readonly webhooks: Webhooks;
  readonly registry: Registry;
  /** Asks a URL whether whoever subscribes it runs it; left out, none is asked. */
  readonly handshake?: Handshake;
}

/** How webhooks come, change and go. Every method checks, commits, and only then tells the registry. */
export interface Subscriptions {
  create(tenantId: TenantId, wish: WebhookWish & { readonly url: string }): Promise<Created>;
  /** @throws {NotFoundError} If the tenant has no such webhook; so do all that take an id. */
  get(tenantId: TenantId, id: WebhookId): Webhook;
  list(tenantId: TenantId): readonly Webhook[];
  update(tenantId: TenantId, id: WebhookId, wish: WebhookWish): Promise<Webhook>;
  remove(tenantId: TenantId, id: WebhookId): Promise<void>;
  /** The old secret signs too for `keepOldSeconds` (0 to 604800). */
  rotateSecret(
    tenantId: TenantId,
    id: WebhookId,
    rotation: { readonly secret?: string; readonly keepOldSeconds: number },
  ): Promise<Created>;
  pause(tenantId: TenantId, id: WebhookId): Promise<Webhook>;
  resume(tenantId: TenantId, id: WebhookId): Promise<Webhook>;
  /** By the gateway, when the endpoint wants no more. An unknown id is ignored: the webhook was just removed. */
  disable(id: WebhookId, reason: string): Promise<void>;
  /** Makes, changes or removes the default tenant's webhook of `WEBHOOK_URL`. It keeps its id over restarts. */
  ensureEnvironmentWebhook(wish: EnvironmentWish): Promise<Webhook | undefined>;
  /** Makes, changes or (null) removes a device's own webhook, in the format `instance`. */
  setInstanceWebhook(
    device: Pick<Device, "id" | "tenantId">,
    url: string | null,
  ): Promise<Webhook | undefined>;
  /** A device's own webhook, when it has one. */
  instanceWebhookOf(device: Pick<Device, "id" | "tenantId">): Webhook | undefined;
}

export function createSubscriptions(deps: SubscriptionsDeps): Subscriptions {
  const { webhooks, registry, now } = deps;
  const { changeOf, checkedUrl, checkedName } = createWishes(deps);
  const turns = createInTurn();
  const inTurn = <T>(work: () => Promise<T>) => turns("webhooks", work);

  const found = (tenantId: TenantId, id: WebhookId): Webhook => {
    const webhook = registry.get(id);
    if (webhook === undefined || webhook.tenantId !== tenantId) throw new NotFoundError("webhook", id);
    return webhook;
  };
  const insert = async (webhook: Webhook): Promise<Webhook> => {
    await webhooks.create(webhook);
    registry.put(webhook);
    log.info("webhook.created", {
      webhookId: webhook.id,
      tenantId: webhook.tenantId,
      source: webhook.source,
    });
    return webhook;
  };
  const store = async (id: WebhookId, change: WebhookChange): Promise<Webhook> => {
    const webhook = await webhooks.update(id, change, now());
    if (webhook === undefined) throw new NotFoundError("webhook", id);
    registry.put(webhook);
    log.info("webhook.changed", { webhookId: id, fields: Object.keys(change), status: webhook.status });
    return webhook;
  };
  const drop = async (id: WebhookId): Promise<void> => {
    await webhooks.remove(id, now());
    registry.remove(id);
    log.info("webhook.removed", { webhookId: id });
  };
  const instanceWebhookOf = (device: Pick<Device, "id" | "tenantId">) =>
    registry.list(device.tenantId)
      .find(({ source, devices }) => source === "instance" && devices?.includes(device.id));
  const setStatus = (tenantId: TenantId, id: WebhookId, status: "active" | "paused") =>
    inTurn(() => store(found(tenantId, id).id, { status, statusReason: null }));

  return {
    create: async (tenantId, wish) => {
      if (wish.verify_token !== undefined) await deps.handshake?.(wish.url, wish.verify_token, tenantId);
      return await inTurn(async () => {
        if (registry.list(tenantId).length >= MAX_WEBHOOKS) {
          throw new RefusedError(
            "TOO_MANY_WEBHOOKS",
            `Cannot create another webhook: there are ${MAX_WEBHOOKS} already`,
          );
        }
        const secret = wish.secret === undefined ? newSecret() : undefined;
        const blank = blankWebhook(tenantId, wish.url, now());
        const change = await changeOf({ ...wish, events: wish.events ?? [] }, blank);
        const secrets = change.secrets ?? [currentSecret(secret ?? "", [], now())];
        const webhook = await insert({ ...blank, ...change, secrets });
        return secret === undefined ? { webhook } : { webhook, secret };
      });
    },
    get: found,
    list: (tenantId) => registry.list(tenantId),
    update: (tenantId, id, wish) =>
      inTurn(async () => {
        const webhook = found(tenantId, id);
        refuseSettings(webhook, wish);
        const change = await changeOf(wish, webhook);
        return Object.keys(change).length === 0 ? webhook : await store(id, change);
      }),
    remove: (tenantId, id) =>
      inTurn(async () => {
        if (found(tenantId, id).source === "environment") {
          throw new RefusedError(
            "SET_BY_ENVIRONMENT",
            `Cannot remove webhook "${id}": the setting WEBHOOK_URL makes it`,
          );
        }
        await drop(id);
      }),
    rotateSecret: (tenantId, id, { secret, keepOldSeconds }) =>
      inTurn(async () => {
        const webhook = found(tenantId, id);
        refuseSettings(webhook, { secret: secret ?? "" });
        const made = secret === undefined ? newSecret() : undefined;
        const value = made ?? checkSecret(secret ?? "");
        const keepMs = Math.min(Math.max(keepOldSeconds, 0), MAX_KEEP_SECONDS) * 1000;
        const secrets = rotated(webhook.secrets, value, { now: now(), keepMs });
        const changed = await store(id, { secrets });
        return made === undefined ? { webhook: changed } : { webhook: changed, secret: made };
      }),
    pause: (tenantId, id) => setStatus(tenantId, id, "paused"),
    resume: (tenantId, id) => setStatus(tenantId, id, "active"),
    disable: (id, reason) =>
      inTurn(async () => {
        if (registry.get(id) === undefined) return;
        await store(id, { status: "disabled", statusReason: reason });
      }),
    ensureEnvironmentWebhook: ({ url, format, secret }) =>
      inTurn(async () => {
        const [known, ...surplus] = registry.list(DEFAULT_TENANT).filter((it) => it.source === "environment");
        for (const { id } of surplus) await drop(id);
        if (url === undefined) {
          if (known !== undefined) await drop(known.id);
          return undefined;
        }
        const secrets = secret === undefined ? [] : [currentSecret(secret, known?.secrets ?? [], now())];
        const wanted = {
          url: checkedUrl(url, DEFAULT_TENANT),
          format,
          events: ["*"],
          devices: null,
          secrets,
        };
        if (known === undefined) {
          const blank = blankWebhook(DEFAULT_TENANT, url, now());
          return await insert({ ...blank, ...wanted, source: "environment" });
        }
        // A restart is how the operator says that the endpoint is there again.
        const awake = known.status === "disabled" ? { status: "active", statusReason: null } as const : {};
        return await store(known.id, { ...wanted, ...awake });
      }),
    setInstanceWebhook: (device, url) =>
      inTurn(async () => {
        const known = instanceWebhookOf(device);
        if (url === null) {
          if (known !== undefined) await drop(known.id);
          return undefined;
        }
        const checked = await checkedName(url, device.tenantId);
        if (known !== undefined) {
          return await store(known.id, { url: checked, status: "active", statusReason: null });
        }
        return await insert({
          ...blankWebhook(device.tenantId, checked, now()),
          format: "instance",
          events: ["*"],
          devices: [device.id],
          source: "instance",
        });
      }),
    instanceWebhookOf,
  };
}

function blankWebhook(tenantId: TenantId, url: string, at: number): Webhook {
  return {
    id: newId("wh"),
    tenantId,
    url,
    format: "device",
    events: [],
    devices: null,
    secrets: [],
    headers: {},
    retry: null,
    timeoutMs: null,
    ordering: "none",
    recovery: true,
    status: "active",
    statusReason: null,
    source: "api",
    createdAt: at,
    updatedAt: at,
  };
}

/** What the environment says of its webhook, nobody else can say. */
function refuseSettings(webhook: Webhook, wish: WebhookWish): void {
  if (webhook.source !== "environment") return;
  const settings = {
    url: "WEBHOOK_URL",
    format: "WEBHOOK_FORMAT",
    secret: "WEBHOOK_SECRET",
    events: "WEBHOOK_URL",
    devices: "WEBHOOK_URL",
  } as const;
  for (const [field, setting] of Object.entries(settings)) {
    if (wish[field as keyof typeof settings] === undefined) continue;
    throw new RefusedError(
      "SET_BY_ENVIRONMENT",
      `Cannot change ${field} of webhook "${webhook.id}": the setting ${setting} says it`,
    );
  }
}
