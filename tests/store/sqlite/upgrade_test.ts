import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations/all.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { anInboxMessage, T0 } from "../contracts/samples.ts";
import { withFolder } from "../temporary.ts";

/** How many steps the schema had before blasts could be scheduled and asked for under a key. */
const BEFORE = 3;
/** And before it was noted how far chats were read. */
const BEFORE_READING = 31;

function anOlderFile(path: string): void {
  const database = new DatabaseSync(path);
  migrate(database, path, MIGRATIONS.slice(0, BEFORE));
  database.exec(`
    INSERT INTO tenants (id, name, status, created_at, updated_at)
      VALUES ('${DEFAULT_TENANT}', 'Own', 'active', ${T0}, ${T0});
    INSERT INTO blasts (id, tenant_id, status, via, device_ids, stopped, pace, total, duplicates, created_at, updated_at)
      VALUES ('blast_old', '${DEFAULT_TENANT}', 'running', 'qiscus', '[]', '{}', '{}', 7, 0, ${T0}, ${T0});
    INSERT INTO message_logs (job_id, channel, status, attempts, created_at, updated_at, tenant_id, to_address, content,
        context, idempotency_key, created_ms, updated_ms)
      VALUES ('msg_old', 'whatsapp', 'sent', 1, '', '', '${DEFAULT_TENANT}', '628@s.whatsapp.net', '{}', '{}', 'order-7',
        ${T0}, ${T0});
    INSERT INTO message_logs (job_id, channel, status, error_message, attempts, created_at, updated_at, tenant_id,
        to_address, content, context, created_ms, updated_ms)
      VALUES ('msg_absent', 'whatsapp', 'failed', 'This number is not on WhatsApp', 1, '', '', '${DEFAULT_TENANT}',
        '628@s.whatsapp.net', '{}', '{}', ${T0}, ${T0});
  `);
  database.close();
}

Deno.test("sqlite store upgrades a file of before blasts were scheduled, and keeps its blasts", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    anOlderFile(path);

    const store = openSqliteStore({ path });
    const old = await store.blasts.get("blast_old");
    await store.blasts.create({ ...old!, id: "blast_new", status: "scheduled", scheduledAt: T0 }, {
      idempotencyKey: "k",
      digest: "d",
    });
    const next = await store.blasts.nextScheduled();
    const asked = await store.blasts.byIdempotencyKey(DEFAULT_TENANT, "k");
    await store.close();

    assertEquals([old?.status, old?.total, old?.scheduledAt], ["running", 7, null]);
    assertEquals(next, { id: "blast_new", at: T0 });
    assertEquals(asked?.blast.id, "blast_new");
  }));

Deno.test("sqlite store upgrades a file of before messages had fingerprints, and finds them by their keys", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    anOlderFile(path);

    const store = openSqliteStore({ path });
    const old = await store.messages.byIdempotencyKey(DEFAULT_TENANT, "order-7");
    await store.close();

    assertEquals([old?.id, old?.fingerprint, old?.senderPhone], ["msg_old", null, null]);
  }));

Deno.test("sqlite store upgrades a file of before reading was noted: what had come in counts as read", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const database = new DatabaseSync(path);
    migrate(database, path, MIGRATIONS.slice(0, BEFORE_READING));
    database.exec(`
      INSERT INTO tenants (id, name, status, created_at, updated_at)
        VALUES ('${DEFAULT_TENANT}', 'Own', 'active', ${T0}, ${T0});
      INSERT INTO devices (id, tenant_id, kind, label, status, wanted, created_at, updated_at)
        VALUES ('device_old', '${DEFAULT_TENANT}', 'whatsapp', 'Kasir', 'connected', 1, ${T0}, ${T0});
      INSERT INTO inbox (device_id, message_id, chat, sender, from_me, payload, sent_at, published)
        VALUES ('device_old', 'm1', 'a@g.us', '1@lid', 0, x'00', ${T0}, 1);
    `);
    database.close();

    const store = openSqliteStore({ path });
    const unread = async () => (await store.chatReads.unread("device_old", ["a@g.us"])).get("a@g.us")?.count;
    const before = await unread();
    await store.inbox.journal([anInboxMessage("device_old", { chat: "a@g.us", sentAt: T0 + 1 })]);
    const after = await unread();
    await store.close();

    assertEquals([before, after], [0, 1]);
  }));

Deno.test("sqlite store upgrades a file of before failures had reasons as words", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    anOlderFile(path);

    const store = openSqliteStore({ path });
    const old = await store.messages.get("msg_absent");
    await store.close();

    assertEquals(old?.error, {
      code: null,
      message: "This number is not on WhatsApp",
      reason: "not_on_whatsapp",
    });
  }));

for (let version = 1; version < MIGRATIONS.length; version++) {
  Deno.test(`sqlite store upgrades a file of schema version ${version} to the tables of a new one`, () =>
    withFolder(async (folder) => {
      const [old, fresh] = [`${folder}/old.db`, `${folder}/fresh.db`];
      const database = new DatabaseSync(old);
      migrate(database, old, MIGRATIONS.slice(0, version));
      database.close();

      for (const path of [old, fresh]) await openSqliteStore({ path }).close();

      assertEquals(schemaOf(old), schemaOf(fresh));
    }));
}

/** The version of a file's schema, and each table, index and trigger by its name. */
function schemaOf(path: string): unknown {
  const database = new DatabaseSync(path, { readOnly: true });
  const version = database.prepare("PRAGMA user_version").get();
  const parts = database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").all();
  database.close();
  return { version, parts };
}
