import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { MoveError, moveVerb } from "../../src/cli/move.ts";
import { forgetSessionsVerb, migrateVerb } from "../../src/cli/migrate.ts";
import { backupVerb, restoreVerb } from "../../src/cli/backup.ts";
import { CommandError } from "../../src/cli/verb.ts";
import { parseSettings, type Settings } from "../../src/config.ts";
import { StoreUnavailableError } from "../../src/errors.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { Connection } from "../../src/store/postgres/connection.ts";
import { execute, temporaryDatabase, testWithPostgres } from "../support/postgres.ts";
import { startTcpProxy } from "../support/tcp_proxy.ts";
import { until } from "../support/until.ts";
import { aGateway } from "../store/contracts/gateways.ts";
import {
  aBlast,
  aDevice,
  aDraft,
  aMessage,
  anInboxMessage,
  aTenant,
  aWebhook,
  deliver,
  settle,
  T0,
} from "../store/contracts/samples.ts";

const ENCRYPTION_KEY = "a".repeat(64);

function settingsOf(env: Readonly<Record<string, string>>): Settings {
  const parsed = parseSettings({ API_KEY: "key", ENCRYPTION_KEY, ...env });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return parsed.settings;
}

/** Something of everything. */
async function fill(store: Store) {
  const tenant = aTenant();
  const device = aDevice({ alias: "kasir", wanted: true });
  const webhook = aWebhook({ ordering: "chat", headers: { "X-Own": "secret" } });
  const blast = aBlast();
  const message = aMessage({ deviceId: device.id, blastId: blast.id, status: "sent", waMessageId: "3EB0" });
  const inbox = anInboxMessage(device.id);
  await store.tenants.create(tenant, "hash");
  await store.devices.create(device);
  await store.webhooks.create(webhook);
  await store.credentials.save(device.id, "creds");
  await store.credentials.setKeys(device.id, [{ type: "session", id: "x", value: "1" }]);
  await store.inbox.journal([inbox]);
  await store.blasts.create(blast, { idempotencyKey: "k", digest: "d" });
  await store.messages.create(message);
  const receipt = { participant: "1@lid", receipt: "read", deliveredAt: T0, readAt: T0 } as const;
  await store.receipts.put({ messageId: message.id, ...receipt });
  const first = await deliver(store, webhook.id, T0, { orderingKey: "chat", claimed: true });
  await deliver(store, webhook.id, T0, { orderingKey: "chat" });
  const { number } = await deliver(store, webhook.id, T0);
  await store.deliveries.record(
    {
      deliveryNumber: number,
      attempt: 1,
      startedAt: T0,
      durationMs: 3,
      statusCode: 500,
      error: "HTTP 500",
      response: "a\0b",
    },
    { status: "failed" },
    T0,
  );
  await store.systemLog.write({ level: "info", message: "hello", metadata: { a: 1 }, createdAt: T0 });
  await store.settings.set("own", "value");
  return { tenant, device, webhook, blast, message, inbox, first, failed: number };
}

