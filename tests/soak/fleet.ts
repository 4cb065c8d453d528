// Drills of a fleet: gateways and their database are killed, stopped, cut off and slowed down while people write.
import { messageOf } from "../../src/errors.ts";
import { until } from "../support/until.ts";
import { type FleetOptions, type Place, TestFleet, USUAL_LEASE } from "../support/fleet.ts";
import { execute } from "../support/postgres.ts";
import { type PostgresServer, startPostgresServer } from "../support/postgres_server.ts";
import { clockOff, DATABASE_OFF_S, GATEWAYS_OFF_S } from "./fleet_clocks.ts";
import { deployDrill } from "./fleet_deploy.ts";
import { dump } from "./fleet_dump.ts";
import { type Drill, DRILLS, type Findings, sleep } from "./fleet_drills.ts";
import { type ServerPair, startPair } from "./fleet_failover.ts";
import { millionDrill } from "./fleet_million.ts";
import { DeviceWatch, PublishWatch } from "./fleet_watch.ts";

const SETTLE_MS = 90_000;
const AFTERWARDS_MS = 5_000;
/** Works that are seldom done may still meet; those that are done for each text must not. */
const MOST_DEADLOCKS = 2;

/** What came of a drill. */
export interface DrillReport {
  readonly drill: string;
  /** Devices that were not connected for a while, and the longest of these times, ms. */
  readonly dark: number;
  readonly darkMs: number;
  readonly doubleLogins: number;
  /** Texts that were delivered more than once. */
  readonly repeated: number;
  /** Reports that gateways have answered with 200, while the drill was under way, and how long that took. */
  readonly published: number;
  readonly publishP99Ms: number;
  /** Those that were answered with 503, or not at all, and how long one gateway refused at most, ms. */
  readonly refused: number;
  readonly cutOff: number;
  readonly refusingMs: number;
  /** Transactions of gateways that waited for each other, which each take a second to be broken. */
  readonly deadlocks: number;
  /** What else was measured. */
  readonly [other: string]: number | string;
}

type Numbers = Readonly<Record<string, number | string>>;

/** Drills that make all that they need by themselves. */
const OTHER_DRILLS: Readonly<Record<string, (tell: (line: string) => void) => Promise<Findings>>> = {
  deploy: deployDrill,
  million: millionDrill,
};

export interface Soaked {
  readonly seen: readonly (DrillReport | Numbers)[];
  readonly problems: readonly string[];
}

export interface SoakOptions {
  readonly minutes: number;
  readonly devices?: number;
  readonly perSecond?: number;
  /** `LEASE_SECONDS` of the gateways; the usual one when left out. */
  readonly leaseS?: number;
  /** Only these drills. */
  readonly only?: readonly string[];
  readonly tell: (line: string) => void;
}

/** The names of all drills. */
export const DRILL_NAMES: readonly string[] = [...Object.keys(DRILLS), ...Object.keys(OTHER_DRILLS)];

export async function soakFleet(
  { minutes, devices = 30, perSecond = 50, leaseS, only = DRILL_NAMES, tell }: SoakOptions,
): Promise<Soaked> {
  const unknown = only.filter((name) => !DRILL_NAMES.includes(name));
  if (unknown.length > 0) {
    throw new Error(`There is no drill ${unknown.join(", ")}; there are ${DRILL_NAMES.join(", ")}`);
  }
  const seen: (DrillReport | Numbers)[] = [];
  const problems: string[] = [];
  for (const on of [undefined, "replica", "wrong clocks"] as const) {
    const drills = Object.entries(DRILLS).filter(([name, drill]) => only.includes(name) && drill.on === on)
      .map(([, drill]) => drill);
    if (drills.length === 0) continue;
    await using setting = await SETTINGS[on ?? "one server"]();
    const { server, pair, envOf } = setting;
    const env = leaseS === undefined ? USUAL_LEASE : { LEASE_SECONDS: String(leaseS) };
    await using fleet = await TestFleet.start({ gateways: 3, devices, databaseUrl: server.url, env, envOf });
    tell(`${devices} devices are connected`);
    const deadline = performance.now() + minutes * 60_000;
    for (let turn = 0; turn === 0 || performance.now() < deadline; turn++) {
      for (const drill of drills) {
        const { report, wrong } = await conduct(drill, { fleet, server, pair, perSecond }).catch(
          async (error) => {
            await keepEvidence(drill, fleet, tell);
            throw error;
          },
        );
        seen.push(report);
        problems.push(...wrong);
        tell(JSON.stringify(report));
        if (wrong.length > 0) await keepEvidence(drill, fleet, tell);
        if (performance.now() > deadline && turn > 0) break;
      }
    }
  }
  for (const [name, drill] of Object.entries(OTHER_DRILLS)) {
    if (!only.includes(name)) continue;
    const { numbers, problems: wrong = [] } = await drill(tell);
    seen.push({ drill: name, ...numbers });
    problems.push(...wrong.map((problem) => `${name}: ${problem}`));
    tell(JSON.stringify({ drill: name, ...numbers }));
  }
  return { seen, problems };
}

interface Setting extends AsyncDisposable {
  readonly server: PostgresServer;
  readonly pair?: ServerPair;
  readonly envOf?: FleetOptions["envOf"];
}

