// A real Postgres for tests: the one of KABAR_TEST_DATABASE_URL, or a private server of Debian's packages.
import { freePort } from "./programs.ts";
import { PATIENCE_MS } from "./until.ts";
import { join } from "node:path";
import { Connection } from "../../src/store/postgres/connection.ts";
import { MIGRATIONS } from "../../src/store/postgres/migrations/all.ts";
import { migrate } from "../../src/store/postgres/migrate.ts";
import { openPostgresStore, type PostgresStoreOptions } from "../../src/store/postgres/open.ts";
import type { Store } from "../../src/store/store.ts";

const LIMITS = { statementMs: 60_000, lockMs: 60_000, idleInTransactionMs: 60_000 };
/** Who runs a server that root must not run. */
const USERS = ["postgres", "nobody"];

/** Why there is no Postgres here; undefined: there is one. Tests that need one are ignored then. */
export const noPostgres: string | undefined = await reasonToSkip();

let server: Promise<string> | undefined;

/** Declares a test that needs a Postgres. */
export function testWithPostgres(name: string, body: () => Promise<void>): void {
  const suffix = noPostgres === undefined ? "" : ` (${noPostgres})`;
  Deno.test({ name: `${name}${suffix}`, ignore: noPostgres !== undefined, fn: body });
}

/** A database of its own, empty but for the schema, and its removal. */
export interface TemporaryDatabase extends AsyncDisposable {
  readonly url: string;
}

/**
 * Databases with the newest schema and nothing in them, to be used again: making one takes a quarter of a
 * second.
 */
const spare: string[] = [];

/** Makes a database with the newest schema. `bare`: with nothing in it. */
export async function temporaryDatabase({ bare = false } = {}): Promise<TemporaryDatabase> {
  const admin = await (server ??= startServer());
  const url = (bare ? undefined : spare.pop()) ?? await makeDatabase(admin, bare);
  return {
    url,
    async [Symbol.asyncDispose]() {
      if (bare) await execute(admin, `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
      else {
        await empty(url);
        spare.push(url);
      }
    },
  };
}

async function makeDatabase(admin: string, bare: boolean): Promise<string> {
  const name = `kabar_test_${crypto.randomUUID().replaceAll("-", "")}`;
  await execute(admin, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = urlOf(admin, name);
  if (!bare) await migrate({ url }, MIGRATIONS);
  return url;
}

async function empty(url: string): Promise<void> {
  const rows = await execute(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") as {
    readonly tablename: string;
  }[];
  const tables = rows.map(({ tablename }) => tablename).filter((name) => name !== "schema_version");
  await execute(
    url,
    "SET session_replication_role = replica", // without a look at references
    ...tables.map((table) => `DELETE FROM "${table}"`),
  );
}

/** Opens a store in a new database, which is removed when the store is closed. */
export async function openTemporaryPostgres(options: Omit<PostgresStoreOptions, "url"> = {}): Promise<Store> {
  const database = await temporaryDatabase();
  const store = await openPostgresStore({ url: database.url, ...options });
  return {
    ...store,
    async close() {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Runs statements on a database. */
export async function execute(url: string, ...statements: readonly string[]): Promise<unknown[]> {
  const connection = await Connection.open({ url, name: "kabar test" }, LIMITS);
  try {
    let rows: unknown[] = [];
    for (const statement of statements) ({ rows } = await connection.send(statement));
    return rows;
  } finally {
    await connection.close();
  }
}

function urlOf(admin: string, database: string): string {
  const url = new URL(admin);
  url.pathname = `/${database}`;
  return url.href;
}

async function reasonToSkip(): Promise<string | undefined> {
  if (Deno.env.get("KABAR_TEST_DATABASE_URL") !== undefined) return undefined;
  return await postgresBinaries() === undefined
    ? "ignored: there is no Postgres; install it (`apt-get install postgresql`) or set KABAR_TEST_DATABASE_URL"
    : undefined;
}

/** The folder of Debian's newest server. */
export async function postgresBinaries(): Promise<string | undefined> {
  try {
    const versions = [...Deno.readDirSync("/usr/lib/postgresql")].map(({ name }) => Number(name));
    const folder = `/usr/lib/postgresql/${Math.max(...versions)}/bin`;
    await Deno.stat(`${folder}/initdb`);
    return folder;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A database on a server of its own, which brings every commit to the disk as one in production does. */
export async function durableDatabase(): Promise<string> {
  return await makeDatabase(await startServer("-c synchronous_commit=on"), false);
}

const NOT_DURABLE = "-c fsync=off -c full_page_writes=off -c shared_buffers=32MB";

/** Starts a server that ends, and is removed, with this process, however that ends. */
async function startServer(options = NOT_DURABLE): Promise<string> {
  const given = Deno.env.get("KABAR_TEST_DATABASE_URL");
  if (given !== undefined) return given;
  const bin = await postgresBinaries();
  const folder = await Deno.makeTempDir({ prefix: "kabar-postgres-" });
  const user = Deno.uid() === 0 ? await postgresUser(folder) : undefined;
  const data = join(folder, "data");
  const port = freePort();
  const as = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  const made = await new Deno.Command(`${bin}/initdb`, {
    args: ["-D", data, "-U", "kabar", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "--no-sync"],
    cwd: folder,
    stdout: "null",
    stderr: "piped",
    ...as,
  }).output();
  if (!made.success) throw new Error(`Cannot make a cluster: ${new TextDecoder().decode(made.stderr)}`);
  // a shell that waits for the end of its input, which comes with the end of this process
  const script = `"$1"/postgres -D "$2" -p "$3" -k "$4" -c listen_addresses=127.0.0.1 $5 ` +
    `-c max_connections=200 >"$4"/log 2>&1 & ` +
    `server=$!; cat >/dev/null; kill -QUIT $server; wait $server; rm -rf "$4"`;
  const keeper = new Deno.Command("/bin/sh", {
    args: ["-c", script, "sh", bin ?? "", data, String(port), folder, options],
    cwd: folder,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    ...as,
  }).spawn();
  keeper.unref();
  const url = `postgres://kabar@127.0.0.1:${port}/postgres`;
  for (const deadline = Date.now() + PATIENCE_MS;;) {
    try {
      await execute(url, "SELECT 1");
      return url;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A user that the folder is given to. */
export async function postgresUser(folder: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const lines = (await Deno.readTextFile("/etc/passwd")).split("\n").map((line) => line.split(":"));
  const found = USERS.map((name) => lines.find(([each]) => each === name)).find((line) => line !== undefined);
  if (found === undefined) throw new Error("Cannot run Postgres as root, and there is no user nobody");
  const [uid, gid] = [Number(found[2]), Number(found[3])];
  await Deno.chown(folder, uid, gid);
  return { uid, gid };
}
