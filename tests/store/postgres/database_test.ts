import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConflictError, StoreUnavailableError } from "../../../src/errors.ts";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { openPostgresStore, type PostgresStoreOptions } from "../../../src/store/postgres/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { execute, temporaryDatabase, testWithPostgres } from "../../support/postgres.ts";
import { aDevice, aDraft, aMessage, aNewDelivery, aWebhook, deliver, T0 } from "../contracts/samples.ts";
import { withPostgresStore } from "../temporary.ts";

function test(name: string, body: (store: Store, url: string) => Promise<void>): void {
  testWithPostgres(`postgres store ${name}`, () => withPostgresStore(body));
}

/** Ends every connection that others have to the database. */
const END_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity " +
  "WHERE datname = current_database() AND pid <> pg_backend_pid()";

test("keeps what the character NUL stands in, without it", async (store) => {
  const webhook = aWebhook();
  await store.webhooks.create(webhook);
  const { number } = await deliver(store, webhook.id);
  const attempt = {
    deliveryNumber: number,
    attempt: 1,
    startedAt: T0,
    durationMs: 1,
    statusCode: 500,
    error: "HTTP 500",
    response: "a\0b",
  };

  await store.deliveries.record(attempt, { status: "failed" }, T0);
  await store.devices.create(aDevice({ label: "Front\0desk" }));
  const data = { name: "order.paid", payload: { note: "a\0b" } };
  await store.events.append(aDraft({ data }), [], T0);

  const [kept] = await store.deliveries.attempts(number);
  const [device] = await store.devices.list({});
  const events = await store.events.list({ tenantId: DEFAULT_TENANT, limit: 5 });
  assertEquals([kept.response, device.label], ["a\uFFFDb", "Front\uFFFDdesk"]);
  assertEquals(events.at(-1)?.data, data);
});

test("does not find what has the character NUL in its id", async ({ devices, deliveries, messages }) => {
  assertEquals(await devices.get("\0"), undefined);
  assertEquals(await devices.find(DEFAULT_TENANT, "\0"), undefined);
  assertEquals(await messages.get("\0"), undefined);
  assertEquals(await deliveries.list({ eventId: "\0" }, { limit: 5 }), []);
});

