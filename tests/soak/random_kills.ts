import { DatabaseSync } from "node:sqlite";
import { PATIENCE_MS, until } from "../support/until.ts";
import { execute } from "../support/postgres.ts";
import { call, type GatewayProcess, startGatewayProcess } from "../support/process.ts";
import { startReceiver, type Step } from "../support/receiver.ts";
import { INBOUND_ENV, tellOfMessage } from "./inbound.ts";

const CALLERS = 24;
/** A receiver that fails so often is spared: it gets its backlog slowly. */
const SLOW_DELIVERY_MS = 20;

/** What became of the events of a run in which the gateway was killed again and again. */
export interface KillReport {
  readonly rounds: number;
  /** Events that the gateway answered with 2xx. */
  readonly accepted: number;
  /** Events that were found in the store after some kill, or at the end. */
  readonly stored: number;
  /** Requests that the receiver answered with 200 although it had done so before. */
  readonly repeated: number;
  /** Events that were accepted or stored, and then were not in the store any more. */
  readonly vanished: readonly string[];
  /** Events that the receiver never took. */
  readonly undelivered: readonly string[];
  /** The longest time from a start to readiness. */
  readonly slowestStartMs: number;
}

/**
 * Kills the gateway (SIGKILL) at a random moment under load, starts it again, and so on; then lets it finish. The
 * receiver fails a fifth of the first attempts and takes its time for others.
 */
export async function killAtRandom(
  { rounds, env = {}, onRound = () => {} }: {
    readonly rounds: number;
    readonly env?: Readonly<Record<string, string>>;
    readonly onRound?: (round: number, stored: number) => void;
  },
): Promise<KillReport> {
  const dir = await Deno.makeTempDir();
  const taken = new Map<string, number>();
  const failedOnce = new Set<string>();
  const step: Step = async ({ json }) => {
    const id = String(json.data.id ?? json.data.messageId);
    if (Math.random() < 0.2 && !failedOnce.has(id)) {
      failedOnce.add(id);
      return 500;
    }
    await pause(Math.random() * 60);
    taken.set(id, (taken.get(id) ?? 0) + 1);
    return 200;
  };
  const receiver = await startReceiver(step);
  const settings = {
    WEBHOOK_URL: receiver.url,
    WEBHOOK_FORMAT: "account",
    LOG_LEVEL: "error",
    ...INBOUND_ENV,
    ...env,
  };
  const accepted = new Set<string>();
  const committed = new Set<string>();
  let slowestStartMs = 0;
  const start = async () => {
    const before = performance.now();
    const gateway = await startGatewayProcess({ dir, env: settings });
    slowestStartMs = Math.max(slowestStartMs, performance.now() - before);
    return gateway;
  };

  for (let round = 1; round <= rounds; round++) {
    const gateway = await start();
    const before = accepted.size;
    // every third may come before anything is accepted; a machine that is slow accepts nothing in half a second
    const atLeast = round % 3 === 0 ? 0 : 2 + Math.random() * 20;
    const load = putUnderLoad(gateway, accepted);
    await until(() => accepted.size >= before + atLeast, "events to be accepted");
    await pause(20 + Math.random() * 400);
    await gateway.kill();
    await load.stop();
    for (const id of (await storedIn(dir, env.DATABASE_URL)).ids) committed.add(id);
    onRound(round, committed.size);
  }

  const last = await start();
  const wanted = [...committed.union(accepted)];
  const enoughMs = PATIENCE_MS + (await storedIn(dir, env.DATABASE_URL)).pending * SLOW_DELIVERY_MS;
  await until(
    async () => (await storedIn(dir, env.DATABASE_URL)).pending === 0,
    "every delivery to be decided",
    enoughMs,
  );
  await last.stop();
  const { ids } = await storedIn(dir, env.DATABASE_URL);
  await receiver.stop();
  await Deno.remove(dir, { recursive: true });
  return {
    rounds,
    accepted: accepted.size,
    stored: ids.size,
    repeated: [...taken.values()].reduce((sum, times) => sum + times - 1, 0),
    vanished: wanted.filter((id) => !ids.has(id)),
    undelivered: [...ids].filter((id) => !taken.has(id)),
    slowestStartMs,
  };
}

/**
 * Sends events, each with an id of its own, until the gateway is gone: a half of the callers is answered when an event
 * is stored, the others when it is delivered.
 */
function putUnderLoad(gateway: GatewayProcess, accepted: Set<string>) {
  let over = false;
  const work = async (_: unknown, caller: number) => {
    const isInbound = caller % 2 === 0;
    while (!over) {
      const id = crypto.randomUUID();
      const sent = isInbound
        ? tellOfMessage(gateway.url, id)
        : call(gateway.url, "POST", "/api/webhook/send", { eventType: "load", data: { id } })
          .then(({ status }) => status);
      const status = await sent.catch(() => undefined); // it was killed: whether it has the event, the store tells
      if (status === undefined) return;
      if (status === 200) accepted.add(id);
    }
  };
  const callers = Array.from({ length: CALLERS }, work);
  return {
    async stop() {
      over = true;
      await Promise.all(callers);
    },
  };
}

interface Stored {
  readonly ids: ReadonlySet<string>;
  readonly pending: number;
}

/** Looks into the store behind the gateway's back: which events are there, and how many deliveries are to be made. */
async function storedIn(dir: string, databaseUrl: string | undefined): Promise<Stored> {
  return databaseUrl === undefined ? inFile(`${dir}/data/logs.db`) : await inPostgres(databaseUrl);
}

async function inPostgres(url: string): Promise<Stored> {
  const rows = await execute(
    url,
    `SELECT coalesce(data::json #>> '{payload,id}', data::json ->> 'messageId') AS id FROM events
     WHERE type IN ('custom', 'message.received')`,
  ) as { readonly id: string }[];
  const [{ pending }] = await execute(
    url,
    "SELECT count(*) AS pending FROM deliveries WHERE status = 0",
  ) as { readonly pending: number }[];
  return { ids: new Set(rows.map(({ id }) => id)), pending };
}

function inFile(path: string): Stored {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  try {
    const rows = database.prepare(
      `SELECT coalesce(data ->> '$.payload.id', data ->> '$.messageId') AS id FROM events
       WHERE type IN ('custom', 'message.received')`,
    ).all();
    const { pending } = database.prepare("SELECT count(*) AS pending FROM deliveries WHERE status = 0")
      .get()!;
    return { ids: new Set(rows.map(({ id }) => String(id))), pending: Number(pending) };
  } finally {
    database.close();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
