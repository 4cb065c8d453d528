// A PgBouncer in transaction mode before a database.
import { join } from "node:path";
import { until } from "./until.ts";
import { noPostgres, postgresUser } from "./postgres.ts";
import { freePort, isInstalled } from "./programs.ts";

const PROGRAM = "/usr/sbin/pgbouncer";

export interface Pooler extends AsyncDisposable {
  /** The database, through the pooler. */
  readonly url: string;
}

/** Declares a test that needs a Postgres and a pooler. */
export function testWithPooler(name: string, body: () => Promise<void>): void {
  const reason = noPostgres ?? (isInstalled(PROGRAM) ? undefined : "ignored: there is no PgBouncer");
  Deno.test({
    name: reason === undefined ? name : `${name} (${reason})`,
    ignore: reason !== undefined,
    fn: body,
  });
}

export async function startPooler(databaseUrl: string): Promise<Pooler> {
  const target = new URL(databaseUrl);
  const folder = await Deno.makeTempDir({ prefix: "kabar-pooler-" });
  const port = freePort();
  const settings = [
    "[databases]",
    `* = host=${target.hostname} port=${target.port}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = trust",
    `auth_file = ${folder}/users`,
    "pool_mode = transaction",
    "default_pool_size = 20",
  ];
  await Deno.writeTextFile(join(folder, "pgbouncer.ini"), settings.join("\n"));
  await Deno.writeTextFile(join(folder, "users"), `"${target.username}" ""\n`);
  await Deno.chmod(folder, 0o755);
  const user = Deno.uid() === 0 ? await postgresUser(folder) : {};
  const process = new Deno.Command(PROGRAM, {
    args: ["-q", join(folder, "pgbouncer.ini")],
    cwd: folder,
    stdout: "null",
    stderr: "null",
    ...user,
  }).spawn();
  const url = new URL(databaseUrl);
  url.port = String(port);
  const answers = () =>
    Deno.connect({ hostname: "127.0.0.1", port }).then((connection) => {
      connection.close();
      return true;
    }, () => false);
  await until(answers, "the pooler");
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      process.kill("SIGINT");
      await process.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
