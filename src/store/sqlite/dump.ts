import type { DatabaseSync } from "node:sqlite";
import type { Value } from "../sql/database.ts";

/** Tables of one run, or of one engine, and what is made from others: nothing of them outlasts a move. */
const LEFT_BEHIND = new Set([
  "sequences",
  "gateways",
  "leases",
  "device_calls",
  "sign_ins",
  "message_texts",
  "contact_names",
]);
const decoder = new TextDecoder();
const ROWS_AT_ONCE = 2_000;
const BYTES_AT_ONCE = 8_000_000;

/** A table to copy, and its columns. */
export interface DumpedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Those of them that hold texts. */
  readonly texts: readonly string[];
}

/**
 * The tables whose rows are copied to another database: what is referred to comes before what refers to it.
 */
export function tablesOf(database: DatabaseSync): readonly DumpedTable[] {
  const names = database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'message_words%' ORDER BY rowid",
  ).all().map(({ name }) => String(name)).filter((name) => !LEFT_BEHIND.has(name));
  const sorted: string[] = [];
  const add = (name: string) => {
    if (sorted.includes(name) || !names.includes(name)) return;
    for (const { table } of database.prepare(`PRAGMA foreign_key_list("${name}")`).all()) {
      if (table !== name) add(String(table));
    }
    sorted.push(name);
  };
  names.forEach(add);
  return sorted.map((name) => {
    const columns = database.prepare(`PRAGMA table_info("${name}")`).all();
    const texts = columns.filter(({ type }) => type === "TEXT");
    return { name, columns: columns.map(nameOf), texts: texts.map(nameOf) };
  });
}

function nameOf({ name }: Record<string, unknown>): string {
  return String(name);
}

/** How many rows a table has. */
export function countOf(database: DatabaseSync, table: string): number {
  return Number(database.prepare(`SELECT count(*) AS count FROM "${table}"`).get()?.count);
}

/** How many rows of a table hold the character NUL, which no text of Postgres can. */
export function nulsIn(database: DatabaseSync, { name, texts }: DumpedTable): number {
  if (texts.length === 0) return 0;
  const any = texts.map((column) => `instr("${column}", char(0)) > 0`).join(" OR ");
  return Number(database.prepare(`SELECT count(*) AS count FROM "${name}" WHERE ${any}`).get()?.count);
}

/**
 * A table's rows, in pieces of bounded size. The character NUL is U+FFFD: a text that is read ends before it.
 */
export function* rowsOf(
  database: DatabaseSync,
  { name, columns, texts }: DumpedTable,
): Generator<readonly Readonly<Record<string, Value>>[]> {
  let piece: Record<string, Value>[] = [];
  let bytes = 0;
  const list = columns.map((column) =>
    texts.includes(column)
      ? `CASE WHEN instr("${column}", char(0)) > 0 THEN CAST("${column}" AS BLOB) ELSE "${column}" END AS "${column}"`
      : `"${column}"`
  ).join();
  for (const row of database.prepare(`SELECT ${list} FROM "${name}"`).iterate()) {
    const values = row as Record<string, Value>;
    for (const column of texts) {
      const value = values[column];
      if (value instanceof Uint8Array) values[column] = decoder.decode(value).replaceAll("\0", "\uFFFD");
    }
    piece.push(values);
    for (const value of Object.values(values)) bytes += typeof value === "number" ? 8 : value?.length ?? 0;
    if (piece.length < ROWS_AT_ONCE && bytes < BYTES_AT_ONCE) continue;
    yield piece;
    piece = [];
    bytes = 0;
  }
  if (piece.length > 0) yield piece;
}

/** The last number that a sequence gave. */
export function lastOf(database: DatabaseSync, sequence: "events" | "deliveries"): number {
  return Number(database.prepare("SELECT last FROM sequences WHERE name = ?").get(sequence)?.last ?? 0);
}