/** Runs a test with a filled file and an empty database. */
function test(
  name: string,
  body: (world: {
    readonly folder: string;
    readonly settings: Settings;
    readonly url: string;
    readonly made: Awaited<ReturnType<typeof fill>>;
    readonly print: (line: string) => void;
    readonly lines: string[];
  }) => Promise<void>,
): void {
  testWithPostgres(`kabar move ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    await using database = await temporaryDatabase({ bare: true });
    const store = openSqliteStore({
      path: `${folder}/logs.db`,
      encryptionKey: ENCRYPTION_KEY,
      now: () => T0,
    });
    const made = await fill(store);
    await store.close();
    const lines: string[] = [];
    const settings = settingsOf({ DATA_DIR: folder, DATABASE_URL: database.url });
    await body({ folder, settings, url: database.url, made, lines, print: (line) => lines.push(line) });
    await Deno.remove(folder, { recursive: true });
  });
}

test("brings everything over, and numbers go on from there", async ({ settings, url, made, print, lines }) => {
  await moveVerb({ dryRun: false }, settings, print);

  const store = await openPostgresStore({ url, encryptionKey: ENCRYPTION_KEY, now: () => T0 });
  const { tenant, device, webhook, blast, message, inbox, first, failed } = made;
  assertEquals(await store.tenants.byKeyHash("hash"), tenant);
  assertEquals(await store.devices.get(device.id), device);
  assertEquals(await store.webhooks.get(webhook.id), webhook);
  assertEquals(await store.credentials.load(device.id), "creds");
  assertEquals((await store.credentials.keys(device.id, "session", ["x"])).get("x"), "1");
  assertEquals(await store.inbox.unpublished(device.id, 5), [inbox]);
  assertEquals((await store.blasts.byIdempotencyKey(DEFAULT_TENANT, "k"))?.blast, blast);
  assertEquals(await store.messages.get(message.id), message);
  assertEquals(await store.receipts.counts(message.id), { delivered: 1, read: 1, played: 0 });
  assertEquals((await store.deliveries.attempts(failed))[0].response, "a\uFFFDb");
  assertEquals((await store.messageHistory.byDay(DEFAULT_TENANT)).map(({ count }) => count), [1]);
  assertEquals(await store.settings.get("own"), "value");

  const heads = await store.deliveries.claimHeads(webhook.id, { now: T0, leaseMs: 1_000, limit: 5 });
  assertEquals(heads.map(({ number }) => number), [first.number]); // what was in hand is free
  await settle(store, first, "success");
  const appended = await store.events.append(aDraft(), [], T0);
  assert(!appended.duplicate && appended.event.tenantSeq === 4 && appended.event.seq > 3);
  assertEquals((await deliver(store, webhook.id)).number > failed, true);
  await store.messages.create(aMessage());
  await store.devices.create(aDevice());
  assertEquals((await store.messageHistory.byDay(DEFAULT_TENANT)).length, 2); // the counting goes on
  await store.close();
  assert(lines.some((line) => line === "deliveries: 3"));
  assert(lines.some((line) => /^The character NUL stood in 1 rows/.test(line)));
});

test("leaves a file that no gateway serves any more", async ({ folder, settings, print }) => {
  await moveVerb({ dryRun: false }, settings, print);

  await assertRejects(
    async () => await openSqliteStore({ path: `${folder}/logs.db`, encryptionKey: ENCRYPTION_KEY }).close(),
    StoreUnavailableError,
    "it was moved to",
  );
  await assertRejects(() => moveVerb({ dryRun: false }, settings, print), MoveError, "already");
});

test("only counts on a dry run", async ({ folder, settings, url, print, lines }) => {
  await moveVerb({ dryRun: true }, settings, print);

  assert(lines.includes("deliveries: 3") && lines.includes("devices: 1"));
  assertMatch(lines.at(-1) ?? "", /^Nothing was copied\. .* is empty and can be filled$/);
  assertEquals(await execute(url, "SELECT to_regclass('events') IS NULL AS bare"), [{ bare: 1 }]);
  await openSqliteStore({ path: `${folder}/logs.db`, encryptionKey: ENCRYPTION_KEY }).close();
});

test("refuses a database that is in use, and leaves both as they are", async ({ folder, settings, url, print }) => {
  const store = await openPostgresStore({ url });
  await store.devices.create(aDevice());
  await store.close();

  for (const dryRun of [true, false]) {
    await assertRejects(() => moveVerb({ dryRun }, settings, print), MoveError, "it is not empty");
  }

  await openSqliteStore({ path: `${folder}/logs.db`, encryptionKey: ENCRYPTION_KEY }).close();
});

test("refuses a wrong key, a database that is away, and a folder without a file", async ({ settings, print, lines }) => {
  const away = new URL(settings.DATABASE_URL ?? "");
  away.port = "1";
  const empty = await Deno.makeTempDir();
  const wrong: readonly (readonly [Partial<Settings>, RegExp])[] = [
    [{ ENCRYPTION_KEY: "b".repeat(64) }, /ENCRYPTION_KEY is not the key/],
    [{ DATABASE_URL: away.href }, /Cannot reach the database/],
    [{ DATABASE_URL: undefined }, /DATABASE_URL does not say where to/],
    [{ DATA_DIR: empty }, /there is no such file/],
  ];

  for (const [change, why] of wrong) {
    const { message } = await assertRejects(
      () => moveVerb({ dryRun: false }, { ...settings, ...change }, print),
      Error,
    );
    assertMatch(message, why);
  }

  assertEquals(lines, []); // what is wrong is no output
  await Deno.remove(empty, { recursive: true });
});

testWithPostgres(
  "kabar migrate makes the schema once, and backup and restore say what to do on Postgres",
  async () => {
    const folder = await Deno.makeTempDir();
    await using database = await temporaryDatabase({ bare: true });
    const settings = settingsOf({ DATA_DIR: folder, DATABASE_URL: database.url });
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);

    await migrateVerb(settings, print);
    await migrateVerb(settings, print);
    await assertRejects(() => backupVerb(`${folder}/copy`, settings, print), CommandError, "pg_dump");
    const { message } = await assertRejects(
      () => restoreVerb(`${folder}/copy`, { force: true }, settings, print),
      CommandError,
    );

    assertMatch(lines[0], /^The schema was version 0 and is \d+ now$/);
    assertMatch(lines[1], /^The schema is version \d+ already$/);
    assertMatch(message, /pg_restore.*kabar forget-sessions/);
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("kabar restore makes nothing when there is no copy", async () => {
  const folder = await Deno.makeTempDir();
  const settings = settingsOf({ DATA_DIR: `${folder}/data` });

  await assertRejects(
    () => restoreVerb(`${folder}/none`, { force: false }, settings, () => {}),
    CommandError,
    `Cannot restore from ${folder}/none: there is no such file`,
  );

  assertEquals([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder, { recursive: true });
});

testWithPostgres("kabar forget-sessions throws ratchets away and keeps the pairing", async () => {
  const folder = await Deno.makeTempDir();
  await using database = await temporaryDatabase();
  const settings = settingsOf({ DATA_DIR: folder, DATABASE_URL: database.url });
  const store = await openPostgresStore({ url: database.url, encryptionKey: ENCRYPTION_KEY });
  const { device } = await fill(store);
  await store.close();

  await forgetSessionsVerb(settings, () => {});

  const after = await openPostgresStore({ url: database.url, encryptionKey: ENCRYPTION_KEY });
  assertEquals(await after.credentials.load(device.id), "creds");
  assertEquals((await after.credentials.keys(device.id, "session", ["x"])).size, 0);
  await after.close();
  await Deno.remove(folder, { recursive: true });
});

testWithPostgres("kabar forget-sessions waits for all gateways to be stopped", async () => {
  const folder = await Deno.makeTempDir();
  await using database = await temporaryDatabase();
  const settings = settingsOf({ DATA_DIR: folder, DATABASE_URL: database.url, LEASE_SECONDS: "2" });
  const store = await openPostgresStore({ url: database.url, encryptionKey: ENCRYPTION_KEY });
  await store.gateways.join(aGateway("a", { name: "kabar-1" })); // what a copy that was brought back tells of
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  await forgetSessionsVerb(settings, print);
  let lives = true;
  const living = (async () => {
    while (lives) await store.gateways.beat("a");
  })();

  const { message } = await assertRejects(() => forgetSessionsVerb(settings, print), StoreUnavailableError);

  lives = false;
  await living;
  await store.close();
  await Deno.remove(folder, { recursive: true });
  assertEquals(lines.length, 1);
  assertEquals(message, "Cannot forget sessions: gateways still run (kabar-1). Stop them first");
});

testWithPostgres("kabar move finds on a dry run what it would fail at, and leaves nothing", async () => {
  const folder = await Deno.makeTempDir();
  await using empty = await temporaryDatabase({ bare: true });
  await using newer = await temporaryDatabase({ bare: true });
  await execute(
    newer.url,
    "CREATE TABLE schema_version (version BIGINT PRIMARY KEY)",
    "INSERT INTO schema_version VALUES (9999)",
  );
  await openSqliteStore({ path: `${folder}/logs.db`, encryptionKey: ENCRYPTION_KEY }).close();
  const dryRun = (url: string) =>
    moveVerb({ dryRun: true }, settingsOf({ DATA_DIR: folder, DATABASE_URL: url }), () => {});

  const { message } = await assertRejects(() => dryRun(newer.url), StoreUnavailableError);
  await dryRun(empty.url);

  const made = await execute(empty.url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
  await Deno.remove(folder, { recursive: true });
  assertEquals(made, []);
  assertMatch(message, /schema is version 9999, this program knows up to/);
});

testWithPostgres(
  "kabar move compares thousands of rows, whose times add up to more than a number holds",
  async () => {
    const folder = await Deno.makeTempDir();
    await using database = await temporaryDatabase({ bare: true });
    const store = openSqliteStore({ path: `${folder}/logs.db`, encryptionKey: ENCRYPTION_KEY });
    const count = 6_000; // 5,300 times of today are the most that a number adds up exactly
    await Promise.all(
      Array.from({ length: count }, (_, n) => store.events.append(aDraft(), [], T0 + 37 * n)),
    );
    await store.close();
    const lines: string[] = [];

    await moveVerb(
      { dryRun: false },
      settingsOf({ DATA_DIR: folder, DATABASE_URL: database.url }),
      (line) => lines.push(line),
    );

    assert(lines.includes(`events: ${count}`));
    await Deno.remove(folder, { recursive: true });
  },
);

/** Fails when the tables are analysed: once there are events to look at. */
const NOT_ANALYSED = [
  `CREATE FUNCTION early(number int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
   BEGIN
     IF to_regclass('public.events') IS NOT NULL THEN RAISE 'too late'; END IF;
     RETURN number;
   END $$`,
  "CREATE TABLE others (number int)",
  "CREATE INDEX others_early ON others (early(number))",
  "INSERT INTO others VALUES (1)",
];

test("is over when everything is there, though the server cannot analyse it", async ({ settings, url, print }) => {
  await execute(url, ...NOT_ANALYSED);

  await moveVerb({ dryRun: false }, settings, print);

  await assertRejects(() => moveVerb({ dryRun: false }, settings, print), MoveError, "already");
});

/** Holds up the commit of who stores an event for as long as somebody has the lock. */
const HOLD_UP = [
  `CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     SET LOCAL lock_timeout = 0;
     PERFORM pg_advisory_xact_lock(1);
     RETURN NULL;
   END $$`,
  "CREATE CONSTRAINT TRIGGER hold_up AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED " +
  "FOR EACH ROW EXECUTE FUNCTION hold_up()",
];

const WAITING = `
  SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
  WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`;

test("goes on where the answer to its commit was lost, and nobody serves the file meanwhile", async ({ folder, settings, url, print, lines }) => {
  await migrateVerb(settings, () => {});
  await execute(url, ...HOLD_UP);
  const direct = new URL(url);
  await using proxy = startTcpProxy(Number(direct.port));
  const through = { ...settings, DATABASE_URL: url.replace(`:${direct.port}/`, `:${proxy.port}/`) };
  const holder = await Connection.open({ url }, {
    statementMs: 60_000,
    lockMs: 60_000,
    idleInTransactionMs: 60_000,
  });
  await holder.send("SELECT pg_advisory_lock(1)");

  const waiting = async (count: number) => (await execute(url, WAITING)).length === count;

  const moving = assertRejects(() => moveVerb({ dryRun: false }, through, print), StoreUnavailableError);
  await until(() => waiting(1), "the commit to be held up");
  proxy.cut();
  const { message } = await moving;
  assertMatch(message, /Run `kabar move` again/);
  await assertRejects(
    async () => await openSqliteStore({ path: `${folder}/logs.db`, encryptionKey: ENCRYPTION_KEY }).close(),
    StoreUnavailableError,
    "was interrupted",
  );
  const again = moveVerb({ dryRun: false }, through, print);
  await until(() => waiting(2), "the second move to wait for the first one's end");
  await holder.close();
  await again;

  assertMatch(lines.at(-1) ?? "", /has everything/);
  await assertRejects(() => moveVerb({ dryRun: false }, through, print), MoveError, "already");
});

test("takes what a copy that was being brought back holds, not what it was to replace", async ({ folder, settings, url, print }) => {
  const copy = openSqliteStore({ path: `${folder}/copy.db`, encryptionKey: ENCRYPTION_KEY, now: () => T0 });
  await copy.devices.create(aDevice({ label: "of the copy" }));
  await copy.close();
  await Deno.rename(`${folder}/copy.db`, `${folder}/logs.db.restored`); // how far `kabar restore` had come

  await moveVerb({ dryRun: false }, settings, print);

  assertEquals(await execute(url, "SELECT label FROM devices"), [{ label: "of the copy" }]);
  await assertRejects(
    async () => await openSqliteStore({ path: `${folder}/logs.db`, encryptionKey: ENCRYPTION_KEY }).close(),
    StoreUnavailableError,
    "it was moved to",
  );
});
