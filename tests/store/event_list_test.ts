import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { createStore } from "../../src/store/sql/store.ts";
import { openReader, openWriter } from "../../src/store/sqlite/connection.ts";
import { SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { aDraft, T0 } from "./contracts/samples.ts";
import { withFolder } from "./temporary.ts";

/** The same database, in which something happens after each look, as at an engine far away. */
function meanwhile(db: SqliteDatabase, happens: () => Promise<void>): Database {
  const { hot } = db;
  return {
    ...db,
    async read(work) {
      const found = await db.read(work);
      await happens();
      return found;
    },
    write: (work, options) => db.write(work, options),
    hot,
    close: () => db.close(),
  };
}

Deno.test("events of several devices are all found by who goes on from the last one, while others come", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    await openSqliteStore({ path, now: () => T0 }).close();
    let left = 12;
    const db: SqliteDatabase = new SqliteDatabase({ writer: openWriter(path), reader: openReader(path) });
    const append = (id: string) => plain.events.append(aDraft({ device: { id, alias: null } }), [], T0);
    const plain = createStore({ db, now: () => T0 });
    const store = createStore({
      now: () => T0,
      db: meanwhile(db, async () => {
        if (left-- <= 0) return;
        await append("device_a");
        await append("device_b");
      }),
    });
    await append("device_a");

    const seen: number[] = [];
    for (let page = 0; page < 20; page++) {
      const filter = { tenantId: DEFAULT_TENANT, deviceIds: ["device_a", "device_b"], limit: 500 };
      const found = await store.events.list({ ...filter, after: seen.at(-1) ?? 0, order: "oldest" });
      seen.push(...found.map(({ tenantSeq }) => tenantSeq));
    }

    const { newest } = await plain.events.range(DEFAULT_TENANT);
    assertEquals(seen, Array.from({ length: newest }, (_, index) => index + 1));
    await db.close();
  }));
