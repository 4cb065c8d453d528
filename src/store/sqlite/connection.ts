import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf, StoreUnavailableError } from "../../errors.ts";
import { isDamage } from "./failures.ts";
import { damaged } from "./integrity.ts";

/** How long a statement waits, without anything else going on, for another process that holds the file. */
const BUSY_TIMEOUT_MS = 50;
const ON_WINDOWS = Deno.build.os === "windows";

/** Makes the file, and the folder that it lies in, readable by their owner only. */
function makePrivate(path: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // SQLite gives the files beside it (-wal, -shm) the mode of the database file. An existing file is not opened here:
  // closing it would end the locks that a connection of this process holds on it.
  try {
    Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    if (!ON_WINDOWS) Deno.chmodSync(path, 0o600);
  }
}

/** Opens the file for writing; makes it, private to its owner, when there is none. */
export function openWriter(path: string): DatabaseSync {
  try {
    makePrivate(path);
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    database.prepare("PRAGMA schema_version").get(); // only errors of prepared statements tell their code
    database.exec(`
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA secure_delete = ON;
      PRAGMA cache_size = -16384;
      PRAGMA wal_autocheckpoint = 2000;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY;
    `);
    return database;
  } catch (error) {
    if (isDamage(error)) throw damaged(path, messageOf(error));
    throw new StoreUnavailableError(`Cannot open ${path}: ${messageOf(error)}`);
  }
}

/** Opens the file, which a writer has open, for reading only. */
export function openReader(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  database.exec("PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;");
  return database;
}