test("compares texts byte by byte, whatever the database's own order is", async (_, url) => {
  const others = await execute(
    url,
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`,
  );

  assertEquals(others, []);
});

test("undoes a write that fails alone, and keeps those that came with it", async (store) => {
  const device = aDevice();
  await store.devices.create(device);

  const results = await Promise.allSettled([
    store.devices.create(aDevice({ id: "device_before" })),
    store.devices.create(device),
    store.events.append(aDraft(), [], T0),
    store.events.append(aDraft({ tenantId: "tenant_nobody" }), [], T0),
    store.devices.create(aDevice({ id: "device_after" })),
  ]);

  assertEquals(results.map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  assertEquals(await store.devices.count({}), 3);
  assertEquals((await store.events.range(DEFAULT_TENANT)).newest, 1);
});

/** Fails the writing of a key once, as a server does that has to choose among transactions. */
const FAIL_ONCE = `
  CREATE SEQUENCE writings;
  CREATE FUNCTION fail_once() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  BEGIN
    IF nextval('writings') = 1 THEN
      RAISE EXCEPTION 'not now' USING ERRCODE = '40001';
    END IF;
    RETURN NEW;
  END
  $$;
  CREATE TRIGGER fail_once BEFORE INSERT ON signal_keys FOR EACH ROW EXECUTE FUNCTION fail_once();`;

test("commits together, the second time, what a passing failure of one has undone", async (store, url) => {
  const device = aDevice();
  await store.devices.create(device);
  const write = (name: string) =>
    Promise.all([
      store.credentials.setKeys(device.id, [{ type: "session", id: name, value: name }]),
      store.events.append(aDraft(), [], T0),
      store.events.append(aDraft(), [], T0),
    ]);
  for (const name of ["a", "b", "c"]) await write(name); // statements are prepared from now on
  await execute(url, FAIL_ONCE);

  await write("d");

  const rows = await execute(
    url,
    "SELECT xmin::text FROM signal_keys WHERE id = 'd' UNION SELECT xmin::text FROM events WHERE tenant_seq > 6",
  );
  assertEquals(rows.length, 1);
});

test("goes on when its connections are ended", async (store, url) => {
  await store.settings.set("a", "1");
  await store.settings.get("a");

  await execute(url, END_CONNECTIONS);
  const results = await Promise.allSettled([
    store.settings.set("a", "2"),
    store.events.append(aDraft(), [], T0),
    store.settings.get("b"),
    store.devices.list({}),
  ]);

  assertEquals(results.map(({ status }) => status), ["fulfilled", "fulfilled", "fulfilled", "fulfilled"]);
  assertEquals(await store.settings.get("a"), "2");
});

test("stores every event once while its connections are ended again and again", async (store, url) => {
  const webhook = aWebhook();
  await store.webhooks.create(webhook);
  let stored = 0;
  let writing = true;
  const write = async () => {
    while (writing) {
      const dedupeKey = `key ${stored}`;
      // an answer may be lost with the connection: whoever is in doubt asks again under the same key
      const append = () => store.events.append(aDraft({ dedupeKey }), [aNewDelivery(webhook.id)], T0);
      await append().catch((error) => {
        if (!(error instanceof StoreUnavailableError)) throw error;
        return append();
      });
      stored++;
    }
  };

  const writer = write();
  for (let round = 0; round < 5; round++) {
    const before = stored;
    while (stored < before + 10) await store.settings.get("a");
    await execute(url, END_CONNECTIONS);
  }
  writing = false;
  await writer;

  const { newest } = await store.events.range(DEFAULT_TENANT);
  assertEquals([newest, (await store.deliveries.backlog()).pending], [stored, stored]);
});

test("runs its prepared statements after the schema has grown", async (store, url) => {
  await store.messages.create(aMessage({ id: "msg_1" }));
  for (let i = 0; i < 3; i++) await store.messages.get("msg_1");

  await execute(url, "ALTER TABLE message_logs ADD COLUMN later TEXT");
  const found = await store.messages.get("msg_1");
  const changed = await store.messages.change("msg_1", () => ({ status: "sent" }), T0);
  await execute(url, "ALTER TABLE message_logs DROP COLUMN later");

  assertEquals([found?.id, changed?.message.status], ["msg_1", "sent"]);
});

test("tells its listeners that news may have been missed when it listens anew", async (store, url) => {
  const heard = Promise.withResolvers<string | null>();
  store.news.hear("devices", heard.resolve);

  await execute(url, END_CONNECTIONS);

  assertEquals(await heard.promise, null);
});

test("says that it is healthy, and what is wrong when it is closed", async (store) => {
  assertEquals(await store.healthy(), true);

  await store.close();

  await assertRejects(() => store.settings.get("a"), StoreUnavailableError, "closed");
  await assertRejects(() => store.settings.set("a", "b"), StoreUnavailableError, "closed");
});

test("commits what was asked for before it is closed", async (store, url) => {
  const writes = Promise.all(Array.from({ length: 50 }, () => store.events.append(aDraft(), [], T0)));

  await store.close();
  await writes;

  const again = await openPostgresStore({ url });
  assertEquals((await again.events.range(DEFAULT_TENANT)).newest, 50);
  await again.close();
});

test("takes and gives many rows, and long texts, at once", async (store) => {
  const device = aDevice();
  await store.devices.create(device);
  const value = "x".repeat(500_000);
  await store.credentials.save(device.id, value);
  const messages = Array.from({ length: 2_000 }, () => aMessage());

  await store.messages.createAll(messages);

  assertEquals((await store.messages.list({}, { limit: 5_000 })).length, 2_000);
  assertEquals(await store.credentials.load(device.id), value);
});

testWithPostgres(
  "postgres store works behind a pooler: without listening",
  async () => {
    await using database = await temporaryDatabase();
    const store = await openPostgresStore({ url: database.url, pooled: true });
    const heard = Promise.withResolvers<string | null>();
    store.news.hear("devices", heard.resolve);
    for (let i = 0; i < 3; i++) await store.settings.set("a", String(i));

    store.news.tell("devices", "device_1");
    const own = await heard.promise;
    const listeners = await execute(
      database.url,
      "SELECT count(*) AS count FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
    );
    await store.close();

    assertEquals([own, store.news.hearsOthers], ["device_1", false]);
    assertEquals(listeners, [{ count: 0 }]);
  },
);

const KEY = "a".repeat(64);

async function opened(options: PostgresStoreOptions): Promise<void> {
  await (await openPostgresStore(options)).close();
}

testWithPostgres("postgres store seals secrets with ENCRYPTION_KEY, also those of before", async () => {
  await using database = await temporaryDatabase();
  const { url } = database;
  const webhook = aWebhook();
  const open = await openPostgresStore({ url });
  await open.webhooks.create(webhook);
  await open.close();

  const sealed = await openPostgresStore({ url, encryptionKey: KEY });
  const read = await sealed.webhooks.get(webhook.id);
  await sealed.close();

  const [row] = await execute(url, "SELECT secrets, headers FROM webhooks") as Record<string, string>[];
  assertEquals(read, webhook);
  assert(row.secrets.startsWith("sealed:1:") && row.headers.startsWith("sealed:1:"));
  await assertRejects(() => opened({ url }), StoreUnavailableError, "ENCRYPTION_KEY is not set");
  await assertRejects(
    () => opened({ url, encryptionKey: "b".repeat(64) }),
    StoreUnavailableError,
    "ENCRYPTION_KEY is not the key",
  );
});

testWithPostgres("postgres store that several open at once for the first time is made once", async () => {
  await using database = await temporaryDatabase({ bare: true });
  const { url } = database;

  await Promise.all(Array.from({ length: 5 }, () => opened({ url, encryptionKey: KEY })));

  const [tenants] = await execute(url, "SELECT count(*) AS count FROM tenants") as { count: number }[];
  assertEquals(tenants.count, 1);
});

testWithPostgres("postgres store refuses a database whose encoding cannot hold every text", async () => {
  await using database = await temporaryDatabase({ bare: true });
  const name = `latin_${crypto.randomUUID().replaceAll("-", "")}`;
  await execute(database.url, `CREATE DATABASE ${name} ENCODING LATIN1 LOCALE 'C' TEMPLATE template0`);
  const url = new URL(database.url);
  url.pathname = `/${name}`;

  await assertRejects(() => opened({ url: url.href }), StoreUnavailableError, "its encoding is LATIN1");
  await execute(database.url, `DROP DATABASE ${name}`);
});

testWithPostgres("postgres store says who may not do what", async () => {
  await using database = await temporaryDatabase({ bare: true });
  const name = `guest_${crypto.randomUUID().replaceAll("-", "")}`;
  await execute(database.url, `CREATE ROLE ${name} LOGIN`, "REVOKE CREATE ON SCHEMA public FROM public");
  const url = new URL(database.url);
  url.username = name;

  await assertRejects(
    () => opened({ url: url.href }),
    StoreUnavailableError,
    "permission denied for schema public",
  );
  await execute(database.url, `DROP ROLE ${name}`);
});

test("refuses a second device with the same alias as SQLite does", async ({ devices }) => {
  await devices.create(aDevice({ alias: "kasir" }));

  await assertRejects(() => devices.create(aDevice({ alias: "kasir" })), ConflictError);
});

test("hears news after somebody has notified by hand on its channel", async (store, url) => {
  const heard = Promise.withResolvers<string | null>();
  store.news.hear("devices", heard.resolve);

  await execute(url, "NOTIFY kabar", "NOTIFY kabar, 'hello'", "NOTIFY kabar, '[1,null,[\"devices\"]]'");
  store.news.tell("devices", "device_1");

  assertEquals(await heard.promise, "device_1");
});

testWithPostgres(
  "postgres store numbers events without gaps whatever isolation the server prefers",
  async () => {
    await using database = await temporaryDatabase({ bare: true });
    const { url } = database;
    await execute(
      url,
      `ALTER DATABASE ${
        new URL(url).pathname.slice(1)
      } SET default_transaction_isolation = 'repeatable read'`,
    );
    const stores = await Promise.all(["a", "b"].map(() => openPostgresStore({ url })));

    const numbers: number[] = [];
    const append = async ({ events }: Store) => {
      for (let count = 0; count < 40; count++) {
        const stored = await events.append(aDraft(), [], T0);
        if (!stored.duplicate) numbers.push(stored.event.tenantSeq);
      }
    };

    await Promise.all(stores.map(append));

    assertEquals(numbers.toSorted((a, b) => a - b), Array.from({ length: 80 }, (_, index) => index + 1));
    for (const store of stores) await store.close();
  },
);
