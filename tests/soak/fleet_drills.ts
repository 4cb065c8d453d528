// What is done to a fleet, its gateways and their database while people write.
import { until } from "../support/until.ts";
import type { Place, TestFleet } from "../support/fleet.ts";
import { socketsTo } from "../support/sockets.ts";
import { wrongClocks } from "./fleet_clocks.ts";
import { copyThrice, keepSnapshot, SNAPSHOT_MS } from "./fleet_dump.ts";
import { failOver, type ServerPair } from "./fleet_failover.ts";
import { hooksDrill } from "./fleet_hooks.ts";
import { auditWrites } from "./late_writes.ts";
import { execute } from "../support/postgres.ts";
import type { PostgresServer } from "../support/postgres_server.ts";

export const AWAY_MS = 15_000;
const AT_ONCE_MS = 1_000;
const CALM_MS = 30_000;

/** What a drill is given: the gateway that it is about, which holds most devices, and the database's server. */
export interface Scene {
  readonly fleet: TestFleet;
  readonly place: Place;
  readonly server: PostgresServer;
  /** In a drill `on: "replica"`. */
  readonly pair?: ServerPair;
}

/** What a drill measured besides what is measured in each, and what is wrong with that. */
export interface Findings {
  readonly numbers?: Readonly<Record<string, number>>;
  readonly problems?: readonly string[];
}

export interface Drill {
  readonly title: string;
  /** What the fleet stands on; left out: one server, and clocks that are right. */
  readonly on?: "replica" | "wrong clocks";
  /** Ends with everything as it was before. */
  act(scene: Scene): Promise<Findings | void>;
  /** A device may be logged in twice: nobody can close the line of a process that is stopped. */
  readonly mayLogInTwice?: boolean;
  /** How long publishing may take while it is under way, ms. */
  readonly publishP99Ms?: number;
  /**
   * What that is on this machine while nothing goes wrong is measured before, for about as long as the drill lasts: a
   * busy machine has its slow moments anyway. So many times as long is no fault of the drill's.
   */
  readonly calm?: { readonly forMs: number; readonly times: number };
  /** How long a gateway may refuse what is published, ms. */
  readonly refusingMs?: number;
  /** How long a device may be without its line, ms. */
  readonly darkMs?: number;
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes a gateway out of those that are asked, while `work` is under way. */
async function without<T>({ place }: Scene, work: () => Promise<T>): Promise<T> {
  const { gateway } = place;
  place.gateway = undefined;
  const result = await work();
  place.gateway = gateway;
  return result;
}

/** A stopped process comes back long after others have taken its devices. */
async function stopAndWake({ fleet, place }: Scene): Promise<Findings> {
  const { pid } = place.process!;
  const simulatorPort = Number(new URL(fleet.simulator.url).port);
  const url = fleet.databaseUrl;
  await using audit = await auditWrites(url);
  const told = async () => {
    const replaced =
      "SELECT count(*)::int AS count FROM events WHERE type LIKE 'device.%' AND data LIKE '%replaced%'";
    const [{ count }] = await execute(url, replaced) as readonly { readonly count: number }[];
    return count;
  };
  const toldBefore = await told();
  Deno.kill(pid, "SIGSTOP");
  await sleep(AWAY_MS);
  const open = await socketsTo(pid, simulatorPort);
  Deno.kill(pid, "SIGCONT");
  const wokeAt = performance.now();
  await until(async () => await socketsTo(pid, simulatorPort) === 0, "its sessions to end", 20_000);
  const endedMs = Math.round(performance.now() - wokeAt);
  await sleep(5_000);
  const { late, onTime } = await audit.count();
  const replacedTold = await told() - toldBefore;
  return {
    numbers: { sessionsOpen: open, endedMs, lateWrites: late, writes: onTime, replacedTold },
    problems: [
      ...(late > 0 ? [`${late} writes came late`] : []),
      ...(onTime === 0 ? ["no write was seen at all"] : []),
      ...(endedMs > AT_ONCE_MS ? [`its sessions ended only after ${endedMs} ms`] : []),
      ...(replacedTold > 0 ? [`${replacedTold} owners were told that another program took over`] : []),
    ],
  };
}

/** By the names under which they are asked for. */
export const DRILLS: Readonly<Record<string, Drill>> = {
  kill: {
    title: "kill -9",
    darkMs: 10_000,
    async act({ fleet, place }) {
      const { gateway } = place;
      place.gateway = undefined;
      await gateway!.kill();
      await sleep(AWAY_MS);
      await fleet.up(place);
    },
  },
  term: {
    title: "SIGTERM",
    darkMs: 2_000,
    async act({ fleet, place }) {
      const { gateway } = place;
      place.gateway = undefined;
      const startedAt = performance.now();
      const code = await gateway!.stop();
      const endedMs = Math.round(performance.now() - startedAt);
      if (code !== 0) throw new Error(`The gateway ended with ${code}`);
      await fleet.up(place);
      return { numbers: { endedMs } };
    },
  },
  stop: {
    title: "SIGSTOP for 15 s",
    mayLogInTwice: true,
    act: (scene) => without(scene, () => stopAndWake(scene)),
  },
  partition: {
    title: "cut off from the database for 15 s",
    publishP99Ms: 2_500,
    act: (scene) =>
      without(scene, async () => {
        scene.place.proxy.mode = "swallow";
        await sleep(AWAY_MS);
        scene.place.proxy.mode = "pass";
        scene.place.proxy.cut();
      }),
  },
  delay: {
    title: "500 ms to the database for 15 s",
    publishP99Ms: 2_500,
    act: (scene) =>
      without(scene, async () => {
        scene.place.proxy.delayMs = 250; // each way
        await sleep(AWAY_MS);
        scene.place.proxy.delayMs = 0;
      }),
  },
  cuts: {
    title: "connections to the database cut every 5 s",
    publishP99Ms: 2_500,
    async act({ place }) {
      for (let times = 0; times < 3; times++) {
        place.proxy.cut();
        await sleep(5_000);
      }
    },
  },
  restart: {
    title: "database restarted",
    refusingMs: 3_000,
    async act({ server }) {
      await server.stop("fast");
      await server.start();
    },
  },
  crash: {
    title: "database crashed",
    refusingMs: 3_000,
    async act({ server }) {
      await server.stop("immediate");
      await server.start();
    },
  },
  away: {
    title: "database away for 15 s",
    async act({ server }) {
      await server.stop("fast");
      await sleep(AWAY_MS);
      await server.start();
    },
  },
  hooks: {
    title: "webhooks made, paused and removed and keys rotated at two gateways, a third publishes",
    act: hooksDrill,
  },
  failover: {
    title: "primary killed, synchronous replica promoted at once, the old one started again",
    on: "replica",
    publishP99Ms: 2_500,
    act: (scene) => failOver(scene, 0),
  },
  "late-failover": {
    title: "primary killed, synchronous replica promoted 10 s later, the old one started again",
    on: "replica",
    act: (scene) => failOver(scene, 10_000),
  },
  clocks: {
    title: "clocks of two gateways 10 minutes off, of the database 1 minute",
    on: "wrong clocks",
    act: wrongClocks,
  },
  dump: {
    title: "pg_dump, three times",
    publishP99Ms: 50,
    calm: { forMs: CALM_MS, times: 2 },
    act: copyThrice,
  },
  snapshot: {
    title: "a snapshot that is 5 minutes old",
    publishP99Ms: 50,
    calm: { forMs: SNAPSHOT_MS, times: 2 },
    act: keepSnapshot,
  },
};
