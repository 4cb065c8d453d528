import { type Clock, systemClock } from "../../src/async/clock.ts";
import { join } from "node:path";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { EventDraft, KabarEvent } from "../../src/events/event.ts";
import { createTenantRoutes } from "../../src/http/admin/tenants.ts";
import { createRateLimit } from "../../src/http/rate_limit.ts";
import { createClientAddress } from "../../src/http/client_address.ts";
import type { HttpEnv } from "../../src/http/context.ts";
import { createHttp, type RouteGroup } from "../../src/http/server.ts";
import { createEventRoutes } from "../../src/http/v1/events.ts";
import { createWebhookRoutes } from "../../src/http/v1/webhooks.ts";
import { DEFAULT_TENANT, type TenantId } from "../../src/ids.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Device } from "../../src/store/devices.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenants/default_tenant.ts";
import { createKeyring } from "../../src/tenants/keyring.ts";
import { createKeyRoutes } from "../../src/http/v1/keys.ts";
import { clockAt } from "./manual_clock.ts";
import { deviceIdIn } from "../../src/app/routes.ts";
import { createTenancy, type Tenancy } from "../../src/tenants/tenancy.ts";
import { createGuard } from "../../src/net/guard.ts";
import { createRegistry, type Registry } from "../../src/webhooks/registry.ts";
import { createSubscriptions, type Subscriptions } from "../../src/webhooks/subscriptions.ts";

export const API_KEY = "kbr_the_default_tenants_key";
export const MASTER_KEY = "open sesame";

/** An answer that was read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What the JSON holds at a path such as `data.webhooks.0.url`; the whole of it for "". */
  at(path: string): unknown;
}

export interface Ask {
  readonly key?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly remoteAddress?: string;
}

