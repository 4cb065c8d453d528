import { DatabaseSync } from "node:sqlite";
import { syncFolderOf } from "./folder.ts";

/**
 * Writes a database anew, row by row, in the place of the old file: nothing of what was ever deleted from it, or left
 * in the slack of its pages, is in the new one. SQLite's `VACUUM` does the same, but needs a right that the program is
 * not run with (it attaches a file). Nobody else may have the file open.
 * @param leaveOut A row of `settings` that is not taken over: its name.
 */
export function rewrite(path: string, leaveOut: string): void {
  const part = `${path}.rewritten`;
  removeIfThere(part);
  Deno.writeFileSync(part, new Uint8Array(), { mode: 0o600, createNew: true });
  const from = new DatabaseSync(path, { readOnly: true });
  const to = new DatabaseSync(part);
  try {
    to.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    to.exec("PRAGMA foreign_keys = OFF; BEGIN");
    copySchema(from, to, `type = 'table' AND NOT ${OF_WORDS}`);
    for (const name of namesOf(to)) copyRows(from, to, name);
    copySequences(from, to);
    copySchema(from, to, "sql LIKE 'CREATE VIRTUAL %'");
    for (const name of namesOf(to, "sql LIKE 'CREATE VIRTUAL %'")) indexWords(from, to, name);
    copySchema(from, to, "type <> 'table'");
    to.prepare("DELETE FROM settings WHERE name = ?").run(leaveOut);
    to.exec(`PRAGMA user_version = ${numberOf(from, "user_version")}; COMMIT; PRAGMA journal_mode = DELETE`);
  } finally {
    from.close();
    to.close();
  }
  const file = Deno.openSync(part, { read: true, write: true });
  file.syncSync();
  file.close();
  for (const suffix of ["-wal", "-shm"]) removeIfThere(path + suffix);
  Deno.renameSync(part, path);
  syncFolderOf(path);
}

function namesOf(database: DatabaseSync, which = "true"): readonly string[] {
  return database.prepare(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND ${which}`,
  )
    .all().map(({ name }) => String(name));
}

/** An index of words (FTS5), and the tables that it makes for itself and lets nobody write to. */
const OF_WORDS = `EXISTS (SELECT 1 FROM sqlite_schema AS words WHERE words.sql LIKE 'CREATE VIRTUAL %'
  AND (sqlite_schema.name = words.name OR substr(sqlite_schema.name, 1, length(words.name) + 1) = words.name || '_'))`;

/** Fills an index of words from the table that it is about, under the same settings. */
function indexWords(from: DatabaseSync, to: DatabaseSync, name: string): void {
  const set = to.prepare(`INSERT INTO "${name}" ("${name}", rank) VALUES (?, ?)`);
  const settings = from.prepare(`SELECT k, v FROM "${name}_config" WHERE k <> 'version'`);
  settings.setReadBigInts(true); // a whole number has to stay one
  for (const { k, v } of settings.all()) set.run(k, v);
  to.exec(`INSERT INTO "${name}" ("${name}") VALUES ('rebuild')`);
}

function copySchema(from: DatabaseSync, to: DatabaseSync, which: string): void {
  const rows = from.prepare(
    `SELECT sql FROM sqlite_schema WHERE ${which} AND sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
  ).all();
  for (const { sql } of rows) to.exec(String(sql));
}

function copyRows(from: DatabaseSync, to: DatabaseSync, table: string): void {
  const info = from.prepare(`PRAGMA table_info("${table}")`).all();
  const columns = info.map(({ name }) => `"${name}"`);
  // Rows are told apart by their number where no column is that number already.
  const hasNumber = info.some(({ pk, type }) => Number(pk) > 0 && String(type).toUpperCase() === "INTEGER") ||
    /WITHOUT\s+ROWID/i.test(sqlOf(from, table));
  const taken = hasNumber ? columns : ["rowid", ...columns];
  const read = from.prepare(`SELECT ${taken.join()} FROM "${table}"`);
  read.setReadBigInts(true);
  const write = to.prepare(
    `INSERT INTO "${table}" (${taken.join()}) VALUES (${taken.map(() => "?").join()})`,
  );
  for (const row of read.iterate()) {
    write.run(...Object.values(row) as (string | bigint | null | Uint8Array)[]);
  }
}

/** Numbers that were given out are not given out again. */
function copySequences(from: DatabaseSync, to: DatabaseSync): void {
  if (from.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get() === undefined) return;
  to.exec("DELETE FROM sqlite_sequence");
  for (const { name, seq } of from.prepare("SELECT name, seq FROM sqlite_sequence").all()) {
    to.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)").run(String(name), Number(seq));
  }
}

function sqlOf(from: DatabaseSync, table: string): string {
  return String(
    from.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table)?.sql,
  );
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