/** What a fleet stands on. */
const SETTINGS: Readonly<Record<NonNullable<Drill["on"]> | "one server", () => Promise<Setting>>> = {
  async "one server"() {
    const server = await startPostgresServer();
    return { server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  },
  async replica() {
    const pair = await startPair();
    return { server: pair.primary, pair, [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose]() };
  },
  async "wrong clocks"() {
    const server = await startPostgresServer({ env: await clockOff(DATABASE_OFF_S) });
    const envs = await Promise.all(GATEWAYS_OFF_S.map(clockOff));
    return {
      server,
      envOf: (index) => envs[index],
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};

/** Does what a drill is about while people write, and looks whether all is there in the end. */
async function conduct(drill: Drill, { fleet, server, pair, perSecond }: {
  readonly fleet: TestFleet;
  readonly server: PostgresServer;
  readonly pair?: ServerPair;
  readonly perSecond: number;
}): Promise<{ readonly report: DrillReport; readonly wrong: readonly string[] }> {
  const wrong: string[] = [];
  const before = fleet.account();
  const deadlocksBefore = await deadlocksIn(fleet.databaseUrl);
  const place = await busiest(fleet);
  fleet.write(perSecond);
  const calm = drill.calm === undefined ? undefined : await calmP99Ms(fleet, drill.calm.forMs);
  const [devices, publishing] = [new DeviceWatch(fleet), new PublishWatch(fleet)];
  const found = await drill.act({ fleet, place, server, pair });
  await until(() => fleet.devices.every((device) => fleet.isOnline(device)), "devices", SETTLE_MS)
    .catch(() => wrong.push("not all devices came back"));
  await sleep(AFTERWARDS_MS);
  const [{ dark, darkMs }, { vanished, odd, ...published }] = [devices.stop(), await publishing.stop()];
  await fleet.stopWriting();
  await fleet.delivered(SETTLE_MS).catch((error) => wrong.push(error.message));
  const account = fleet.account();
  const report: DrillReport = {
    drill: drill.title,
    dark,
    darkMs,
    doubleLogins: account.doubleLogins - before.doubleLogins,
    repeated: account.repeated - before.repeated,
    texts: account.texts - before.texts,
    ...published,
    deadlocks: Math.max(0, await deadlocksIn(fleet.databaseUrl) - deadlocksBefore), // a crash forgets them
    ...calm !== undefined && { calmP99Ms: calm },
    ...found?.numbers,
  };
  wrong.push(...account.problems.filter((problem) => !before.problems.includes(problem)));
  wrong.push(...found?.problems ?? [], ...tooMuch(drill, report, calm));
  wrong.push(...odd);
  if (vanished > 0) wrong.push(`${vanished} events that were answered with 200 are not in the log`);
  return { report, wrong: wrong.map((problem) => `${drill.title}: ${problem}`) };
}

/** What is not accounted for is found in the logs or never: the next run may well be clean. */
async function keepEvidence({ title }: Drill, fleet: TestFleet, tell: SoakOptions["tell"]): Promise<void> {
  const folder = await fleet.keepEvidence();
  await dump(fleet.databaseUrl, `${folder}/database.sql`).catch((error) => tell(messageOf(error)));
  tell(`${title}: the logs of all gateways and the database are kept in ${folder}`);
}

/** How long publishing takes while nothing goes wrong, as `PublishWatch` has it. */
async function calmP99Ms(fleet: TestFleet, forMs: number): Promise<number> {
  const publishing = new PublishWatch(fleet);
  await sleep(forMs);
  return (await publishing.stop()).publishP99Ms;
}

function tooMuch(drill: Drill, report: DrillReport, calmP99Ms = 0): readonly string[] {
  const limits = [
    [report.doubleLogins, drill.mayLogInTwice ? Infinity : 0, "double logins"],
    [report.darkMs, drill.darkMs, "ms without a line"],
    [
      report.publishP99Ms,
      longer(drill.publishP99Ms, calmP99Ms * (drill.calm?.times ?? 0)),
      "ms to publish (p99)",
    ],
    [report.refusingMs, drill.refusingMs, "ms of refusals"],
    [report.deadlocks, MOST_DEADLOCKS, "deadlocks"],
  ] as const;
  return limits.filter(([found, most]) => most !== undefined && found > most)
    .map(([found, most, what]) => `${found} ${what}, more than ${most}`);
}

function longer(limit: number | undefined, other: number): number | undefined {
  return limit === undefined ? undefined : Math.max(limit, other);
}

/** How many the server has broken since it was made. */
async function deadlocksIn(url: string): Promise<number> {
  const query = "SELECT sum(deadlocks)::int AS count FROM pg_stat_database";
  const [{ count }] = await execute(url, query) as readonly { readonly count: number }[];
  return count;
}

/** The gateway that holds most devices. */
async function busiest(fleet: TestFleet): Promise<Place> {
  const held = [...(await fleet.holders()).values()];
  const countOf = ({ name }: Place) => held.filter((holder) => holder === name).length;
  return fleet.places.toSorted((a, b) => countOf(b) - countOf(a))[0];
}
