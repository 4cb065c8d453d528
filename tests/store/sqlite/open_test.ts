import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError } from "../../../src/errors.ts";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { createStore } from "../../../src/store/sql/store.ts";
import { openReader, openWriter } from "../../../src/store/sqlite/connection.ts";
import { SqliteDatabase } from "../../../src/store/sqlite/database.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations/all.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { aDraft, aNewDelivery, aWebhook, deliver, numbersOf, T0 } from "../contracts/samples.ts";
import { withFolder } from "../temporary.ts";

const ON_WINDOWS = Deno.build.os === "windows";

Deno.test({
  name: "sqlite store keeps its files private to their owner",
  ignore: ON_WINDOWS,
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/data/logs.db`;
      const store = openSqliteStore({ path });
      await store.settings.set("a", "b");

      const modeOf = (file: string) => (Deno.statSync(file).mode! & 0o777).toString(8);
      const modes = ["", "-wal", "-shm"].map((end) => modeOf(path + end));
      const folderMode = modeOf(`${folder}/data`);
      await store.close();

      assertEquals(modes, ["600", "600", "600"]);
      assertEquals(folderMode, "700");
    }),
});

Deno.test({
  name: "sqlite store makes a file private that was not",
  ignore: ON_WINDOWS,
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/logs.db`;
      await Deno.writeFile(path, new Uint8Array(), { mode: 0o644 });

      await openSqliteStore({ path }).close();

      assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    }),
});

Deno.test("sqlite store syncs every commit to the disk and writes ahead", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path });
    await store.close();

    const database = new DatabaseSync(path);
    const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0];
    const found = [pragma("journal_mode"), pragma("auto_vacuum")];
    database.close();

    assertEquals(found, ["wal", 2]);
  }));

Deno.test("sqlite store keeps what it had when it is opened again", () =>
  withFolder(async (folder) => {
    const path = `${folder}/data/logs.db`;
    const before = openSqliteStore({ path, now: () => T0 });
    await before.settings.set("a", "b");
    const appended = await before.events.append(aDraft(), [], T0);
    await before.close();

    const after = openSqliteStore({ path, now: () => T0 + 5 });
    const setting = await after.settings.get("a");
    const tenant = await after.tenants.get(DEFAULT_TENANT);
    const events = await after.events.list({ tenantId: DEFAULT_TENANT, limit: 9 });
    const next = await after.events.append(aDraft(), [], T0);
    await after.close();

    assertEquals(setting, "b");
    assertEquals(tenant?.createdAt, T0);
    assert(!appended.duplicate && !next.duplicate);
    assertEquals(events, [appended.event]);
    assertEquals(next.event.tenantSeq, 2);
  }));

Deno.test("sqlite store refuses a file of a newer program", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    await openSqliteStore({ path }).close();
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 7000");
    database.close();

    assertThrows(
      () => openSqliteStore({ path }),
      StoreUnavailableError,
      `Cannot open ${path}: its schema is version 7000, this program knows up to ${MIGRATIONS.length}`,
    );
  }));

Deno.test("sqlite store refuses a file that is no database, and leaves it alone", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const text = "these are the shop's holiday photos ".repeat(100);
    await Deno.writeTextFile(path, text);

    assertThrows(() => openSqliteStore({ path }), StoreUnavailableError, `Cannot open ${path}: `);

    assertEquals(await Deno.readTextFile(path), text);
  }));

Deno.test("sqlite store refuses a path that is a folder", () =>
  withFolder((folder) => {
    assertThrows(() => openSqliteStore({ path: folder }), StoreUnavailableError, `Cannot open ${folder}: `);
    return Promise.resolve();
  }));

Deno.test("sqlite store is unhealthy while its file cannot be written", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const writer = openWriter(path);
    migrate(writer, path, MIGRATIONS);
    const store = createStore({
      db: new SqliteDatabase({ writer, reader: openReader(path) }),
      now: () => T0,
    });

    writer.exec("PRAGMA query_only = ON");
    const without = await store.healthy();
    writer.exec("PRAGMA query_only = OFF");
    const within = await store.healthy();
    await store.close();

    assertEquals([without, within], [false, true]);
  }));

