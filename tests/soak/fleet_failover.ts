// The primary is killed, its synchronous replica takes its place, and somebody starts the old one again.
import { until } from "../support/until.ts";
import { execute } from "../support/postgres.ts";
import { type PostgresServer, startPostgresServer } from "../support/postgres_server.ts";
import { type Findings, type Scene, sleep } from "./fleet_drills.ts";

const BACK_MS = 60_000;
const STRAY_MS = 15_000;
const STRAY_REPORTS = 5;

/** A server that takes writes and the replica that has each of them before it is answered. */
export interface ServerPair extends AsyncDisposable {
  readonly primary: PostgresServer;
  readonly replica: PostgresServer;
  /** The replica is the primary from now on; the old one is given to who asks. */
  turn(): PostgresServer;
  /** Gives the primary a new replica. */
  complete(): Promise<void>;
}

export async function startPair(): Promise<ServerPair> {
  const all: PostgresServer[] = [];
  const keep = (server: PostgresServer) => (all.push(server), server);
  let primary = keep(await startPostgresServer());
  let replica = keep(await primary.addReplica());
  return {
    get primary() {
      return primary;
    },
    get replica() {
      return replica;
    },
    turn() {
      const old = primary;
      primary = replica;
      return old;
    },
    async complete() {
      replica = keep(await primary.addReplica());
    },
    async [Symbol.asyncDispose]() {
      for (const server of all) await server[Symbol.asyncDispose]();
    },
  };
}

/** @param afterMs How long it takes until the replica is promoted. */
export async function failOver({ fleet, place, pair }: Scene, afterMs: number): Promise<Findings> {
  if (pair === undefined) throw new Error("There is no replica");
  await pair.primary.stop("immediate");
  const killedAt = performance.now();
  await sleep(afterMs);
  await pair.replica.promote();
  const promotedMs = Math.round(performance.now() - killedAt);
  const old = pair.turn();
  // it waits for no replica: what is stored now is nowhere else, which is the operator's risk until there is one again
  await execute(
    pair.primary.url,
    "ALTER SYSTEM SET synchronous_standby_names = ''",
    "SELECT pg_reload_conf()",
  );
  fleet.databaseUrl = pair.primary.url;
  for (const { proxy } of fleet.places) {
    proxy.target = pair.primary.port;
    proxy.cut();
  }
  await until(() => fleet.devices.every((device) => fleet.isOnline(device)), "devices to be back", BACK_MS);
  const backMs = Math.round(performance.now() - killedAt);

  await old.start();
  const { gateway } = place;
  place.gateway = undefined; // it is asked here only
  place.proxy.target = old.port;
  place.proxy.cut();
  const statuses: number[] = [];
  for (let number = 0; number < STRAY_REPORTS; number++) {
    statuses.push(await fleet.report({ ...place, gateway }, `stray-${number}.`, STRAY_MS));
  }
  const hasSaid = async () => (await fleet.log(place)).includes("left behind by a fail-over");
  const isRefused = await until(hasSaid, "the refusal to be logged").then(() => true, () => false);
  await old.stop("fast").catch(() => old.stop("immediate")); // commits that wait for its replica do not end
  place.proxy.target = pair.primary.port;
  place.proxy.cut();
  await until(
    async () => await fleet.report({ ...place, gateway }, "again.") === 200,
    "the gateway to be back",
    BACK_MS,
  );
  place.gateway = gateway;
  await pair.complete();
  const taken = statuses.filter((status) => status === 200).length;
  return {
    numbers: { promotedMs, backMs, takenByOldPrimary: taken, oldPrimaryRefused: Number(isRefused) },
    problems: [
      ...(taken > 0 ? [`the old primary took ${taken} of ${STRAY_REPORTS} reports`] : []),
      ...(isRefused ? [] : ["no gateway refused the old primary"]),
    ],
  };
}
