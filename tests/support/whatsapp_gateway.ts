// The WhatsApp side of the gateway with its HTTP routes, on a real store, linked to a simulated network.
import { lastingRights, nobodySuspended } from "./rights.ts";
import { join } from "node:path";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { parseSettings, type Settings } from "../../src/config.ts";
import type { EventType, KabarEvent } from "../../src/events/event.ts";
import type { HttpEnv } from "../../src/http/context.ts";
import { createHttp, type RouteGroup } from "../../src/http/server.ts";
import { createCallRoutes } from "../../src/http/v1/calls.ts";
import { createChatRoutes } from "../../src/http/v1/chats.ts";
import { createContactRoutes } from "../../src/http/v1/contacts.ts";
import { createDeviceRoutes } from "../../src/http/v1/devices.ts";
import { createGroupRoutes } from "../../src/http/v1/groups.ts";
import { createMediaRoutes } from "../../src/http/v1/media.ts";
import { createMediaMessageRoutes } from "../../src/http/v1/media_messages.ts";
import { createMessageActionRoutes } from "../../src/http/v1/message_actions.ts";
import { createMessageRoutes } from "../../src/http/v1/messages.ts";
import { createRawRoutes } from "../../src/http/v1/raw_message.ts";
import { createPairingRoutes } from "../../src/http/v1/pairing.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import type { Clock } from "../../src/async/clock.ts";
import { createLines, type Lines } from "../../src/app/lines.ts";
import type { Publish } from "../../src/publish.ts";
import { STREAMED_BODIES } from "../../src/app/routes.ts";
import { type SimulatorOptions, type VirtualPhone, WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { ensureDefaultTenant } from "../../src/tenants/default_tenant.ts";
import { createGuard } from "../../src/net/guard.ts";
import { API_KEY } from "./http.ts";
import { clockAt } from "./manual_clock.ts";
import { until } from "./until.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly bytes: Uint8Array;
  /** What the JSON holds at a path such as `data.message_id`. */
  at(path: string): unknown;
}

export interface WhatsAppGateway extends AsyncDisposable {
  readonly simulator: WhatsAppSimulator;
  readonly store: Store;
  readonly lines: Lines;
  readonly app: OpenAPIHono<HttpEnv>;
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply>;
  /** Makes a device and links it with a new phone; both. */
  pair(
    alias: string,
    more?: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly id: string; readonly phone: VirtualPhone }>;
  /** The data of all events of a type so far, oldest first. */
  events<T extends EventType>(type: T): Promise<readonly Extract<KabarEvent, { type: T }>["data"][]>;
  /** Waits until the device is connected. */
  connected(id: string): Promise<unknown>;
  /** Ends everything and starts again on the same store. */
  restart(): Promise<void>;
  /** Puts the gateway's time of day forward; its timers are those of the machine all the same. */
  putForward(ms: number): void;
}

interface Running {
  readonly store: Store;
  readonly lines: Lines;
  readonly app: OpenAPIHono<HttpEnv>;
}

/** More routes than these: made of the running parts. */
export type MoreRoutes = (parts: { readonly store: Store; readonly lines: Lines }) => readonly RouteGroup[];

let numbers = 0;