/** The HTTP side over a real store in a folder of its own. */
export interface TestHttp extends AsyncDisposable {
  readonly app: OpenAPIHono<HttpEnv>;
  readonly store: Store;
  readonly registry: Registry;
  readonly subscriptions: Subscriptions;
  readonly tenancy: Tenancy;
  readonly stopping: AbortController;
  /** Asks as the default tenant, or with another key (null: none). */
  ask(method: string, path: string, ask?: Ask): Promise<Answer>;
  /** Asks as the operator. */
  admin(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Makes another tenant; its id and its key. */
  anotherTenant(): Promise<{ readonly id: TenantId; readonly key: string }>;
  addDevice(id: string, other?: Partial<Device>): Promise<void>;
  publish(draft: EventDraft): Promise<KabarEvent>;
  listening(tenantId: TenantId): number;
}

export async function setUpHttp(options: {
  readonly apiAuth?: "on" | "off";
  readonly masterKey?: string | undefined;
  readonly rateLimitPerMinute?: number;
  readonly ready?: () => boolean;
  readonly open?: readonly RouteGroup[];
  readonly keyed?: readonly RouteGroup[] | ((store: Store) => readonly RouteGroup[]);
  readonly heartbeatMs?: number;
  readonly now?: () => number;
  /** By which requests wait for events. */
  readonly clock?: Clock;
} = {}): Promise<TestHttp> {
  const { apiAuth = "on", now = Date.now, clock = systemClock } = options;
  const folder = await Deno.makeTempDir();
  const store = openSqliteStore({ path: join(folder, "logs.db"), now });
  await ensureDefaultTenant({ ...store, apiKey: API_KEY, apiAuth, now });
  const registry = await createRegistry(store);
  const guard = createGuard({ allowPrivate: false });
  const subscriptions = createSubscriptions({ ...store, registry, checkUrl: guard.checkUrl, now });
  const tenancy = await createTenancy({
    ...store,
    defaultKeyIsSetting: true,
    beforeRemove: (id) => Promise.resolve(registry.removeTenant(id)),
    now,
  });
  const keyring = createKeyring({ ...store, clock: clockAt(now) });
  tenancy.onChange(({ what, id }) => what === "suspended" && keyring.endTenant(id));
  const deviceIdOf = deviceIdIn(store.devices);
  const listeners = new Map<TenantId, Set<() => void>>();
  const stopping = new AbortController();
  const app = createHttp({
    auth: {
      ...store,
      rightsOf: tenancy.rightsOf,
      named: { keyring, deviceIdOf },
      clientAddressOf: createClientAddress(undefined),
      now,
      apiAuth,
      masterKey: "masterKey" in options ? options.masterKey : MASTER_KEY,
    },
    health: {
      readiness: () => Promise.resolve({ ready: options.ready?.() ?? true, checks: { db: true } }),
      startedAt: now() - 5_000,
      now,
    },
    rateLimit: createRateLimit({ perMinute: options.rateLimitPerMinute ?? 0, now }),
    open: options.open ?? [],
    keyed: [
      ...(typeof options.keyed === "function" ? options.keyed(store) : options.keyed ?? []),
      { at: "/admin", routes: createTenantRoutes({ tenancy }) },
      { at: "/v1", routes: createKeyRoutes({ keyring, deviceIdOf, countryCode: "62" }) },
      { at: "/v1", routes: createWebhookRoutes({ subscriptions }) },
      {
        at: "/v1",
        routes: createEventRoutes({
          ...store,
          onPublished: (tenantId, listener) => {
            const own = listeners.get(tenantId) ?? new Set();
            listeners.set(tenantId, own.add(listener));
            return () => own.delete(listener);
          },
          isSuspended: tenancy.isSuspended,
          stopping: stopping.signal,
          clock,
          heartbeatMs: options.heartbeatMs,
        }),
      },
    ],
    now,
  });

  const send = async (method: string, path: string, headers: Headers, ask: Ask): Promise<Answer> => {
    const { body, remoteAddress = "127.0.0.1" } = ask;
    if (body !== undefined && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
    const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const env = { remoteAddr: { hostname: remoteAddress } };
    const response = await app.request(path, { method, headers, body: sent as string | undefined }, env);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      at: (path) => valueAt(JSON.parse(text), path),
    };
  };

  return {
    app,
    store,
    registry,
    subscriptions,
    tenancy,
    stopping,
    ask(method, path, ask = {}) {
      const headers = new Headers(ask.headers);
      const { key = API_KEY } = ask;
      if (key !== null) headers.set("Authorization", `Bearer ${key}`);
      return send(method, path, headers, ask);
    },
    admin: (method, path, body) => send(method, path, new Headers({ "X-Master-Key": MASTER_KEY }), { body }),
    async anotherTenant() {
      const { tenant, key } = await tenancy.create("Another");
      return { id: tenant.id, key };
    },
    addDevice: (id, other = {}) => store.devices.create({ ...aDevice(id), ...other }),
    async publish(draft) {
      const appended = await store.events.append(draft, [], now());
      if (appended.duplicate) throw new Error("Cannot publish twice");
      for (const listener of listeners.get(draft.tenantId) ?? []) listener();
      return appended.event;
    },
    listening: (tenantId) => listeners.get(tenantId)?.size ?? 0,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      keyring.stop();
      await store.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function valueAt(json: unknown, path: string): unknown {
  return path.split(".").filter((part) => part !== "").reduce<unknown>(
    (value, part) => (value as Readonly<Record<string, unknown>> | undefined)?.[part],
    json,
  );
}

function aDevice(id: string): Device {
  return {
    id,
    tenantId: DEFAULT_TENANT,
    kind: "whatsapp",
    label: id,
    alias: null,
    status: "connected",
    phoneNumber: null,
    jid: null,
    lid: null,
    pushName: null,
    pacing: null,
    wanted: true,
    lastError: null,
    connectedAt: null,
    disconnectedAt: null,
    createdAt: 1,
    updatedAt: 1,
  };
}
