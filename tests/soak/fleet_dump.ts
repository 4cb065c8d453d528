// Copies are made while the fleet works, and somebody looks at the database as it was five minutes ago.
import { Connection } from "../../src/store/postgres/connection.ts";
import type { TestFleet } from "../support/fleet.ts";
import { execute, postgresBinaries } from "../support/postgres.ts";
import { type Findings, type Scene, sleep } from "./fleet_drills.ts";

const DUMPS = 3;
export const SNAPSHOT_MS = 5 * 60_000;
const SPARE_MS = 75_000;
const LOOK_EVERY_MS = 5_000;
const LIMITS = { statementMs: 60_000, lockMs: 60_000, idleInTransactionMs: 0 };

export async function copyThrice({ fleet }: Scene): Promise<Findings> {
  const took: number[] = [];
  for (let dumps = 0; dumps < DUMPS; dumps++) {
    const started = performance.now();
    await dump(fleet.databaseUrl, "/dev/null", "custom");
    took.push(Math.round(performance.now() - started));
  }
  return { numbers: { dumps: DUMPS, longestMs: Math.max(...took), databaseMb: await sizeMb(fleet) } };
}

export async function keepSnapshot({ fleet }: Scene): Promise<Findings> {
  const connection = await Connection.open({ url: fleet.databaseUrl, name: "somebody who looks" }, LIMITS);
  try {
    await connection.send("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await connection.send("SELECT count(*) FROM events");
    await sleep(SNAPSHOT_MS);
    const isWarned = await warns(fleet);
    return {
      numbers: {
        snapshotS: SNAPSHOT_MS / 1_000,
        databaseMb: await sizeMb(fleet),
        warned: Number(isWarned),
      },
      problems: isWarned ? [] : ["nobody warned of a transaction that is five minutes old"],
    };
  } finally {
    await connection.close();
  }
}

async function sizeMb({ databaseUrl }: TestFleet): Promise<number> {
  const query = "SELECT (pg_database_size(current_database()) / 1e6)::float8 AS size";
  const [{ size }] = await execute(databaseUrl, query) as readonly { readonly size: number }[];
  return Math.round(size);
}

/** Whether a gateway warns in time. Logs are long by now: to read them all the time would slow down who is measured. */
async function warns(fleet: TestFleet): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < SPARE_MS; waitedMs += LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS);
    for (const place of fleet.places) {
      if ((await fleet.log(place)).includes("store.long_transaction")) return true;
    }
  }
  return false;
}

/** Copies a database to a file with pg_dump; a device file cannot be synced. */
export async function dump(url: string, file: string, format = "plain"): Promise<void> {
  const { success, stderr } = await new Deno.Command(`${await postgresBinaries()}/pg_dump`, {
    args: ["--no-sync", "-F", format, "-f", file, url],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot copy: ${new TextDecoder().decode(stderr)}`);
}
