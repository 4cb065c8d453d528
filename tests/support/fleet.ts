// Several gateways on one Postgres, with devices on a simulated WhatsApp, people who write to them, and a receiver.
import { cp } from "node:fs/promises";
import { type Contact, content, type VirtualPhone, WhatsAppSimulator } from "../../src/simulator/mod.ts";
import { PATIENCE_MS, until } from "./until.ts";
import { temporaryDatabase } from "./postgres.ts";
import { call, type GatewayProcess, startGatewayProcess } from "./process.ts";
import { quietLibsignal } from "./quiet_libsignal.ts";
import { type ReceivedRequest, type Receiver, startReceiver } from "./receiver.ts";
import { startTcpProxy, type TcpProxy } from "./tcp_proxy.ts";

/**
 * On a busy machine a gateway may be held up for longer than the usual lease lasts: it is cut off then, as it has to
 * be, and what the test is about fails for that.
 */
const LEASE_SECONDS = "15";
/** What gateways have that nobody told otherwise, for who measures how soon others take over. */
export const USUAL_LEASE = { LEASE_SECONDS: "5" };

/** A gateway's place in a fleet: its folder, its way to the database, and the process that is there now. */
export interface Place {
  readonly name: string;
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly proxy: TcpProxy;
  /** Undefined while it is not asked anything. */
  gateway: GatewayProcess | undefined;
  /** The process, asked or not. */
  process?: GatewayProcess;
}

export interface FleetDevice {
  readonly id: string;
  readonly phone: VirtualPhone;
  readonly writer: Contact;
}

/** What somebody wrote to a device. */
export interface Written {
  readonly deviceId: string;
  readonly waMessageId: string;
  readonly text: string;
}

export interface FleetOptions {
  readonly gateways?: number;
  readonly devices?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** What else one of the gateways is to have in its environment. */
  readonly envOf?: (index: number) => Readonly<Record<string, string>>;
  /** The database, where it is not to be one of its own. */
  readonly databaseUrl?: string;
}

export class TestFleet implements AsyncDisposable {
  readonly written: Written[] = [];
  readonly devices: FleetDevice[] = [];
  #writing: Promise<void> | undefined;
  #stopWriting = new AbortController();

  private constructor(
    readonly simulator: WhatsAppSimulator,
    readonly receiver: Receiver,
    /** Where the database is now. */
    public databaseUrl: string,
    readonly places: readonly Place[],
    readonly env: Readonly<Record<string, string>>,
    readonly dispose: () => Promise<void>,
  ) {}

  static async start(
    { gateways = 3, devices = 6, env = {}, envOf = () => ({}), databaseUrl }: FleetOptions = {},
  ): Promise<TestFleet> {
    quietLibsignal();
    const simulator = await WhatsAppSimulator.start();
    const receiver = await startReceiver();
    const database = databaseUrl === undefined ? await temporaryDatabase({ bare: true }) : undefined;
    const url = databaseUrl ?? database!.url;
    const places: Place[] = [];
    for (let index = 0; index < gateways; index++) {
      const proxy = startTcpProxy(Number(new URL(url).port));
      const dir = await Deno.makeTempDir();
      places.push({ name: `g${index}`, dir, env: envOf(index), proxy, gateway: undefined });
    }
    const fleet = new TestFleet(simulator, receiver, url, places, env, async () => {
      for (const { proxy, dir } of places) {
        await proxy[Symbol.asyncDispose]();
        await Deno.remove(dir, { recursive: true });
      }
      await receiver.stop();
      await simulator.stop();
      await database?.[Symbol.asyncDispose]();
    });
    await Promise.all(places.map((place) => fleet.up(place)));
    const hook = { url: `${receiver.url}/hook`, events: ["message.received"], ordering: "chat" };
    await fleet.call("POST", "/v1/webhooks", hook);
    for (let index = 0; index < devices; index++) await fleet.#pair(index);
    return fleet;
  }

