// What is looked at while a drill is under way: which devices are connected, and how publishing by HTTP goes.
import { percentile } from "../bench/load.ts";
import type { FleetDevice, Place, TestFleet } from "../support/fleet.ts";
import { execute } from "../support/postgres.ts";

const SAMPLE_MS = 50;
const PUBLISH_EVERY_MS = 100;

/** How long devices were not connected, as sampled. */
export class DeviceWatch {
  readonly #fleet: TestFleet;
  readonly #downSince = new Map<FleetDevice, number>();
  readonly #longest = new Map<FleetDevice, number>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(fleet: TestFleet) {
    this.#fleet = fleet;
    this.#timer = setInterval(() => this.#look(), SAMPLE_MS);
  }

  #look(): void {
    const now = performance.now();
    for (const device of this.#fleet.devices) {
      if (this.#fleet.isOnline(device)) {
        this.#downSince.delete(device);
        continue;
      }
      const since = this.#downSince.get(device) ?? now;
      this.#downSince.set(device, since);
      this.#longest.set(device, Math.max(this.#longest.get(device) ?? 0, now - since));
    }
  }

  stop() {
    clearInterval(this.#timer);
    return { dark: this.#longest.size, darkMs: Math.round(Math.max(0, ...this.#longest.values())) };
  }
}

interface Asked {
  readonly name: string;
  readonly place: Place;
  readonly at: number;
  readonly tookMs: number;
  /** 0: the gateway went away. */
  readonly status: number;
}

/** Reports of another server come in at every gateway in turn, ten a second, and are stored before they are answered. */
export class PublishWatch {
  static #published = 0;
  readonly #asked: Asked[] = [];
  readonly #open = new Set<Promise<void>>();
  readonly #fleet: TestFleet;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(fleet: TestFleet) {
    this.#fleet = fleet;
    let turn = 0;
    this.#timer = setInterval(() => {
      const place = fleet.places[turn++ % fleet.places.length];
      if (place.gateway === undefined) return;
      const asked = this.#ask(place).finally(() => this.#open.delete(asked));
      this.#open.add(asked);
    }, PUBLISH_EVERY_MS);
  }

  async #ask(place: Place): Promise<void> {
    const name = `report-${PublishWatch.#published++}.`;
    const at = performance.now();
    const status = await this.#fleet.report(place, name);
    this.#asked.push({ name, place, at, tookMs: performance.now() - at, status });
  }

  /** How it went: see `DrillReport`. `odd`: answers that no drill explains. `vanished`: stored, and not in the log. */
  async stop() {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    const stored = this.#asked.filter(({ status }) => status === 200);
    return {
      published: stored.length,
      publishP99Ms: Math.round(percentile(stored.map(({ tookMs }) => tookMs), 0.99)),
      refused: this.#asked.filter(({ status }) => status === 503).length,
      cutOff: this.#asked.filter(({ status }) => status === 0).length,
      odd: this.#asked.filter(({ status }) => ![0, 200, 503].includes(status)).map(({ status, place }) =>
        `${place.name}: ${status}`
      ),
      refusingMs: Math.round(Math.max(0, ...this.#fleet.places.map((place) => this.#refusingMs(place)))),
      vanished: await this.#vanished(stored),
    };
  }

  /** From the first answer that it cannot store anything now to the next report that it stored. */
  #refusingMs(place: Place): number {
    let [longest, since] = [0, undefined as number | undefined];
    const answered = this.#asked.filter((asked) => asked.place === place).map(({ at, tookMs, status }) =>
      [at + tookMs, status] as const
    ).sort(([a], [b]) => a - b);
    for (const [at, status] of answered) {
      if (status === 503) since ??= at;
      else if (status === 200 && since !== undefined) {
        longest = Math.max(longest, at - since);
        since = undefined;
      }
    }
    return since === undefined ? longest : Infinity;
  }

  async #vanished(stored: readonly Asked[]): Promise<number> {
    const rows = await execute(
      this.#fleet.databaseUrl,
      "SELECT data FROM events WHERE data LIKE '%report-%'",
    );
    const kept = new Set(
      (rows as readonly { readonly data: string }[]).map(({ data }) => /report-\d+\./.exec(data)?.[0]),
    );
    return stored.filter(({ name }) => !kept.has(name)).length;
  }
}
