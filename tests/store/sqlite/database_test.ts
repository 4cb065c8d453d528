import { assertEquals, assertGreater, assertInstanceOf, assertRejects } from "@std/assert";
import type { DatabaseSync } from "node:sqlite";
import { ConflictError, StoreUnavailableError } from "../../../src/errors.ts";
import { type Query, run, type Work } from "../../../src/store/sql/database.ts";
import { openReader, openWriter } from "../../../src/store/sqlite/connection.ts";
import { SqliteDatabase } from "../../../src/store/sqlite/database.ts";
import type { Flusher } from "../../../src/store/sqlite/flush.ts";
import { withFolder } from "../temporary.ts";
import { type Clock, systemClock } from "../../../src/async/clock.ts";
import { settled } from "../../support/manual_clock.ts";
import { until } from "../../support/until.ts";

interface Setup {
  readonly db: SqliteDatabase;
  readonly writer: DatabaseSync;
  readonly path: string;
  /** How often something was committed so far. */
  readonly commits: () => number;
  /** The timers that it has set, ms. */
  readonly waits: readonly number[];
}

/** Counts the commits of a connection. */
function countCommits(writer: DatabaseSync): () => number {
  const prepare = writer.prepare.bind(writer);
  let count = 0;
  writer.prepare = (sql) => {
    const statement = prepare(sql);
    if (sql !== "COMMIT") return statement;
    const commit = statement.run.bind(statement);
    statement.run = () => {
      count++;
      return commit();
    };
    return statement;
  };
  return () => count;
}

/** A disk that is done with a flush when it is told to be. */
function aSlowDisk() {
  const flushes: { done(): void; fail(error: Error): void }[] = [];
  const flusher: Flusher = {
    flush: () =>
      new Promise((resolve, reject) => {
        flushes.push({ done: resolve, fail: reject });
      }),
    close: () => Promise.resolve(),
  };
  return { flusher, flushes };
}

/** Lets the event loop go round a few times. */
async function turns(): Promise<void> {
  for (let n = 0; n < 5; n++) await settled();
}

/** A database with one table of unique names. Its batches take no time unless `monotonic` says so. */
function withDatabase(
  body: (setup: Setup) => Promise<void>,
  flusher?: Flusher,
  monotonic = () => 0,
): Promise<void> {
  return withFolder(async (folder) => {
    const path = `${folder}/test.db`;
    const writer = openWriter(path);
    writer.exec("CREATE TABLE names (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT");
    const commits = countCommits(writer);
    const waits: number[] = [];
    const clock: Pick<Clock, "after"> = {
      after(ms, act) {
        waits.push(ms);
        return systemClock.after(ms, act);
      },
    };
    const db = new SqliteDatabase({ writer, reader: openReader(path), flusher, monotonic, clock });
    try {
      await body({ db, writer, path, commits, waits });
    } finally {
      await db.close();
    }
  });
}

function query<R>(sql: string, ...parameters: readonly unknown[]): Query<R> {
  return { sql, parameters } as unknown as Query<R>;
}

function* add(name: string): Work<void> {
  yield* run(query("INSERT INTO names (name) VALUES (?)", name));
}

function namesIn(db: SqliteDatabase): Promise<readonly string[]> {
  return db.read(function* () {
    const rows = yield* run(query<{ readonly name: string }>("SELECT name FROM names ORDER BY number"));
    return rows.map(({ name }) => name);
  });
}

Deno.test("database commits writes that come together at once, in their order", () =>
  withDatabase(async ({ db, commits }) => {
    const names = Array.from({ length: 100 }, (_, n) => `name ${n}`);

    await Promise.all(names.map((name) => db.write(() => add(name))));

    assertEquals(commits(), 1);
    assertEquals(await namesIn(db), names);
  }));

Deno.test("database resolves a write only when it is committed", () =>
  withDatabase(async ({ db, path }) => {
    const other = openReader(path);
    const writes = ["a", "b"].map((name) =>
      db.write(() => add(name)).then(() => other.prepare("SELECT count(*) AS n FROM names").get()?.n)
    );

    const seen = await Promise.all(writes);

    other.close();
    assertEquals(seen, [2, 2]);
  }));

