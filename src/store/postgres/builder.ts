import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from "kysely";
import type { Dialect } from "../sql/dialect.ts";
import type { Tables } from "../sql/tables.ts";

/** Builds queries in Postgres' dialect. It cannot run any: that is the database's affair. */
export function postgresBuilder(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new PostgresIntrospector(database),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}

/** A query builder, as far as locks are concerned. */
interface Lockable {
  forUpdate(): Lockable;
  forShare(): Lockable;
  skipLocked(): Lockable;
}

/** Postgres' way to say things, for many writers. */
export function postgresDialect(build: Kysely<Tables>): Omit<Dialect, "build"> {
  // the builders' types do not tell that they stay what they are
  const lockable = (query: object) => query as unknown as Lockable;
  return {
    queriesTravel: true,
    unindexedNumber: (column) => sql<number>`(${sql.ref(column)} + 0)`,
    unindexedText: (column) => sql<string>`(${sql.ref(column)} || '')`,
    locked: <Q extends object>(query: Q) => lockable(query).forUpdate() as unknown as Q,
    unclaimed: <Q extends object>(query: Q) => lockable(query).forUpdate().skipLocked() as unknown as Q,
    shared: <Q extends object>(query: Q) => lockable(query).forShare() as unknown as Q,
    clockMs: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
    messagesWith(deviceId, words) {
      const all = words.map((word) => `'${word}':*`).join(" & ");
      return sql`SELECT number FROM message_texts WHERE words <> '' AND device_id = ${deviceId}
        AND to_tsvector('simple', words) @@ to_tsquery('simple', ${all})`;
    },
    // an array is made once; a subselect of `in` may be run, and lock rows, once more for each row
    among: (column, query) => sql`${sql.ref(column)} = any(array(${query}))`,
    lockNames: (names): CompiledQuery =>
      sql`select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest(${names}::text[]) as name`
        .compile(build),
  };
}
