import { DummyDriver, Kysely, sql, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Dialect } from "../sql/dialect.ts";
import type { Tables } from "../sql/tables.ts";

/** Builds queries in SQLite's dialect. It cannot run any: that is the database's affair. */
export function sqliteBuilder(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

/** SQLite's way to say things. There is one writer, so nothing needs a lock of its own. */
export const sqliteDialect: Omit<Dialect, "build"> = {
  queriesTravel: false,
  unindexedNumber: (column) => sql<number>`+${sql.ref(column)}`,
  unindexedText: (column) => sql<string>`+${sql.ref(column)}`,
  locked: (query) => query,
  unclaimed: (query) => query,
  shared: (query) => query,
  clockMs: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  messagesWith(deviceId, words) {
    const all = words.map((word) => `"${word}" *`).join(" ");
    const both = `device_id : "${deviceId}" AND words : (${all})`;
    return sql`SELECT rowid AS number FROM message_words WHERE message_words MATCH ${both}`;
  },
  among: (column, query) => sql`${sql.ref(column)} in ${query}`,
};
