import { DatabaseSync, type StatementSync } from "node:sqlite";
import { messageOf } from "../../errors.ts";
import { logOf } from "../../log.ts";
import { isBusy } from "./failures.ts";

const log = logOf("store");

/** Pages of the log that are worth copying: 8 MB. */
const ENOUGH_PAGES = 2_000;
/** How long the log gets before it begins anew: 32 MB. */
const LONG_PAGES = 4 * ENOUGH_PAGES;
/** How long it may get while so much is committed that copying does not keep up: 128 MB. */
const TOO_LONG_PAGES = 4 * LONG_PAGES;
/** How many commits it may take until that is noticed. */
const LOOK_EVERY = 8;

/** How far the log has come, in pages; the answer of `PRAGMA wal_checkpoint`. */
interface Progress {
  readonly log: number;
  readonly checkpointed: number;
}

/** Kept open to the end of the process: closing one as the last would throw away a log that is still needed. */
const neverClosed: DatabaseSync[] = [];

/**
 * Brings what the write-ahead log holds into the database file, and lets the log begin anew. SQLite does that by itself
 * in the middle of a commit, and syncs both files there: on a busy disk that stops everything for tens of milliseconds.
 * Here the thread only copies pages, and commits go on while the disk takes them: a reader that stays where the copy
 * ends keeps the log from beginning anew before the file has its pages for certain. Only when the log is long does
 * nobody commit while its last, few pages follow, after which it begins anew.
 * @see SQLite, "Write-Ahead Logging", 3.3 "Checkpoint": log to the disk, pages into the file, file to the disk
 * @see SQLite, wal.c, `walRestartLog`: a log is begun anew only while nobody reads from it
 */
export class Checkpoints {
  readonly #file: Deno.FsFile;
  readonly #copier: DatabaseSync;
  readonly #holder: DatabaseSync;
  readonly #look: StatementSync;
  readonly #copy: StatementSync;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #hold: StatementSync;
  readonly #read: StatementSync;
  readonly #letGo: StatementSync;
  readonly #syncLog: () => Promise<void>;
  #commits = 0;
  /** How long the log was when a reader of old pages kept a checkpoint from being finished. */
  #stuckAt = 0;
  /** Pages are on their way to the disk while commits go on. */
  #underway: Promise<void> | undefined;
  /** They are there, so that little is left to copy. */
  #isCopied = false;
  /** Why nobody knows any more what the file has. */
  #failure: { readonly error: unknown } | undefined;

  private constructor(writer: DatabaseSync, path: string, syncLog: () => Promise<void>) {
    this.#syncLog = syncLog;
    this.#file = Deno.openSync(path, { read: true, write: true });
    this.#copier = opened(path);
    this.#holder = opened(path);
    this.#look = writer.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#copy = this.#copier.prepare("PRAGMA wal_checkpoint(PASSIVE)");
    this.#begin = writer.prepare("BEGIN IMMEDIATE");
    this.#end = writer.prepare("ROLLBACK");
    this.#hold = this.#holder.prepare("BEGIN");
    this.#read = this.#holder.prepare("SELECT count(*) FROM sqlite_schema");
    this.#letGo = this.#holder.prepare("ROLLBACK");
  }

  /** Takes the checkpoints over from the writer; undefined with a SQLite that cannot be asked how long the log is. */
  static of(writer: DatabaseSync, path: string, syncLog: () => Promise<void>): Checkpoints | undefined {
    const { number } = writer.prepare(
      "SELECT CAST(substr(sqlite_version(), 1, 1) AS INTEGER) * 1000 + " +
        "CAST(substr(sqlite_version(), 3, 2) AS INTEGER) AS number",
    ).get() ?? {};
    if (Number(number) < 3_051) return undefined;
    writer.exec("PRAGMA wal_autocheckpoint = 0");
    return new Checkpoints(writer, path, syncLog);
  }

  /**
   * To be called after each commit, and to be waited for before the next; undefined when there is nothing to wait for.
   * Rejects if nobody knows any more what the disk has.
   */
  afterCommit(): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#underway !== undefined) return undefined;
    if (++this.#commits < LOOK_EVERY && !this.#isCopied) return undefined;
    this.#commits = 0;
    const { log: length, checkpointed } = this.#look.get() as unknown as Progress;
    if (length < this.#stuckAt) this.#stuckAt = 0; // it began anew
    const isMuch = length - Math.max(checkpointed, this.#stuckAt) >= ENOUGH_PAGES;
    const isNext = this.#isCopied && this.#stuckAt === 0 && length >= LONG_PAGES &&
      (!isMuch || length >= TOO_LONG_PAGES);
    this.#isCopied = false;
    if (isNext) return this.#beginAnew(length);
    if (isMuch) {
      this.#underway = this.#copyAside(length).finally(() => {
        this.#underway = undefined;
      });
    }
    return undefined;
  }

  /** Before the writer is closed: whoever is last makes a checkpoint, and has to sync it. */
  async close(): Promise<void> {
    await this.#underway;
    this.#copier.close();
    if (this.#failure === undefined) this.#holder.close();
    else neverClosed.push(this.#holder); // the log alone has all for certain
  }

  /** After all connections are closed: to close any handle of the file gives up the locks that they have on it. */
  closeFile(): void {
    this.#file.close();
  }

  async #copyAside(length: number): Promise<void> {
    if (!this.#isHeld()) return;
    try {
      await this.#syncLog(); // what is committed meanwhile lies behind the holder, and is not copied
      if (this.#copied(length)) {
        await this.#file.syncData();
        this.#isCopied = true;
      }
      this.#letGo.run();
    } catch (error) {
      this.#failure = { error };
    }
  }

  async #beginAnew(length: number): Promise<void> {
    try {
      this.#begin.run(); // so that no other process commits
    } catch (error) {
      if (isBusy(error)) return;
      throw error;
    }
    try {
      await this.#syncLog();
      if (this.#copied(length)) await this.#file.syncData();
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#end.run();
    }
  }

  /** False: another process is in the way; the log goes on until it is not. */
  #isHeld(): boolean {
    this.#hold.run();
    try {
      this.#read.get();
      return true;
    } catch (error) {
      this.#letGo.run();
      if (isBusy(error)) return false;
      throw error;
    }
  }

  /** False: it could not be done; the log goes on until it can. */
  #copied(length: number): boolean {
    this.#stuckAt = length;
    try {
      const { checkpointed } = this.#copy.get() as unknown as Progress;
      if (checkpointed >= length) this.#stuckAt = 0;
      return true;
    } catch (error) {
      log.warn("store.not_checkpointed", { error: messageOf(error) });
      return false;
    }
  }
}

function opened(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = 16;");
  return database;
}
