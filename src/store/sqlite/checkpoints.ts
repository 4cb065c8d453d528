import { DatabaseSync, type StatementSync } from "node:sqlite";
import { messageOf } from "../../errors.ts";
import { logOf } from "../../log.ts";
import { isBusy } from "./failures.ts";

const log = logOf("store");

/** Pages of the log that are worth a checkpoint: 8 MB. */
const ENOUGH_PAGES = 2_000;
/** How many commits it may take until that is noticed. */
const LOOK_EVERY = 8;

/** How far the log has come, in pages; the answer of `PRAGMA wal_checkpoint`. */
interface Progress {
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * Brings what the write-ahead log holds into the database file, so that the log begins anew. SQLite does that by itself
 * in the middle of a commit, and syncs both files there: on a busy disk that stops everything for tens of milliseconds.
 * Here the thread only copies pages; the disk is waited for while it does other things. Meanwhile nothing is committed,
 * by nobody: the log must not begin anew before the file has its pages for certain.
 * @see SQLite, "Write-Ahead Logging", 3.3 "Checkpoint": log to the disk, pages into the file, file to the disk
 */
export class Checkpoints {
  readonly #file: Deno.FsFile;
  readonly #copier: DatabaseSync;
  readonly #look: StatementSync;
  readonly #copy: StatementSync;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #syncLog: () => Promise<void>;
  #commits = 0;
  /** How long the log was when a reader of old pages kept a checkpoint from being finished. */
  #stuckAt = 0;

  private constructor(writer: DatabaseSync, path: string, syncLog: () => Promise<void>) {
    this.#syncLog = syncLog;
    this.#file = Deno.openSync(path, { read: true, write: true });
    this.#copier = new DatabaseSync(path);
    this.#copier.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = 16;");
    this.#look = writer.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#copy = this.#copier.prepare("PRAGMA wal_checkpoint(PASSIVE)");
    this.#begin = writer.prepare("BEGIN IMMEDIATE");
    this.#end = writer.prepare("ROLLBACK");
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
   * To be called after each commit, and to be waited for before the next; undefined when there is nothing to do.
   * Rejects if nobody knows any more what the disk has.
   */
  afterCommit(): Promise<void> | undefined {
    if (++this.#commits < LOOK_EVERY) return undefined;
    this.#commits = 0;
    const { log: length, checkpointed } = this.#look.get() as unknown as Progress;
    if (length < this.#stuckAt) this.#stuckAt = 0; // it began anew
    if (length - Math.max(checkpointed, this.#stuckAt) < ENOUGH_PAGES) return undefined;
    return this.#run(length);
  }

  /** Before the writer is closed: whoever is last makes a checkpoint, and has to sync it. */
  close(): void {
    this.#copier.close();
  }

  /** After all connections are closed: to close any handle of the file gives up the locks that they have on it. */
  closeFile(): void {
    this.#file.close();
  }

  async #run(length: number): Promise<void> {
    try {
      this.#begin.run(); // so that no other process commits
    } catch (error) {
      if (isBusy(error)) return;
      throw error;
    }
    try {
      await this.#syncLog();
      if (!this.#copied(length)) return;
      await this.#file.syncData();
    } finally {
      this.#end.run();
    }
  }

  /** False: it could not be done; the log goes on until it can. */
  #copied(length: number): boolean {
    this.#stuckAt = length;
    try {
      const { log: all, checkpointed } = this.#copy.get() as unknown as Progress;
      if (checkpointed === all) this.#stuckAt = 0;
      return true;
    } catch (error) {
      log.warn("store.not_checkpointed", { error: messageOf(error) });
      return false;
    }
  }
}
