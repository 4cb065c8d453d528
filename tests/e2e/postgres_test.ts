import { assertEquals, assertMatch } from "@std/assert";
import { execute, temporaryDatabase, testWithPostgres } from "../support/postgres.ts";
import { call, KEY, runKabar, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { oldServer, strictServer } from "../support/refusing_servers.ts";

const SECRET = "the-password-of-the-database";

testWithPostgres("gateway on Postgres delivers, and knows after a restart what it did", async () => {
  const dir = await Deno.makeTempDir();
  await using database = await temporaryDatabase({ bare: true });
  const receiver = await startReceiver();
  const env = {
    DATABASE_URL: database.url,
    WEBHOOK_URL: `${receiver.url}/hook`,
    ENCRYPTION_KEY: "a".repeat(64),
  };
  const first = await startGatewayProcess({ dir, env });

  const sent = await call(first.url, "POST", "/api/webhook/send", { eventType: "order.paid", data: {} });
  const codes = [await first.stop()];
  const second = await startGatewayProcess({ dir, env });
  const { body } = await call(second.url, "GET", "/v1/deliveries?limit=5&status=success");
  const webhooks = await call(second.url, "GET", "/v1/webhooks");
  codes.push(await second.stop());

  assertEquals(sent.body.result.success, true);
  assertEquals(receiver.requests.map(({ json }) => json.event), ["order.paid"]);
  assertEquals(body.data.deliveries.length, 1);
  assertEquals(webhooks.body.data.webhooks.length, 1);
  assertEquals(codes, [0, 0]);
  assertEquals([...Deno.readDirSync(`${dir}/data`)].map(({ name }) => name).includes("logs.db"), false);
  await receiver.stop();
  await Deno.remove(dir, { recursive: true });
});

testWithPostgres("gateway on Postgres keeps its database when the server ends its connections", async () => {
  const dir = await Deno.makeTempDir();
  await using database = await temporaryDatabase();
  const env = { DATABASE_URL: database.url };
  const gateway = await startGatewayProcess({ dir, env });
  await execute(
    database.url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  const ready = await fetch(`${gateway.url}/ready`);
  await ready.body?.cancel();

  const sent = await call(gateway.url, "POST", "/api/webhook/send", { eventType: "order.paid", data: {} });

  assertEquals([ready.status, sent.status, await gateway.stop()], [200, 200, 0]);
  await Deno.remove(dir, { recursive: true });
});

testWithPostgres(
  "serve, migrate and move say in one line on stderr why they cannot use the database",
  async () => {
    const dir = await Deno.makeTempDir();
    await using database = await temporaryDatabase({ bare: true });
    await using newer = await temporaryDatabase({ bare: true });
    await execute(
      newer.url,
      "CREATE TABLE schema_version (version BIGINT PRIMARY KEY)",
      "INSERT INTO schema_version VALUES (999)",
    );
    await using old = oldServer();
    await using strict = strictServer();
    const guest = `guest_${crypto.randomUUID().replaceAll("-", "")}`;
    await execute(database.url, `CREATE ROLE ${guest} LOGIN`, "REVOKE CREATE ON SCHEMA public FROM public");
    await Deno.mkdir(`${dir}/data`);
    openSqliteStore({ path: `${dir}/data/logs.db` }).close();
    const at = (url: string, change: (url: URL) => void) => {
      const changed = new URL(url);
      changed.password = SECRET;
      change(changed);
      return changed.href;
    };
    const wrong: readonly (readonly [url: string, why: RegExp])[] = [
      [
        at(database.url, (url) => url.pathname = "/nowhere"),
        /^Cannot reach the database: database "nowhere" does not exist/,
      ],
      [at(database.url, (url) => url.port = "1"), /^Cannot reach the database: .*ECONNREFUSED/],
      [
        at(newer.url, () => {}),
        /^Cannot use the database: its schema is version 999, this program knows up to \d+/,
      ],
      [
        at(database.url, (url) => url.username = guest),
        /^Cannot prepare the database: .*permission denied for schema public/,
      ],
      [at(old.url, () => {}), /^Cannot use the database: its server is PostgreSQL 13, 14 or later is needed/],
      [
        at(strict.url, () => {}),
        /^Cannot reach the database: password authentication failed for user "kabar"/,
      ],
    ];

    for (const verb of ["serve", "migrate", "move"]) {
      for (const [url, why] of wrong) {
        const { code, stdout, stderr } = await runKabar([verb], { dir, env: { DATABASE_URL: url } });
        const line = stderr.trimEnd();
        const { username, host, pathname } = new URL(url);

        assertMatch(line, why);
        assertEquals([verb, code, line.split("\n").length, line.includes(SECRET)], [verb, 1, 1, false]);
        assertEquals(line.endsWith(` (DATABASE_URL leads to ${username}@${host}${pathname})`), true, line);
        assertEquals(stdout, "");
      }
    }
    await execute(database.url, `DROP ROLE ${guest}`);
    await Deno.remove(dir, { recursive: true });
  },
);

Deno.test("gateway refuses a DATABASE_URL without a user, and one without an API_KEY beside it", async () => {
  const dir = await Deno.makeTempDir();

  const withoutKey = await runKabar(["serve"], {
    dir,
    env: { DATABASE_URL: "postgres://kabar@127.0.0.1:1/x", API_KEY: "" },
  });
  const withoutUser = await runKabar(["serve"], {
    dir,
    env: { DATABASE_URL: "postgres://127.0.0.1:1/x", API_KEY: KEY },
  });

  assertMatch(withoutKey.stderr, /API_KEY takes a key when DATABASE_URL is set/);
  assertMatch(withoutUser.stderr, /DATABASE_URL takes a URL such as .*, but it is something else/);
  assertEquals([withoutKey.code, withoutUser.code], [2, 2]);
  await Deno.remove(dir, { recursive: true });
});
