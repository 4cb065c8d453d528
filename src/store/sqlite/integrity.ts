import type { DatabaseSync } from "node:sqlite";
import { messageOf, StoreUnavailableError } from "../../errors.ts";

/**
 * Up to this size all of the file is checked, which takes about half a second; of larger ones, what is small
 * in them.
 */
const WHOLE_UP_TO_BYTES = 256 * 1_048_576;
/** Tables that grow for as long as the gateway runs. */
const HISTORY = [
  "events",
  "deliveries",
  "attempts",
  "delivery_counts",
  "inbox",
  "message_logs",
  "system_logs",
];

/**
 * Looks for damage in a database file.
 * @throws {StoreUnavailableError} If there is any; the message says what to do.
 */
export function checkIntegrity(database: DatabaseSync, path: string): void {
  const damage = damageIn(database);
  if (damage === undefined) return;
  throw damaged(path, damage);
}

/** The file is of no use as it is. */
export function damaged(path: string, how: string): StoreUnavailableError {
  return new StoreUnavailableError(
    `Cannot open ${path}: it is damaged (${how}). Bring back a copy of it with \`kabar restore <file> --force\``,
  );
}

/** What is wrong with the file, as SQLite says it; undefined: nothing was found. */
export function damageIn(database: DatabaseSync): string | undefined {
  try {
    const sizeOf = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    if (sizeOf("page_count") * sizeOf("page_size") <= WHOLE_UP_TO_BYTES) {
      return verdictOf(database, "PRAGMA quick_check(1)");
    }
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
      .map(({ name }) => String(name));
    for (const table of tables.filter((name) => !HISTORY.includes(name) && !name.startsWith("sqlite_"))) {
      const damage = verdictOf(database, `PRAGMA quick_check("${table}")`);
      if (damage !== undefined) return damage;
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function verdictOf(database: DatabaseSync, pragma: string): string | undefined {
  const verdict = String(database.prepare(pragma).get()?.quick_check);
  return verdict === "ok" ? undefined : verdict.replaceAll("\n", "; ").slice(0, 200);
}
