import { DatabaseSync } from "node:sqlite";
import { lockData } from "../app/data_lock.ts";
import { databaseOf, namingDatabase } from "../app/storage.ts";
import type { Settings } from "../config.ts";
import { messageOf, StoreUnavailableError } from "../errors.ts";
import type { ConnectionSettings } from "../store/postgres/connection.ts";
import { Filling, isEmpty } from "../store/postgres/fill.ts";
import { migrate, rehearse } from "../store/postgres/migrate.ts";
import { MIGRATIONS } from "../store/postgres/migrations/all.ts";
import { exists, finishRestore } from "../store/sqlite/backup.ts";
import { countOf, lastOf, nulsIn, rowsOf, tablesOf } from "../store/sqlite/dump.ts";
import { movedTo, setMoved } from "../store/sqlite/moved.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";

type Print = (line: string) => void;

/** The move cannot be made; the message says why. */
export class MoveError extends Error {
  override readonly name = "MoveError";
}

/**
 * Copies everything of the file in `DATA_DIR` to the Postgres database of `DATABASE_URL`, compares both, and
 * marks the file so that no gateway serves it any more.
 * @param dryRun Only counts, and looks whether the database can be filled.
 * @throws {MoveError} If there is nothing to move, or no place to move it to.
 * @throws {StoreUnavailableError} If one of the two cannot be used; the message says which, and why.
 * @throws {DataInUseError} If a gateway works with the file.
 */
export async function moveVerb(
  { dryRun }: { readonly dryRun: boolean },
  settings: Settings,
  print: Print,
): Promise<void> {
  const database = await databaseOf(settings);
  if (database === undefined) {
    throw new MoveError(
      "Cannot move: DATABASE_URL does not say where to. Set it to an empty Postgres database",
    );
  }
  const path = `${settings.DATA_DIR}/logs.db`;
  if (!await exists(path)) throw new MoveError(`Cannot move ${path}: there is no such file`);
  const lock = await lockData(settings.DATA_DIR);
  try {
    finishRestore(path); // else what is moved is what a copy was to take the place of
    await namingDatabase(settings, async () => {
      if (dryRun) await count(path, database, print);
      else await move(path, database, settings.ENCRYPTION_KEY, print);
    });
  } finally {
    await lock.release();
  }
}

async function count(path: string, database: ConnectionSettings, print: Print): Promise<void> {
  const file = new DatabaseSync(path, { readOnly: true });
  try {
    for (const { name } of tablesOf(file)) print(`${name}: ${countOf(file, name)}`);
  } finally {
    file.close();
  }
  await rehearse(database, MIGRATIONS); // what the move would fail at
  await requireEmpty(database);
  print(`Nothing was copied. ${placeOf(database)} is empty and can be filled`);
}

async function move(
  path: string,
  database: ConnectionSettings,
  encryptionKey: string | undefined,
  print: Print,
): Promise<void> {
  const to = placeOf(database);
  const file = new DatabaseSync(path);
  try {
    const before = movedTo(file);
    if (before?.state === "moved") {
      throw new MoveError(`Cannot move ${path}: it was moved to ${before.to} already`);
    }
    await rehearse(database, MIGRATIONS); // what the move would fail at, before anything is changed
    if (before !== undefined && before.to === to && !await isEmpty(database)) {
      setMoved(file, { state: "moved", to }); // what was interrupted was only this note
      print(`${to} has everything: the move before was complete but for the note in ${path}`);
      return;
    }
    setMoved(file, undefined);
    // the newest schema, a sound file and the right key, or an error
    await openSqliteStore({ path, check: true, encryptionKey }).close();
    await requireEmpty(database);
    await migrate(database, MIGRATIONS);
    setMoved(file, { state: "moving", to });
    await fill(file, database, print);
    setMoved(file, { state: "moved", to });
  } finally {
    file.close();
  }
  print(`Everything is in ${to} now. ${path} stays as it was, and no gateway serves it any more`);
  print("Files that wait to be sent stay in DATA_DIR: start the next gateway with the same one");
}

async function fill(file: DatabaseSync, database: ConnectionSettings, print: Print): Promise<void> {
  const filling = await Filling.begin(database);
  let nuls = 0;
  try {
    file.exec("BEGIN");
    for (const table of tablesOf(file)) {
      const rows = await filling.table(table.name, table.columns, rowsOf(file, table));
      print(`${table.name}: ${rows}`);
      nuls += nulsIn(file, table);
    }
    await filling.finish({ events: lastOf(file, "events"), deliveries: lastOf(file, "deliveries") });
    file.exec("COMMIT");
  } catch (error) {
    await filling.abandon();
    file.exec("ROLLBACK");
    if (filling.isInDoubt) {
      throw new StoreUnavailableError(
        `Cannot tell whether everything is there: ${messageOf(error)}. Run \`kabar move\` again`,
        { cause: error },
      );
    }
    setMoved(file, undefined);
    throw error;
  }
  if (nuls > 0) print(`The character NUL stood in ${nuls} rows: it is U+FFFD there`);
}

async function requireEmpty(database: ConnectionSettings): Promise<void> {
  if (!await isEmpty(database)) {
    throw new MoveError(`Cannot move to ${placeOf(database)}: it is not empty`);
  }
}

/** A database without what opens it. */
function placeOf({ url }: ConnectionSettings): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
