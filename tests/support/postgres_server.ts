// A Postgres server that a test may stop and start.
import { join } from "node:path";
import { until } from "./until.ts";
import { execute, postgresBinaries, postgresUser } from "./postgres.ts";
import { freePort } from "./programs.ts";

export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** Of its database `postgres`. */
  readonly url: string;
  /** `fast`: as an operator restarts it; `immediate`: as after a crash. */
  stop(how: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
  /** Another server that has every commit before it is answered. */
  addReplica(): Promise<PostgresServer>;
  /** What it has written about itself. */
  log(): Promise<string>;
  /** Makes a replica a server that takes writes. */
  promote(): Promise<void>;
}

export interface ServerOptions {
  /** What its processes have in their environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const REPLICA = "kabar_replica";

/** Starts a server of Debian's packages that brings every commit to the disk. */
export async function startPostgresServer(options: ServerOptions = {}): Promise<PostgresServer> {
  const folder = await Deno.makeTempDir({ prefix: "kabar-server-" });
  return await startIn(
    folder,
    options,
    (run, data) =>
      run("initdb", "-D", data, "-U", "kabar", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "--no-sync"),
  );
}

type Run = (program: string, ...args: readonly string[]) => Promise<void>;

/** @param make Makes the server's folder. */
async function startIn(
  folder: string,
  { env }: ServerOptions,
  make: (run: Run, data: string) => Promise<void>,
): Promise<PostgresServer> {
  const bin = await postgresBinaries();
  await Deno.mkdir(folder, { recursive: true });
  const user = Deno.uid() === 0 ? await postgresUser(folder) : {};
  const data = join(folder, "data");
  const port = freePort();
  const run: Run = async (program, ...args) => {
    const { success, stderr } = await new Deno.Command(`${bin}/${program}`, {
      args: [...args],
      cwd: folder,
      env,
      stdout: "null",
      stderr: "piped",
      ...user,
    }).output();
    if (!success) throw new Error(`Cannot run ${program}: ${new TextDecoder().decode(stderr)}`);
  };
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c max_connections=200`;
  const server: PostgresServer = {
    port,
    url: `postgres://kabar@127.0.0.1:${port}/postgres`,
    start: () => run("pg_ctl", "-D", data, "-l", join(folder, "log"), "-o", options, "-w", "start"),
    stop: (how) => run("pg_ctl", "-D", data, "-m", how, "-w", "stop"),
    log: () => Deno.readTextFile(join(folder, "log")),
    promote: () => run("pg_ctl", "-D", data, "-w", "promote"),
    async addReplica() {
      const from = `host=127.0.0.1 port=${port} user=kabar application_name=${REPLICA}`;
      const replica = await startIn(
        `${folder}-replica`,
        { env },
        (copy, into) => copy("pg_basebackup", "-d", from, "-D", into, "-R", "-X", "stream", "-c", "fast"),
      );
      await execute(
        server.url,
        `ALTER SYSTEM SET synchronous_standby_names = '${REPLICA}'`,
        "SELECT pg_reload_conf()",
      );
      await until(
        async () =>
          (await execute(server.url, "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")).length >
            0,
        "the replica to follow",
      );
      return replica;
    },
    async [Symbol.asyncDispose]() {
      await server.stop("immediate").catch(() => {}); // it may be stopped already
      await Deno.remove(folder, { recursive: true });
    },
  };
  await make(run, data);
  await server.start();
  return server;
}