Deno.test("sqlite store takes only the steps of the schema that a file lacks", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database, "x.db", ["CREATE TABLE a (x)"]);

  migrate(database, "x.db", ["CREATE TABLE a (x)", "CREATE TABLE b (x)"]);

  const tables = database.prepare("SELECT name FROM sqlite_schema ORDER BY name").all().map(({ name }) =>
    name
  );
  assertEquals(tables, ["a", "b"]);
  assertEquals(database.prepare("PRAGMA user_version").get()?.user_version, 2);
  database.close();
});

Deno.test("sqlite store leaves the schema as it was when a step fails", () => {
  const database = new DatabaseSync(":memory:");

  assertThrows(
    () => migrate(database, "x.db", ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"]),
    StoreUnavailableError,
    "Cannot open x.db: making its schema version 2 failed: table a already exists",
  );

  assertEquals(database.prepare("SELECT name FROM sqlite_schema").all().map(({ name }) => name), ["a"]);
  assertEquals(database.prepare("PRAGMA user_version").get()?.user_version, 1);
  database.close();
});

Deno.test("sqlite store gives deliveries free that a dead process had in hand", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const webhook = aWebhook();
    const before = openSqliteStore({ path });
    await before.webhooks.create(webhook);
    const delivery = await deliver(before, webhook.id, T0, { claimed: true });
    const at = { now: T0, leaseMs: 60_000, limit: 9 };
    const held = await before.deliveries.claimDue(webhook.id, at);
    await before.close();

    const after = openSqliteStore({ path });
    const due = await after.deliveries.due([webhook.id], T0);
    const claimed = await after.deliveries.claimDue(webhook.id, at);
    const again = await after.deliveries.claim(delivery.number, at);
    await after.close();

    assertEquals(held, []);
    assertEquals(due.get(webhook.id)?.dueNow, true);
    assertEquals(numbersOf(claimed), [delivery.number]);
    assertEquals(again, undefined);
  }));

Deno.test("sqlite store opens, tells what is due and claims over a large backlog", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const webhook = aWebhook();
    const store = openSqliteStore({ path });
    await store.webhooks.create(webhook);
    await store.events.append(aDraft(), [aNewDelivery(webhook.id)], T0);
    await store.close();
    fillBacklog(path, webhook.id, 20_000);

    const reopened = openSqliteStore({ path });
    const due = await reopened.deliveries.due([webhook.id], T0);
    const claims = { now: T0, leaseMs: 1_000, limit: 100 };
    const claimed = await reopened.deliveries.claimDue(webhook.id, claims);
    const heads = await reopened.deliveries.claimHeads(webhook.id, claims);
    await reopened.close();

    assertEquals(due.get(webhook.id), { dueNow: true, nextDueAt: 1 });
    assertEquals(claimed.map(({ dueAt }) => dueAt), Array.from({ length: 100 }, (_, n) => n + 1));
    assertEquals(heads.length, 100);
  }));

/** Adds pending deliveries: a third in one long line behind each other, the rest free; the nth is due at n. */
function fillBacklog(path: string, webhookId: string, count: number): void {
  const database = new DatabaseSync(path);
  database.prepare(`
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)
    INSERT INTO deliveries (number, tenant_id, webhook_id, event_seq, event_id, name, status, blocked, due_at,
      leased_until, lease_epoch, ordering_key, created_at, updated_at)
    SELECT n + 10, 'tenant_default', ?, 1, 'evt_1', 'message.received', 0, n % 3 = 0 AND n > 3, n,
      9e15, 1, CASE WHEN n % 3 = 0 THEN 'chat' END, n, n FROM n`).run(count, webhookId);
  database.close();
}