export async function startWhatsAppGateway(
  options: {
    readonly simulator?: SimulatorOptions;
    readonly settings?: Readonly<Record<string, string>>;
    readonly routes?: MoreRoutes;
  } = {},
): Promise<WhatsAppGateway> {
  const folder = await Deno.makeTempDir();
  const simulator = await WhatsAppSimulator.start(options.simulator);
  const settings = settingsOf({
    DATA_DIR: folder,
    API_KEY,
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootKey.toString("hex"),
    ...options.settings,
  });
  let aheadMs = 0;
  const clock = clockAt(() => Date.now() + aheadMs);
  let running = await run(settings, simulator.tlsCaPem, clock, options.routes);

  const ask: WhatsAppGateway["ask"] = async (method, path, body, headers = {}) => {
    const isForm = body instanceof FormData;
    const response = await running.app.request(path, {
      method,
      headers: {
        Authorization: `Bearer ${API_KEY}`,
        ...(body === undefined || isForm ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: isForm || body === undefined ? body as FormData | undefined : JSON.stringify(body),
    }, { remoteAddr: { hostname: "127.0.0.1" } });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const isJson = response.headers.get("Content-Type")?.includes("json");
    const json: unknown = isJson ? JSON.parse(new TextDecoder().decode(bytes)) : undefined;
    return {
      status: response.status,
      headers: response.headers,
      body: json,
      bytes,
      at: (path) =>
        path.split(".").reduce<unknown>(
          (value, part) => (value as Readonly<Record<string, unknown>> | undefined)?.[part],
          json,
        ),
    };
  };

  const connected = (id: string) =>
    until(() => running.lines.supervisor.get(id) !== undefined, `${id} is connected`);

  return {
    simulator,
    get store() {
      return running.store;
    },
    get lines() {
      return running.lines;
    },
    get app() {
      return running.app;
    },
    ask,
    connected,
    async pair(alias, more = {}) {
      const created = await ask("POST", "/v1/devices", { label: alias, alias, ...more });
      const id = String(created.at("data.id"));
      const qr = await ask("POST", `/v1/devices/${id}/pairing/qr`);
      const phone = simulator.phone(`62811${String(++numbers).padStart(7, "0")}`, "Gateway");
      await simulator.scanQr(String(qr.at("data.qr")), phone);
      await connected(id);
      return { id, phone };
    },
    async events(type) {
      const found = await running.store.events.list({
        tenantId: DEFAULT_TENANT,
        types: [type],
        limit: 10_000,
        order: "oldest",
      });
      return found.map((event) => event.data) as never; // of this type, as asked
    },
    async restart() {
      await stop(running);
      running = await run(settings, simulator.tlsCaPem, clock, options.routes);
    },
    putForward(ms) {
      aheadMs += ms;
    },
    async [Symbol.asyncDispose]() {
      await stop(running);
      await simulator.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function run(
  settings: Settings,
  mediaCaPem: string,
  clock: Clock,
  routes: MoreRoutes = () => [],
): Promise<Running> {
  const { now } = clock;
  const store = openSqliteStore({ path: join(settings.DATA_DIR, "logs.db"), now });
  await ensureDefaultTenant({ ...store, apiKey: API_KEY, apiAuth: "on", now });
  const publish: Publish = (draft) => store.events.append(draft, [], now());
  const guard = createGuard({ allowPrivate: false });
  const lines = createLines({
    store,
    settings,
    guard,
    publish,
    isSuspended: nobodySuspended,
    clock,
    whatsapp: { mediaCaPem },
  });
  const { devices, sendMessage, files } = lines;
  const fence = {
    messages: store.messages,
    inbox: lines.inbox,
    addresses: lines.addresses,
    countryCode: "62",
  };
  const app = createHttp({
    auth: { ...store, rightsOf: lastingRights, apiAuth: "on", masterKey: undefined },
    health: { readiness: () => Promise.resolve({ ready: true, checks: {} }), startedAt: now(), now },
    streamedBodies: STREAMED_BODIES,
    open: [],
    keyed: [
      ...routes({ store, lines }),
      { at: "/v1", routes: createDeviceRoutes({ devices, now }) },
      { at: "/v1", routes: createPairingRoutes({ devices }) },
      { at: "/v1", routes: createMessageRoutes({ ...store, ...fence, devices, sendMessage }) },
      {
        at: "/v1",
        routes: createMediaMessageRoutes({ ...fence, devices, sendMessage, files }),
      },
      { at: "/v1", routes: createMediaRoutes({ ...lines, ...fence }) },
      { at: "/v1", routes: createMessageActionRoutes({ ...lines, ...fence }) },
      { at: "/v1", routes: createCallRoutes(lines) },
      { at: "/v1", routes: createContactRoutes({ ...lines, countryCode: "62" }) },
      { at: "/v1", routes: createGroupRoutes({ ...lines, countryCode: "62" }) },
      { at: "/v1", routes: createRawRoutes({ ...lines, countryCode: "62" }) },
      { at: "/v1", routes: createChatRoutes({ ...lines, countryCode: "62", now }) },
    ],
    now,
  });
  await lines.start();
  return { store, lines, app };
}

async function stop({ lines, store }: Running): Promise<void> {
  await lines.stop(2_000);
  await store.close();
}

function settingsOf(env: Readonly<Record<string, string>>): Settings {
  const parsed = parseSettings(env);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.settings;
}
