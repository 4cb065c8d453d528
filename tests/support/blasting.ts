// Blasts and receivers put together as the gateway does it, over a real store, with a line that tests control.
import { lastingRights } from "./rights.ts";
import { join } from "node:path";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { type Clock, systemClock } from "../../src/async/clock.ts";
import { createBlastingRoutes } from "../../src/app/blast_routes.ts";
import { type Blasting, createBlasting } from "../../src/app/blasts.ts";
import { parseSettings } from "../../src/config.ts";
import { createAddressBook } from "../../src/devices/address_book.ts";
import type { EventDraft } from "../../src/events/event.ts";
import type { HttpEnv } from "../../src/http/context.ts";
import { createThisMachine } from "../../src/http/this_machine.ts";
import { createHttp } from "../../src/http/server.ts";
import { createOutbox, type Outbox } from "../../src/messages/outbox.ts";
import type { Publish } from "../../src/publish.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenants/default_tenant.ts";
import { aDevice, FakeLine } from "./messaging.ts";
import type { ManualClock } from "./manual_clock.ts";
import { until } from "./until.ts";
import type { MockQiscus } from "./qiscus.ts";

type Json = Record<string, unknown>;

export interface TestBlasting extends AsyncDisposable {
  readonly store: Store;
  readonly folder: string;
  readonly app: OpenAPIHono<HttpEnv>;
  readonly blasting: Blasting;
  readonly outbox: Outbox;
  /** The line of each device, by its id. */
  readonly lines: ReadonlyMap<string, FakeLine>;
  readonly published: EventDraft[];
  /** Ids of suspended tenants. `blasting.suspended` has to be told besides. */
  readonly suspended: Set<string>;
  /** Makes a connected device. */
  addDevice(id: string): Promise<FakeLine>;
  /** Connects a device that the store has already. */
  addLine(id: string): FakeLine;
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly json: Json; readonly headers: Headers }>;
  /** Waits until a blast is in this status, and gives its progress. */
  reaches(blastId: unknown, status: string): Promise<Json>;
  /** Stops as the gateway does; the folder stays until it is disposed. */
  stop(): Promise<void>;
}

export interface BlastingOptions {
  readonly qiscus?: MockQiscus;
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly clock?: Clock;
  readonly start?: boolean;
  /** Aborts when the tenant's key stops to count. */
  readonly rights?: AbortSignal;
}

export async function setUpBlasting(options: BlastingOptions = {}): Promise<TestBlasting> {
  const { qiscus, clock = systemClock } = options;
  const { now } = clock;
  const folder = options.folder ?? await Deno.makeTempDir();
  const parsed = parseSettings({
    DATA_DIR: folder,
    HOST: "127.0.0.1",
    WEBHOOK_RETRY_SCALE: "0.01",
    BLAST_MIN_GAP_SECONDS: "0",
    BLAST_MAX_GAP_SECONDS: "0",
    BLAST_QISCUS_PER_SECOND: "1000",
    ...qiscus && {
      APP_URL: "https://cb.example",
      QISCUS_BASE_URL: qiscus.account.baseUrl,
      QISCUS_APP_ID: qiscus.account.appId,
      QISCUS_SECRET_KEY: qiscus.account.secretKey,
      QISCUS_CHANNEL_ID: qiscus.account.channelId,
    },
    ...options.env,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join("; "));
  const settings = parsed.settings;
  const store = openSqliteStore({ path: join(folder, "logs.db"), now });
  await ensureDefaultTenant({ ...store, apiKey: "key", apiAuth: "off", now });
  const published: EventDraft[] = [];
  const publish: Publish = async (draft) => {
    const result = await store.events.append(draft, [], now());
    if (!result.duplicate) {
      published.push(draft);
      blasting.saw(result.event);
    }
    return result;
  };
  const inbound: string[] = [];
  const lines = new Map<string, FakeLine>();
  const suspended = new Set<string>();
  const outbox = createOutbox({
    ...store,
    publish,
    sessionOf: (id) => suspended.has("tenant_default") ? undefined : lines.get(id)?.sessionOf(),
    phoneOf: (id) => lines.get(id)?.phoneOf() ?? null,
    files: { pathOf: () => "", discard: () => Promise.resolve() },
    clock,
    retryWaitsMs: [5, 5],
  });
  const blasting = createBlasting({
    store,
    settings,
    publish,
    media: { keep: () => Promise.resolve() },
    outbox,
    addresses: createAddressBook({ ...store, now }),
    isSuspended: (id) => suspended.has(id),
    isConnected: (id) => lines.get(id)?.up ?? false,
    inbound: (source, outcome) => inbound.push(`${source} ${outcome}`),
    thisMachine: createThisMachine({ appUrl: settings.APP_URL, trustProxy: settings.TRUST_PROXY, ...store }),
    clock,
  });
  const routes = createBlastingRoutes(blasting.forRoutes, { store, settings, now });
  const app = createHttp({
    auth: {
      ...store,
      rightsOf: () => options.rights ?? lastingRights(),
      apiAuth: "off",
      masterKey: undefined,
    },
    health: { readiness: () => Promise.resolve({ ready: true, checks: {} }), startedAt: now(), now },
    open: routes.open.map((group) => ({ at: "/", routes: group })),
    keyed: routes.api.map((group) => ({ at: "/api", routes: group })),
    streamedBodies: routes.streamedBodies,
    now,
  });
  if (options.start !== false) await blasting.start();
  let running = true;

  const test: TestBlasting = {
    store,
    folder,
    app,
    blasting,
    outbox,
    lines,
    published,
    suspended,
    addLine(id) {
      const line = new FakeLine();
      lines.set(id, line);
      return line;
    },
    async addDevice(id) {
      const line = test.addLine(id);
      await store.devices.create(aDevice({ id, label: id }));
      return line;
    },
    async ask(method, path, body, more = {}) {
      const sent = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
      const headers = { "Content-Type": "application/json", ...more };
      const env = { remoteAddr: { hostname: "127.0.0.1" } };
      const response = await app.request(path, { method, headers, body: sent }, env);
      return { status: response.status, json: await response.json(), headers: response.headers };
    },
    async reaches(blastId, status) {
      let blast: Json = {};
      await until(async () => {
        const { json } = await test.ask("GET", `/api/messages/blast/${blastId}`);
        blast = json.blast as Json;
        return blast.status === status;
      }, `the blast is ${status}`);
      return blast;
    },
    async stop() {
      if (!running) return;
      running = false;
      let isOver = false;
      const stopping = (async () => {
        await blasting.stop(1_000);
        await outbox.stop(1_000);
      })().finally(() => isOver = true);
      // what waits at the end waits by the clock of the test, too
      while (!isOver && "advance" in clock) await (clock as ManualClock).advance(100);
      await stopping;
      await store.close();
    },
    async [Symbol.asyncDispose]() {
      await test.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
  return test;
}