Deno.test("database splits a long queue so that the event loop goes on in between", () =>
  withDatabase(async ({ db, commits }) => {
    await Promise.all(Array.from({ length: 2_000 }, (_, n) => db.write(() => add(`name ${n}`))));

    assertGreater(commits(), 3);
    assertEquals((await namesIn(db)).length, 2_000);
  }));

Deno.test("database splits a queue that takes long, so that the event loop goes on in between", () => {
  let time = 0;
  return withDatabase(
    async ({ db, commits }) => {
      await Promise.all(Array.from({ length: 20 }, (_, n) => db.write(() => add(`name ${n}`))));

      assertEquals(commits(), 10);
      assertEquals((await namesIn(db)).length, 20);
    },
    undefined,
    () => time += 6, // two works take longer than a batch may
  );
});

Deno.test("database undoes only the write that fails", () =>
  withDatabase(async ({ db }) => {
    await db.write(() => add("taken"));

    const settled = await Promise.allSettled([
      db.write(() => add("before")),
      db.write(function* () {
        yield* add("half");
        yield* add("taken");
      }),
      db.write(function* () {
        yield* add("thrown");
        throw new RangeError("no such luck");
      }),
      db.write(() => add("after")),
    ]);

    assertEquals(settled.map(({ status }) => status), ["fulfilled", "rejected", "rejected", "fulfilled"]);
    assertInstanceOf(settled[1].status === "rejected" && settled[1].reason, ConflictError);
    assertInstanceOf(settled[2].status === "rejected" && settled[2].reason, RangeError);
    assertEquals(await namesIn(db), ["taken", "before", "after"]);
  }));

Deno.test("database commits writes once though one of them failed", () =>
  withDatabase(async ({ db, commits }) => {
    const writes = ["b", "c", "d"].map((name) => db.write(() => add(name)));
    const fails = db.write(function* () {
      yield* add("a");
      yield* add("a");
    });

    await Promise.allSettled([...writes, fails]);

    assertEquals(await namesIn(db), ["b", "c", "d"]);
    assertEquals(commits(), 1);
  }));

Deno.test("database flushes what the works of a transaction gathered, once", () =>
  withDatabase(async ({ db }) => {
    const key = Symbol("gathered");
    class Names {
      readonly names: string[] = [];
      *flush(): Work<void> {
        yield* add(this.names.join("+"));
      }
    }
    const gather = (name: string) =>
      db.write(function* (batch) {
        yield* run(query("SELECT 1"));
        batch.gather(key, () => new Names()).names.push(name);
      });

    await Promise.all([gather("a"), gather("b")]);
    await gather("c");

    assertEquals(await namesIn(db), ["a+b", "c"]);
  }));

Deno.test("database refuses writes while the disk is full, and goes on afterwards", () =>
  withDatabase(async ({ db, writer }) => {
    const big = (name: string) => db.write(() => add(name + "x".repeat(100_000)));
    await db.write(() => add("before"));
    const { page_count } = writer.prepare("PRAGMA page_count").get()!;
    writer.exec(`PRAGMA max_page_count = ${Number(page_count) + 3}`);

    const settled = await Promise.allSettled([db.write(() => add("with it")), big("a")]);
    const small = await db.write(() => add("small")).then(() => "stored");
    writer.exec("PRAGMA max_page_count = 100000");
    await big("b");

    for (const each of settled) {
      assertInstanceOf(each.status === "rejected" && each.reason, StoreUnavailableError);
    }
    assertEquals(small, "stored");
    assertEquals((await namesIn(db)).map((name) => name.slice(0, 6)), ["before", "small", "bxxxxx"]);
  }));

Deno.test("database waits while another process holds the file", () =>
  withDatabase(async ({ db, path, waits }) => {
    const other = openWriter(path);
    other.exec("BEGIN IMMEDIATE");
    const write = db.write(() => add("patient"));
    let done = false;
    void write.then(() => done = true);
    await until(() => waits.length >= 3, "it has tried three times");

    const early = done;
    other.exec("COMMIT");
    await write;

    other.close();
    assertEquals(early, false);
    assertEquals(await namesIn(db), ["patient"]);
  }));

