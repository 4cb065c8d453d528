// A whole gateway in this process, as its users see it: over HTTP only. When it is disposed of, its WhatsApp network must
// have understood everything that it said.
import { assertEquals } from "@std/assert";
import { startGateway } from "../../src/app/gateway.ts";
import { parseSettings, type Settings } from "../../src/config.ts";
import { type LinkedDevice, type VirtualPhone, WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { until } from "./until.ts";

/** The key of the default tenant, and that of `/admin`. */
export const KEY = "kbr_key_of_the_default_tenant";
export const MASTER_KEY = "open sesame";

/** An answer as a client sees it. */
export interface Answer {
  readonly status: number;
  /** The body read as JSON; undefined when it is none. */
  // deno-lint-ignore no-explicit-any -- tests look into answers of every shape
  readonly body: any;
  readonly text: string;
  readonly headers: Headers;
}

/** A device that is linked with a virtual phone. */
export interface PairedDevice {
  readonly id: string;
  readonly phone: VirtualPhone;
  readonly linked: LinkedDevice;
}

export interface Gateway extends AsyncDisposable {
  readonly url: string;
  readonly simulator: WhatsAppSimulator;
  /**
   * Calls it. `body` is sent as JSON; a string is sent as it is.
   * @param key Sent as `Authorization: Bearer …` to `/v1` and as `X-API-Key` to all else; the default tenant's when
   * left out, none when null.
   */
  api(
    method: string,
    path: string,
    body?: unknown,
    key?: string | null,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  admin(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Makes a tenant over `/admin`. */
  tenant(name?: string): Promise<{ readonly id: string; readonly key: string }>;
  /** Makes a device over HTTP; its id. */
  device(options?: { readonly key?: string; readonly alias?: string }): Promise<string>;
  /** Scans a device's QR code with a new phone and waits until it is connected; without an `id`, makes the device. */
  pair(
    options?: { readonly key?: string; readonly alias?: string; readonly id?: string },
  ): Promise<PairedDevice>;
  /** Waits until the device's status is this one. */
  deviceIs(status: string, id: string, key?: string): Promise<void>;
  stop(): Promise<void>;
  /** Starts it again on the same data, with these settings changed. */
  start(changes?: Environment): Promise<void>;
  /** Stops it, lets `work` at what it has stored, and starts it again. */
  restored(work: (store: Store) => Promise<void>): Promise<void>;
}

/** Settings as the environment gives them; undefined takes one away. */
type Environment = Readonly<Record<string, string | undefined>>;

export interface GatewayOptions {
  readonly settings?: Environment;
  /** With a WhatsApp network of its own. */
  readonly whatsapp?: boolean;
}

let numbers = 0;
/** A phone number that nobody else has. */
export function aNumber(): string {
  return `62811${String(++numbers).padStart(7, "0")}`;
}

export async function runGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const dir = await Deno.makeTempDir({ prefix: "kabar-test-" });
  const dataDir = `${dir}/data`;
  const simulator = options.whatsapp ? await WhatsAppSimulator.start() : undefined;
  const mediaCa = simulator === undefined ? undefined : `${dir}/media_ca.pem`;
  if (mediaCa !== undefined) await Deno.writeTextFile(mediaCa, simulator!.tlsCaPem);
  let env: Environment = {
    HOST: "127.0.0.1",
    PORT: "0",
    API_KEY: KEY,
    MASTER_KEY,
    DATA_DIR: dataDir,
    LOG_DIR: `${dir}/logs`,
    WEBHOOK_RETRY_SCALE: "0.01",
    RATE_LIMIT_PER_MINUTE: "100000",
    WHATSAPP_WS_URL: simulator?.url,
    WHATSAPP_ROOT_KEY: simulator?.rootKey.toString("hex"),
    WHATSAPP_MEDIA_CA: mediaCa,
    ...options.settings,
  };
  const begin = () => startGateway(settingsOf(env), { print: () => {} });
  let running: Awaited<ReturnType<typeof begin>> | undefined = await begin();

  const urlNow = () => {
    if (running === undefined) throw new Error("Cannot call the gateway: it is stopped");
    return running.url;
  };
  const stop = async () => {
    const stopping = running;
    running = undefined;
    await stopping?.stop();
  };
  const api: Gateway["api"] = (method, path, body, key = KEY, headers = {}) =>
    call(urlNow() + path, method, body, { ...keyHeader(path, key), ...headers });
  const admin: Gateway["admin"] = (method, path, body) =>
    call(urlNow() + path, method, body, { "x-master-key": MASTER_KEY });
  const deviceIs: Gateway["deviceIs"] = async (status, id, key) => {
    await until(
      async () => (await api("GET", `/v1/devices/${id}`, undefined, key)).body.data.status === status,
      `${id} to be ${status}`,
    );
  };
  const device: Gateway["device"] = async ({ key, alias } = {}) =>
    (await api("POST", "/v1/devices", { label: "Kasir", alias }, key)).body.data.id;
  const start: Gateway["start"] = async (changes = {}) => {
    await stop();
    env = { ...env, ...changes };
    running = await begin();
  };
  const network = () => {
    if (simulator === undefined) throw new Error("Cannot pair: this gateway has no WhatsApp network");
    return simulator;
  };

  return {
    get url() {
      return urlNow();
    },
    get simulator() {
      return network();
    },
    api,
    admin,
    async tenant(name = "Toko Maju") {
      const { body } = await admin("POST", "/admin/tenants", { name });
      return { id: body.data.tenant.id, key: body.data.api_key };
    },
    device,
    async pair({ key, alias, id = undefined } = {}) {
      id ??= await device({ key, alias });
      const qr = await api("POST", `/v1/devices/${id}/pairing/qr`, undefined, key);
      const phone = network().phone(aNumber(), "Gateway");
      const linked = await network().scanQr(qr.body.data.qr, phone);
      await deviceIs("connected", id, key);
      return { id, phone, linked };
    },
    deviceIs,
    stop,
    start,
    async restored(work) {
      await stop();
      const store = openSqliteStore({ path: `${dataDir}/logs.db` });
      await work(store);
      await store.close();
      await start();
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await simulator?.stop();
      await Deno.remove(dir, { recursive: true });
      assertEquals(simulator?.unknown.map((stanza) => JSON.stringify(stanza)) ?? [], []);
      assertEquals(simulator?.complaints ?? [], []);
    },
  };
}

function keyHeader(path: string, key: string | null): Readonly<Record<string, string>> {
  if (key === null) return {};
  return path.startsWith("/v1/") ? { authorization: `Bearer ${key}` } : { "x-api-key": key };
}

async function call(
  url: string,
  method: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers: sent === undefined ? headers : { "content-type": "application/json", ...headers },
    body: sent,
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return {
    status: response.status,
    body: isJson ? JSON.parse(text) : undefined,
    text,
    headers: response.headers,
  };
}

function settingsOf(env: Environment): Settings {
  const parsed = parseSettings(env);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.settings;
}