  /** Starts a gateway at its place. */
  async up(place: Place): Promise<void> {
    const url = new URL(this.databaseUrl);
    url.port = String(place.proxy.port);
    url.searchParams.set("application_name", place.name); // the database can tell whose a connection is
    await Deno.writeTextFile(`${place.dir}/ca.pem`, this.simulator.tlsCaPem ?? "");
    place.process = await startGatewayProcess({
      dir: place.dir,
      env: {
        DATABASE_URL: url.href,
        GATEWAY_NAME: place.name,
        WHATSAPP_WS_URL: this.simulator.url,
        WHATSAPP_ROOT_KEY: this.simulator.rootKey.toString("hex"),
        WHATSAPP_MEDIA_CA: `${place.dir}/ca.pem`,
        RATE_LIMIT_PER_MINUTE: "1000000",
        WHATSAPP_WEBHOOK_RATE_LIMIT: "0",
        MASTER_KEY: "master-key-of-the-tests",
        LEASE_SECONDS,
        ...this.env,
        ...place.env,
      },
    });
    place.gateway = place.process;
  }

  /** Calls the API of a gateway, of any that runs where none is named. */
  async call(method: string, path: string, body?: unknown, place = this.#anyPlace()) {
    return await call(place.gateway!.url, method, path, body);
  }

