// Three instances on Deno Deploy behind a pooler, which the platform ends and starts as it likes.
import { type Instance, startInstance } from "../deploy/platform.ts";
import { until } from "../support/until.ts";
import { startPooler } from "../support/pooler.ts";
import { execute } from "../support/postgres.ts";
import { startPostgresServer } from "../support/postgres_server.ts";
import { startReceiver } from "../support/receiver.ts";
import { type Findings, sleep } from "./fleet_drills.ts";

const INSTANCES = 3;
const UNDER_WAY_MS = 60_000;
const REPORT_EVERY_MS = 50;
const SETTLE_MS = 120_000;

export async function deployDrill(tell: (line: string) => void): Promise<Findings> {
  await using server = await startPostgresServer();
  await using pooler = await startPooler(server.url);
  await using receiver = await startReceiver();
  const env = {
    DATABASE_URL: pooler.url,
    WEBHOOK_URL: `${receiver.url}/hook`,
    WEBHOOK_FORMAT: "session", // says which session it is about
    LEASE_SECONDS: "5",
    RECEIVERS_OPEN: "true",
    WHATSAPP_WEBHOOK_RATE_LIMIT: "0",
  };
  const instances: (Instance | undefined)[] = await Promise.all(
    Array.from({ length: INSTANCES }, () => startInstance(env)),
  );
  tell(`${INSTANCES} instances answer`);
  const [accepted, refused] = [[] as string[], new Map<number, number>()];
  const open = new Set<Promise<void>>();
  let [ended, number] = [0, 0];
  const over = performance.now() + UNDER_WAY_MS;

  async function report(instance: Instance): Promise<void> {
    const name = `session-${number++}.`;
    const status = await statusOf(instance.url, name);
    if (status === 200) accepted.push(name);
    else refused.set(status, (refused.get(status) ?? 0) + 1);
  }

  async function ask(): Promise<void> {
    for (let turn = 0; performance.now() < over; turn++) {
      const instance = instances[turn % INSTANCES];
      if (instance !== undefined) {
        const asked = report(instance).finally(() => open.delete(asked));
        open.add(asked);
      }
      await sleep(REPORT_EVERY_MS);
    }
  }

  async function end(): Promise<void> {
    while (performance.now() < over) {
      await sleep(500 + Math.random() * 2_000);
      const place = Math.floor(Math.random() * INSTANCES);
      const instance = instances[place]!;
      instances[place] = undefined;
      if (ended++ % 2 === 0) await instance.kill();
      else await instance.stop();
      instances[place] = await startInstance(env);
    }
  }

  await Promise.all([ask(), end()]);
  await Promise.all(open);
  const kept = new Set(
    (await execute(server.url, "SELECT label FROM devices WHERE kind = 'external'") as readonly {
      readonly label: string;
    }[]).map(({ label }) => label),
  );
  const events = await execute(
    server.url,
    "SELECT devices.label AS label FROM events JOIN devices ON devices.id = events.device_id",
  ) as readonly { readonly label: string }[];
  const logged = new Set(events.map(({ label }) => label));
  const vanished = accepted.filter((name) => !logged.has(name)).length;
  const undelivered = () => {
    const bodies = receiver.requests.map(({ body }) => body).join("\n");
    return accepted.filter((name) => !bodies.includes(name)).length;
  };
  for (const instance of instances) instance?.tick();
  await until(() => undelivered() === 0, "all to be delivered", SETTLE_MS).catch(() => {}); // counted below
  const left = undelivered();
  await Promise.all(instances.map((instance) => instance?.stop()));
  return {
    numbers: {
      ended,
      asked: number,
      answered200: accepted.length,
      refused: refused.get(503) ?? 0,
      cutOff: refused.get(0) ?? 0,
      sessions: kept.size,
      vanished,
      undelivered: left,
      requests: receiver.requests.length,
    },
    problems: [
      ...[...refused.keys()].filter((status) => ![0, 503].includes(status)).map((status) =>
        `answered with ${status}`
      ),
      ...(vanished > 0 ? [`${vanished} reports that were answered with 200 are not in the log`] : []),
      ...(left > 0 ? [`${left} reports were not delivered`] : []),
    ],
  };
}

async function statusOf(url: string, sessionId: string): Promise<number> {
  return await fetch(`${url}/api/whatsapp/webhook`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sessionId, event: "disconnected", data: { reason: "gone" } }),
  }).then(async (response) => (await response.body?.cancel(), response.status), () => 0);
}
