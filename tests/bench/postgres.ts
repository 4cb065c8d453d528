// The same deliveries on both engines in one run, and claims among a million, by several openings of one database.
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { durableDatabase, execute, noPostgres } from "../support/postgres.ts";
import { aDraft, engineOn, IN_FLIGHT, openEngine } from "./engines.ts";
import { compare, perSecond } from "./load.ts";
import { CpuPerPiece, cpuShown, startChild } from "./processes.ts";
import { ratioRow, type Row, type Section } from "./table.ts";

const PENDING = 1_000_000;
const CLAIMERS = 3;

export const postgres: Section = {
  name: "postgres",
  async run({ quick }) {
    if (noPostgres !== undefined) return [];
    const url = await durableDatabase();
    return [await deliveries(url, quick), ...await claims(url, quick ? PENDING / 10 : PENDING)];
  },
};

async function deliveries(url: string, quick: boolean): Promise<Row> {
  const receiver = await startChild("receiver.ts");
  const dir = await Deno.makeTempDir();
  const [file, database] = [await openEngine(dir), await engineOn(await openPostgresStore({ url }))];
  const total = quick ? 2_000 : 6_000;
  const cpu = { file: new CpuPerPiece(Deno.pid), database: new CpuPerPiece(Deno.pid) };
  const load = (work: () => Promise<void>, used: CpuPerPiece) => () =>
    used.during(total, () => perSecond(total, IN_FLIGHT, work));
  try {
    for (const bench of [file, database]) {
      await bench.subscribe({ url: `${receiver.url}/hook` });
      await perSecond(3_000, IN_FLIGHT, bench.deliver);
    }
    const compared = await compare(
      quick ? 3 : 7,
      load(file.deliver, cpu.file),
      load(database.deliver, cpu.database),
    );
    return ratioRow("durable delivery on Postgres, 64 in flight, against SQLite", compared, {
      atLeast: 0.65,
      besides: cpuShown(cpu.database, cpu.file),
    });
  } finally {
    await database[Symbol.asyncDispose]();
    await file[Symbol.asyncDispose]();
    await receiver.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

/** Several openings take a long queue in hand; each delivery must come to one of them. */
async function claims(url: string, pending: number): Promise<readonly Row[]> {
  const stores = await Promise.all(Array.from({ length: CLAIMERS }, () => openPostgresStore({ url })));
  try {
    const now = Date.now();
    await stores[0].events.append(aDraft(), [], now);
    await execute(
      url,
      `INSERT INTO deliveries (number, tenant_id, webhook_id, event_seq, event_id, name, status, blocked, due_at,
         leased_until, lease_epoch, created_at, updated_at)
       SELECT nextval('delivery_numbers'), 'tenant_default', 'wh_' || n % 50, 1, 'evt', 'message.received', 0, 0, ${now},
         0, 0, ${now}, ${now} FROM generate_series(1, ${pending}) AS n`,
      "ANALYZE deliveries",
    );
    const [times, seen] = [[] as number[], new Set<number>()];
    let twice = 0;
    await Promise.all(stores.map(async (store, claimer) => {
      for (let turn = 0; turn < 200; turn++) {
        const started = performance.now();
        const webhookId = `wh_${(turn + claimer) % 50}`;
        const some = await store.deliveries.claimDue(webhookId, { now, leaseMs: 600_000, limit: IN_FLIGHT });
        times.push(performance.now() - started);
        for (const { number } of some) seen.has(number) ? twice++ : seen.add(number);
      }
    }));
    const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)];
    return [{
      what: `claims of 64 among ${
        pending.toLocaleString("en")
      } pending, ${CLAIMERS} openings of one database`,
      measured: `p99 ${p99.toFixed(1)} ms; ${seen.size} claimed, ${twice} twice`,
      ratio: null,
      budget: "p99 < 100 ms, none twice",
      isMet: p99 < 100 && twice === 0,
    }];
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}