  async #pair(index: number): Promise<void> {
    const entrances = this.places.filter(answers);
    const place = entrances[index % entrances.length];
    const { body } = await this.call("POST", "/v1/devices", { label: `Device ${index}` }, place);
    const { id } = body.data;
    // on a machine that is too busy a gateway may lose its leases meanwhile, and says 503
    const qr = await until(async () => {
      const answer = await this.call("POST", `/v1/devices/${id}/pairing/qr`, undefined, place);
      if (![200, 503].includes(answer.status)) throw new Error(`Cannot pair: ${JSON.stringify(answer.body)}`);
      return answer.status === 200 && answer;
    }, "a QR code");
    const phone = this.simulator.phone(`6281100${String(index).padStart(5, "0")}`, `Phone ${index}`);
    await this.simulator.scanQr(qr.body.data.qr, phone);
    const writer = this.simulator.contact(`6281900${String(index).padStart(5, "0")}`, `Writer ${index}`);
    this.devices.push({ id, phone, writer });
    await this.connected([this.devices[index]]);
  }

  /** Waits until devices are connected to WhatsApp; how long that took, in ms. */
  async connected(devices: readonly FleetDevice[] = this.devices, timeoutMs = PATIENCE_MS): Promise<number> {
    const started = performance.now();
    await until(() => devices.every(({ phone }) => isOnline(phone)), "devices to be connected", timeoutMs);
    return performance.now() - started;
  }

  /** Waits until a gateway holds all devices, and all are connected. */
  async taken({ name }: Place): Promise<void> {
    const isAll = async () => {
      const holders = await this.holders();
      return this.devices.every(({ id }) => holders.get(id) === name);
    };
    await until(isAll, `${name} to hold all devices`);
    await this.connected();
  }

  /** What a gateway has logged so far. */
  async log({ dir }: Place): Promise<string> {
    return await Deno.readTextFile(`${dir}/logs/combined.log`);
  }

  /**
   * Copies what all gateways have logged, and which texts did not come, to a folder that stays.
   * @returns The folder.
   */
  async keepEvidence(): Promise<string> {
    const folder = await Deno.makeTempDir({ prefix: "kabar-fleet-" });
    for (const { name, dir } of this.places) {
      await cp(`${dir}/logs`, `${folder}/${name}`, { recursive: true });
    }
    await Deno.writeTextFile(`${folder}/missing.json`, JSON.stringify(this.#missing(), undefined, 2));
    return folder;
  }

  /** Who holds each device, by its id: the name of a gateway. */
  async holders(): Promise<ReadonlyMap<string, string | null>> {
    const { body } = await this.admin("GET", "/admin/fleet");
    return new Map(
      body.data.devices.map((
        { device_id, gateway }: { readonly device_id: string; readonly gateway: string | null },
      ) => [device_id, gateway]),
    );
  }

  async admin(method: string, path: string, place = this.#anyPlace(), body?: unknown) {
    const response = await fetch(place.gateway!.url + path, {
      method,
      headers: { "x-master-key": "master-key-of-the-tests", "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  /**
   * Another server reports to a gateway, which stores that as an event `device.disconnected` before it answers.
   * @returns The answer's status; 0 when the gateway went away.
   */
  async report(place: Place, reason: string, timeoutMs = 60_000): Promise<number> {
    return await fetch(`${place.gateway!.url}/api/whatsapp/webhook`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sessionId: "elsewhere", event: "disconnected", data: { reason } }),
      signal: AbortSignal.timeout(timeoutMs),
    }).then(async (response) => (await response.body?.cancel(), response.status), () => 0);
  }

  /**
   * People write to devices in turn from now on, so many texts a second.
   * @param mostAhead They wait while so many are not delivered, so that a machine that is slow is not given ever more.
   */
  write(perSecond: number, mostAhead = Infinity): void {
    this.#stopWriting = new AbortController();
    const { signal } = this.#stopWriting;
    this.#writing = (async () => {
      const started = performance.now();
      for (let number = 0; !signal.aborted; number++) {
        const device = this.devices[number % this.devices.length];
        const isFree = () => signal.aborted || this.#missing().length < mostAhead;
        if (mostAhead < Infinity) await until(isFree, "texts to be delivered");
        if (signal.aborted) return;
        await this.writeTo(device);
        const waitMs = started + (number + 1) * 1_000 / perSecond - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    })();
  }

  async writeTo({ id, phone, writer }: FleetDevice): Promise<void> {
    const text = `text ${this.written.length}`;
    const waMessageId = this.simulator.network.messageId();
    this.written.push({ deviceId: id, waMessageId, text });
    await writer.send(phone, content.textContent(text), { id: waMessageId });
  }

  async stopWriting(): Promise<void> {
    this.#stopWriting.abort();
    await this.#writing;
  }

  /** Waits until the receiver has all that was written, as long as some of it comes within `timeoutMs`. */
  async delivered(timeoutMs = PATIENCE_MS): Promise<void> {
    for (let left = this.#missing().length; left > 0; left = this.#missing().length) {
      const before = left;
      await until(() => this.#missing().length < before, "all texts to be delivered", timeoutMs).catch(
        (error) => {
          throw new Error(`${error.message}: ${before} of ${this.written.length} are missing`);
        },
      );
    }
  }

  #missing(): readonly Written[] {
    const got = new Set(this.#texts().map(({ json }) => json.data.message_id));
    return this.written.filter(({ waMessageId }) => !got.has(waMessageId));
  }

  #texts(): readonly ReceivedRequest[] {
    return this.receiver.requests.filter(({ json }) => json?.event === "message.received");
  }

  /** What is wrong with what arrived, what was delivered more than once, and how often devices were logged in twice. */
  account() {
    const problems: string[] = [];
    const byDevice = Map.groupBy(this.#texts(), ({ json }) => json.device_id as string);
    let repeated = 0;
    for (const { id } of this.devices) {
      const meant = this.written.filter(({ deviceId }) => deviceId === id).map(({ text }) => text);
      const came = (byDevice.get(id) ?? []).map(({ json }) =>
        json.data.content?.text ?? json.data.text as string
      );
      const first = [...new Set(came)];
      repeated += came.length - first.length;
      if (JSON.stringify(first) !== JSON.stringify(meant)) {
        problems.push(`${id}: ${describe(meant, first)}`);
      }
    }
    const events = new Set(this.#texts().map(({ headers }) => headers["webhook-id"]));
    if (events.size !== this.written.length) {
      problems.push(`${this.written.length} texts became ${events.size} events`);
    }
    return { texts: this.written.length, repeated, doubleLogins: this.doubleLogins(), problems };
  }

  /** How often a device was logged in so far. */
  logins({ phone }: FleetDevice): number {
    return [...phone.devices.values()].reduce((sum, { logins }) => sum + logins, 0);
  }

  isOnline({ phone }: FleetDevice): boolean {
    return isOnline(phone);
  }

  doubleLogins(): number {
    return this.devices.flatMap(({ phone }) => [...phone.devices.values()])
      .reduce((sum, { replacements }) => sum + replacements, 0);
  }

  #anyPlace(): Place {
    const running = this.places.filter((place) => place.gateway !== undefined && answers(place));
    return running[Math.floor(Math.random() * running.length)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopWriting();
    await Promise.all(this.places.map(({ process }) => process?.kill()));
    await this.dispose();
  }
}

/** Whether requests may go to the gateway of a place. */
function answers({ env: { GATEWAY_ROLES: roles } }: Place): boolean {
  return roles === undefined || roles.includes("http");
}

function isOnline(phone: VirtualPhone): boolean {
  return [...phone.devices.values()].some((device) => device.online);
}

function describe(meant: readonly string[], came: readonly string[]): string {
  const lost = meant.filter((text) => !came.includes(text));
  if (lost.length > 0) return `${lost.length} of ${meant.length} are lost, such as ${lost[0]}`;
  const at = meant.findIndex((text, index) => came[index] !== text);
  return `out of order from "${meant[at]}" on: "${came[at]}" came instead`;
}