Deno.test("database commits what is queued when it is closed, and takes nothing after that", () =>
  withFolder(async (folder) => {
    const path = `${folder}/test.db`;
    const writer = openWriter(path);
    writer.exec("CREATE TABLE names (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT");
    const db = new SqliteDatabase({ writer, reader: openReader(path) });

    const queued = Array.from({ length: 1_000 }, (_, n) => db.write(() => add(`name ${n}`)));
    await db.close();

    await Promise.all(queued);
    const left = openReader(path);
    assertEquals(left.prepare("SELECT count(*) AS n FROM names").get()?.n, 1_000);
    left.close();
    await assertRejects(() => db.write(() => add("late")), StoreUnavailableError, "closed");
    await assertRejects(() => namesIn(db), StoreUnavailableError, "closed");
    await db.close();
  }));

Deno.test("database writes a single work without waiting for company", () =>
  withDatabase(async ({ db, commits, waits }) => {
    for (let n = 0; n < 30; n++) await db.write(() => add(`name ${n}`));

    assertEquals([commits(), waits], [30, []]);
  }));

Deno.test("database has an unhurried write wait for company, and for a moment at most", () =>
  withDatabase(async ({ db, commits, waits }) => {
    const unhurried = db.write(() => add("a"), { unhurried: true });
    const hurried = db.write(() => add("b"));
    await Promise.all([unhurried, hurried]);
    const together = commits();

    await db.write(() => add("c"), { unhurried: true });

    assertEquals([together, commits()], [1, 2]);
    assertEquals(await namesIn(db), ["a", "b", "c"]);
    assertGreater(waits.length, 0);
  }));

Deno.test("database commits what nobody hurries when it is closed", () =>
  withDatabase(async ({ db, commits }) => {
    const unhurried = db.write(() => add("a"), { unhurried: true });
    await db.close();

    await unhurried;
    assertEquals(commits(), 1);
  }));

Deno.test("database resolves a write only when the disk has it", async () => {
  const { flusher, flushes } = aSlowDisk();
  await withDatabase(async ({ db }) => {
    let done = false;
    const write = db.write(() => add("a")).then(() => done = true);
    await turns();

    const early = done;
    flushes[0].done();
    await write;

    assertEquals(early, false);
    assertEquals(flushes.length, 1);
  }, flusher);
});

Deno.test("database gives writes that come during a flush one commit and one flush", async () => {
  const { flusher, flushes } = aSlowDisk();
  await withDatabase(async ({ db, commits }) => {
    const first = db.write(() => add("first"));
    await turns();
    const others: Promise<void>[] = [];
    for (const name of ["a", "b", "c"]) {
      others.push(db.write(() => add(name)));
      await turns();
    }

    flushes[0].done();
    await first;
    await turns();
    flushes[1].done();
    await Promise.all(others);

    assertEquals([commits(), flushes.length], [2, 2]);
  }, flusher);
});

Deno.test("database refuses everything once a flush has failed", async () => {
  const { flusher, flushes } = aSlowDisk();
  await withDatabase(async ({ db }) => {
    const lost = db.write(() => add("lost"));
    const waiting = turns().then(() => db.write(() => add("waiting")));
    await turns();
    await turns();

    flushes[0].fail(new Error("the cable came off"));

    await assertRejects(() => lost, StoreUnavailableError, "the cable came off");
    await assertRejects(() => waiting, StoreUnavailableError, "the cable came off");
    await assertRejects(() => db.write(() => add("late")), StoreUnavailableError, "started again");
  }, flusher);
});

Deno.test("database flushes what is queued before it closes", async () => {
  const { flusher, flushes } = aSlowDisk();
  await withDatabase(async ({ db }) => {
    const write = db.write(() => add("a"));
    let isClosed = false;
    const closing = db.close().then(() => isClosed = true);
    await turns();

    const early = isClosed;
    flushes[0].done();
    await closing;

    assertEquals(early, false);
    assertEquals(await write, undefined);
  }, flusher);
});
