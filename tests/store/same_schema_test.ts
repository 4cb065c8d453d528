import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { execute, temporaryDatabase, testWithPostgres } from "../support/postgres.ts";
import { withFolder } from "./temporary.ts";

/** Tables that one engine needs and the other has something of its own for. */
const OF_ONE_ENGINE = ["schema_version", "sequences"];

/** SQLite keeps its full-text index in tables of its own. */
const FULL_TEXT = "message_words";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** What SQLite's types are called in Postgres. */
const TYPES: Readonly<Record<string, string>> = { INTEGER: "bigint", TEXT: "text", BLOB: "bytea" };

/** Each table's columns, by name. */
function ofSqlite(path: string): Record<string, readonly Column[]> {
  const database = new DatabaseSync(path, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    .map(({ name }) => String(name)).filter((name) =>
      !name.startsWith("sqlite_") && !name.startsWith(FULL_TEXT)
    );
  const columns = tables.map((table) => {
    const rows = database.prepare(`PRAGMA table_info("${table}")`).all();
    return rows.map((row) => ({
      name: String(row.name),
      type: TYPES[String(row.type)],
      nullable: row.notnull === 0 && row.pk === 0,
    }));
  });
  database.close();
  return sorted(tables.map((table, index) => [table, columns[index]]));
}

async function ofPostgres(url: string): Promise<Record<string, readonly Column[]>> {
  const rows = await execute(
    url,
    `SELECT table_name AS "table", column_name AS name, data_type AS type, is_nullable = 'YES' AS nullable
     FROM information_schema.columns WHERE table_schema = 'public'`,
  ) as { table: string; name: string; type: string; nullable: number }[];
  const byTable = Map.groupBy(rows, ({ table }) => table);
  return sorted(
    [...byTable].map(([table, columns]) => [
      table,
      columns.map(({ name, type, nullable }) => ({ name, type, nullable: nullable === 1 })),
    ]),
  );
}

function sorted(tables: readonly (readonly [string, readonly Column[]])[]) {
  const kept = tables.filter(([table]) => !OF_ONE_ENGINE.includes(table));
  return Object.fromEntries(
    kept.toSorted(([a], [b]) => a < b ? -1 : 1)
      .map(([table, columns]) => [table, columns.toSorted((a, b) => a.name < b.name ? -1 : 1)]),
  );
}

testWithPostgres(
  "both engines have the same tables with the same columns",
  () =>
    withFolder(async (folder) => {
      await using database = await temporaryDatabase();
      await openSqliteStore({ path: `${folder}/logs.db` }).close();

      assertEquals(await ofPostgres(database.url), ofSqlite(`${folder}/logs.db`));
    }),
);
