// Devices under a supervisor, against a simulator.
import { assertEquals } from "@std/assert";
import { StoreUnavailableError } from "../../src/errors.ts";
import type { EventData, EventDraft } from "../../src/events/event.ts";
import { logOf } from "../../src/log.ts";
import { type LinkedDevice, type VirtualPhone, WhatsAppSimulator } from "../../src/simulator/mod.ts";
import type { Device } from "../../src/store/devices.ts";
import { createSessions } from "../../src/whatsapp/baileys/session.ts";
import { DEFAULT_POLICY, type LinePolicy } from "../../src/devices/line.ts";
import type { SessionReceipt } from "../../src/whatsapp/session.ts";
import type { WhatsAppSettings } from "../../src/whatsapp/settings.ts";
import { createSupervisor, type Supervisor } from "../../src/devices/supervisor.ts";
import { aDevice, keptStore } from "./kept_store.ts";
import { aNumber } from "./sessions.ts";
import { until } from "./until.ts";

const QUICK: LinePolicy = {
  ...DEFAULT_POLICY,
  backoff: { firstMs: 20, mostMs: 100 },
  unstableBackoff: { firstMs: 50, mostMs: 200 },
};

/** A gateway's WhatsApp side on a store of its own. */
export class Supervised {
  readonly #store = keptStore({ makesDevices: false });
  readonly credentials = this.#store.credentials;
  readonly inbox = this.#store.inbox;
  readonly devices = this.#store.devices;
  readonly published: EventDraft[] = [];
  readonly receipts: SessionReceipt[] = [];
  /** How often the event log still refuses. */
  refusals = 0;
  readonly simulator: WhatsAppSimulator;
  supervisor: Supervisor;
  readonly #settings: WhatsAppSettings;
  readonly #policy: LinePolicy;

  constructor(
    simulator: WhatsAppSimulator,
    settings: WhatsAppSettings = {},
    policy: Partial<LinePolicy> = {},
  ) {
    this.simulator = simulator;
    this.#settings = { url: simulator.url, rootKey: simulator.rootKey.toString("hex"), ...settings };
    this.#policy = { ...QUICK, ...policy };
    this.supervisor = this.#supervise();
  }

  /** The same store in a new process. */
  async restart(): Promise<void> {
    await this.supervisor.stopAll();
    this.supervisor = this.#supervise();
  }

  async device(id = "device_1"): Promise<string> {
    await this.devices.create({ ...aDevice(id), alias: id === "device_1" ? "kasir" : null });
    return id;
  }

  /** Makes a device, starts it, and scans its QR code with a new phone. */
  async linked(id = "device_1"): Promise<{ id: string; phone: VirtualPhone; device: LinkedDevice }> {
    await this.device(id);
    const phone = this.simulator.phone(aNumber(), "Gateway");
    await this.supervisor.start(id);
    const qr = await this.supervisor.waitForQr(id, 60_000);
    const device = await this.simulator.scanQr(qr?.code ?? "", phone);
    await this.connected(id);
    return { id, phone, device };
  }

  async connected(id = "device_1", times = 1): Promise<void> {
    const count = () => this.of("device.connected", id).length;
    await until(() => count() >= times && this.supervisor.get(id) !== undefined, `${id} connected`);
  }

  of<T extends EventDraft["type"]>(type: T, id?: string): EventData[T][] {
    return this.published.filter((draft) =>
      draft.type === type && (id === undefined || draft.device?.id === id)
    )
      .map((draft): unknown => draft.data) as EventData[T][]; // drafts of a type hold its data
  }

  /** The types of what was published about the device itself. */
  get told(): string[] {
    return this.published.map(({ type }) => type).filter((type) => type.startsWith("device."));
  }

  async data<T extends EventDraft["type"]>(type: T, nth = 1): Promise<EventData[T]> {
    return await until(() => this.of(type)[nth - 1], `${type} no. ${nth}`);
  }

  async row(id = "device_1"): Promise<Device | undefined> {
    return await this.devices.get(id);
  }

  #supervise(): Supervisor {
    const { credentials, inbox, devices } = this;
    const { history } = this.#store;
    const log = logOf("whatsapp");
    return createSupervisor({
      sessions: createSessions({ credentials, inbox, history, settings: this.#settings, log }),
      devices,
      credentials,
      publish: (draft) => {
        if (this.refusals-- > 0) return Promise.reject(new StoreUnavailableError("the disk is full"));
        const known = draft.dedupeKey !== undefined &&
          this.published.some(({ dedupeKey }) => dedupeKey === draft.dedupeKey);
        if (!known) this.published.push(draft);
        return Promise.resolve();
      },
      receipts: (_, receipts) => {
        this.receipts.push(...receipts);
        return Promise.resolve();
      },
      log,
      policy: this.#policy,
    });
  }
}

/** Runs a test with a simulator and a supervisor; afterwards the simulator must have understood everything. */
export function withSupervised(
  name: string,
  test: (world: Supervised) => Promise<void>,
  { settings, policy }: {
    readonly settings?: WhatsAppSettings;
    readonly policy?: Partial<LinePolicy>;
  } = {},
): void {
  Deno.test(name, async () => {
    const simulator = await WhatsAppSimulator.start();
    const world = new Supervised(simulator, settings, policy);
    try {
      await test(world);
      assertEquals(simulator.unknown.map((stanza) => JSON.stringify(stanza)), []);
      assertEquals(simulator.complaints, []);
    } finally {
      await world.supervisor.stopAll();
      await simulator.stop();
    }
  });
}
