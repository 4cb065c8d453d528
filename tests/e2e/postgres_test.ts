import { assertEquals, assertMatch } from "@std/assert";
import { execute, temporaryDatabase, testWithPostgres } from "../support/postgres.ts";
import { call, KEY, runKabar, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";

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

testWithPostgres("gateway says in one line why it cannot use its database", async () => {
  const dir = await Deno.makeTempDir();
  await using database = await temporaryDatabase({ bare: true });
  const url = new URL(database.url);
  const missing = new URL(url);
  missing.pathname = "/nowhere";
  const nobody = new URL(url);
  nobody.port = "1";
  await using newer = await temporaryDatabase({ bare: true });
  await execute(
    newer.url,
    "CREATE TABLE schema_version (version BIGINT PRIMARY KEY)",
    "INSERT INTO schema_version VALUES (999)",
  );
  const outcomes = [];
  for (const each of [missing.href, nobody.href, newer.url]) {
    outcomes.push(await runKabar(["serve"], { dir, env: { DATABASE_URL: each } }));
  }
  outcomes.push(await runKabar(["serve"], { dir, env: { DATABASE_URL: url.href, API_KEY: "" } }));
  outcomes.push(
    await runKabar(["serve"], { dir, env: { DATABASE_URL: `postgres://${url.host}/x`, API_KEY: KEY } }),
  );

  const lines = outcomes.map(({ stderr }) => stderr.trim());
  assertMatch(lines[0], /^Cannot reach the database: database "nowhere" does not exist$/);
  assertMatch(lines[1], /^Cannot reach the database: .*ECONNREFUSED.*$/);
  assertMatch(lines[2], /^Cannot use the database: its schema is version 999, this program knows up to \d+$/);
  assertMatch(lines[3], /API_KEY takes a key when DATABASE_URL is set/);
  assertMatch(lines[4], /DATABASE_URL takes a URL such as .*, but it is something else/);
  assertEquals(outcomes.map(({ code }) => code), [1, 1, 1, 2, 2]);
  await Deno.remove(dir, { recursive: true });
});
