import { backup, DatabaseSync } from "node:sqlite";
import { messageOf } from "../../errors.ts";
import { RATCHETS } from "../credentials.ts";
import { syncFolderOf } from "./folder.ts";
import { damageIn } from "./integrity.ts";
import { MIGRATIONS } from "./migrations/all.ts";

/** A copy could not be made, or brought back; the message says why. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/**
 * Copies a database, which may be in use, to a new file: all of it as it is at one moment. Returns the copy's
 * bytes.
 * @throws {BackupError} If `to` exists, `from` cannot be read, or the copy is not sound.
 */
export async function backUp(from: string, to: string): Promise<number> {
  if (await exists(to)) throw new BackupError(`Cannot write ${to}: it exists`);
  const part = `${to}.part`;
  try {
    const source = openExisting(from);
    try {
      await Deno.writeFile(part, new Uint8Array(), { mode: 0o600 }); // it will hold what devices identify themselves with
      await backup(source, part);
    } finally {
      source.close();
    }
    makeOneFile(part);
    requireSound(part);
    await flushed(part);
    await Deno.rename(part, to);
    syncFolderOf(to);
    return (await Deno.stat(to)).size;
  } catch (error) {
    await removeAll(part);
    throw error instanceof BackupError ? error : new BackupError(`Cannot copy ${from}: ${messageOf(error)}`);
  }
}

/**
 * Puts a copy in the place of a database that nobody uses. What was there is kept beside it, as
 * `<to>.replaced`. The ratchets of the copy's devices are left out: they turned on since it was made.
 * @throws {BackupError} If `from` is not a sound copy of a database of Kabar, this version's or an older
 * one's.
 */
export async function restore(from: string, to: string): Promise<void> {
  requireSound(from);
  await removeAll(`${to}.part`);
  await Deno.copyFile(from, `${to}.part`);
  if (Deno.build.os !== "windows") await Deno.chmod(`${to}.part`, 0o600);
  forgetRatchets(`${to}.part`);
  await flushed(`${to}.part`);
  await removeAll(`${to}.replaced`);
  await Deno.rename(`${to}.part`, `${to}${COMING}`);
  syncFolderOf(to); // from here on it is decided: whatever stops this, the next start goes on
  finishRestore(to);
}

/** The copy that is about to take the place of a database, complete and on the disk. */
const COMING = ".restored";

/**
 * Puts a restored copy into its place, if one waits for that: when `restore` was cut off, this is what the next start
 * does first. Nobody may have the database open.
 */
export function finishRestore(path: string): void {
  if (!existsSync(path + COMING)) return;
  // The log goes first: beside another file it would be played into that one.
  for (const suffix of ["-shm", "-wal", ""]) {
    if (existsSync(path + suffix)) Deno.renameSync(path + suffix, `${path}.replaced${suffix}`);
  }
  Deno.renameSync(path + COMING, path);
  syncFolderOf(path);
}

function existsSync(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

export async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}

function openExisting(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  } catch (error) {
    throw new BackupError(`Cannot open ${path}: ${messageOf(error)}`);
  }
}

/** The copy of a database with a write-ahead log would have one, too, wherever it is looked at. */
function makeOneFile(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = DELETE");
  database.close();
}

function forgetRatchets(path: string): void {
  const database = new DatabaseSync(path);
  const types = RATCHETS.map((type) => `'${type}'`).join();
  database.exec(`PRAGMA journal_mode = DELETE; DELETE FROM signal_keys WHERE type IN (${types})`);
  database.close();
}

function requireSound(path: string): void {
  const database = openExisting(path);
  try {
    const damage = damageIn(database);
    if (damage !== undefined) throw new BackupError(`Cannot use ${path}: it is damaged (${damage})`);
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    const isOurs =
      database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'deliveries'").get() !== undefined;
    if (!isOurs) throw new BackupError(`Cannot use ${path}: it is not a database of Kabar`);
    if (version > MIGRATIONS.length) {
      throw new BackupError(
        `Cannot use ${path}: its schema is version ${version}, this program knows up to ${MIGRATIONS.length}`,
      );
    }
  } finally {
    database.close();
  }
}

async function flushed(path: string): Promise<void> {
  const file = await Deno.open(path, { read: true, write: true });
  await file.sync();
  file.close();
}

async function removeAll(path: string): Promise<void> {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) {
    await Deno.remove(path + suffix).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
