// A long queue that three gateways work off: each delivery comes once.
import { TestFleet, USUAL_LEASE } from "../support/fleet.ts";
import { until } from "../support/until.ts";
import { execute } from "../support/postgres.ts";
import { startPostgresServer } from "../support/postgres_server.ts";
import { ask, startChild } from "../bench/processes.ts";
import { type Findings, sleep } from "./fleet_drills.ts";

const PENDING = Number(Deno.env.get("KABAR_PENDING") ?? 1_000_000);
const SLOW_MS = 100;
const CLAIMED_AT_ONCE = 64;
/** On the smallest machine that it is run on. */
const SLOWEST_PER_SECOND = 100;
const SOME_MS = 120_000;
const LOOK_EVERY_MS = 1_000;

interface Counted {
  readonly left: number;
  readonly odd: number;
}

export async function millionDrill(tell: (line: string) => void): Promise<Findings> {
  await using server = await startPostgresServer();
  const receiver = await startChild("receiver.ts");
  await using fleet = await TestFleet.start({
    gateways: 3,
    devices: 0,
    databaseUrl: server.url,
    env: USUAL_LEASE,
  });
  const { url } = server;
  const made = await fleet.call("POST", "/v1/webhooks", {
    url: `${receiver.url}/million`,
    events: ["device.disconnected"],
    format: "device",
  });
  const id: string = made.body.data.webhook_id;
  await fleet.report(fleet.places[0], "the one event");
  await until(
    async () => (await counted(url, id)).left === 0 && await received(receiver.url) > 0,
    "the first one",
  );
  const before = await received(receiver.url);
  await execute(url, `ALTER SYSTEM SET log_min_duration_statement = ${SLOW_MS}`, "SELECT pg_reload_conf()");
  await execute(
    url,
    `INSERT INTO deliveries (number, tenant_id, webhook_id, event_seq, event_id, device_id, name, status, blocked, due_at,
       leased_until, lease_epoch, created_at, updated_at)
     SELECT nextval('delivery_numbers'), tenant_id, webhook_id, event_seq, event_id, device_id, name, 0, 0, due_at, 0, 0,
       created_at, updated_at
     FROM deliveries, generate_series(1, ${PENDING}) WHERE webhook_id = '${id}' AND status = 1`,
    "ANALYZE deliveries",
  );
  tell(`${PENDING} deliveries wait`);
  const startedAt = performance.now();
  const done = async () => {
    await sleep(LOOK_EVERY_MS); // counting is work for the server, too
    return (await counted(url, id)).left === 0;
  };
  await until(done, "all to be delivered", SOME_MS + PENDING / SLOWEST_PER_SECOND * 1_000).catch(() => {}); // counted below
  const tookS = (performance.now() - startedAt) / 1_000;
  const { left, odd } = await counted(url, id);
  const requests = await received(receiver.url) - before;
  const slow = slowClaims(await server.log());
  const share = slow / (PENDING / CLAIMED_AT_ONCE);
  await receiver.stop();
  return {
    numbers: {
      pending: PENDING,
      requests,
      left,
      notAtFirst: odd,
      tookS: Math.round(tookS),
      perSecond: Math.round(PENDING / tookS),
      claimsOver100Ms: slow,
    },
    problems: [
      ...(left > 0 ? [`${left} are left`] : []),
      ...(requests !== PENDING ? [`${requests} requests came for ${PENDING} deliveries`] : []),
      ...(share > 0.01 ? [`${slow} claims took more than ${SLOW_MS} ms, more than one in a hundred`] : []),
    ],
  };
}

async function counted(url: string, id: string): Promise<Counted> {
  const [row] = await execute(
    url,
    `SELECT count(*) FILTER (WHERE status = 0)::int AS left, count(*) FILTER (WHERE status <> 0 AND attempts <> 1)::int AS odd
     FROM deliveries WHERE webhook_id = '${id}'`,
  );
  return row as Counted;
}

async function received(url: string): Promise<number> {
  return (await ask<{ readonly count: number }>(`${url}/count`)).count;
}

/** Updates that took deliveries in hand, as the server has logged them. */
function slowClaims(log: string): number {
  return log.split("\n").filter((line) => /duration: .*update "deliveries" set "leased_until"/i.test(line))
    .length;
}
