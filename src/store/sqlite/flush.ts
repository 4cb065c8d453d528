import type { DatabaseSync } from "node:sqlite";
import { Checkpoints } from "./checkpoints.ts";

/** Brings commits to the disk. */
export interface Flusher {
  /** When it resolves, every commit made before the call survives a loss of power. */
  flush(): Promise<void>;
  /** What is due after a commit and before the next one; undefined: nothing is. Rejects as `flush` does. */
  afterCommit?(): Promise<void> | undefined;
  /** Before the connections are closed; waits for what is still on its way. */
  close(): Promise<void>;
  /** After they are. */
  closed?(): void;
}

/**
 * Takes the waiting for the disk off the connection: from now on a commit only writes to the write-ahead log,
 * and `flush` syncs that file while the event loop goes on. Checkpoints wait for the disk in the same way; what is
 * synced before what stays as SQLite has it, so the file is consistent whenever it ends.
 * @param writer Has the file at `path` open, with `synchronous = FULL`.
 * @see SQLite, "Write-Ahead Logging": with `synchronous = NORMAL` the log is synced before a checkpoint only
 */
export function flushAside(writer: DatabaseSync, path: string): Flusher {
  // A last commit that SQLite syncs itself: it makes the log exist, and its entry in the folder durable.
  writer.exec(`
    BEGIN IMMEDIATE;
    INSERT INTO settings VALUES ('store.opened', hex(randomblob(8)))
      ON CONFLICT DO UPDATE SET value = excluded.value;
    COMMIT;
    PRAGMA synchronous = NORMAL;
  `);
  const log = Deno.openSync(`${path}-wal`, { read: true, write: true });
  const checkpoints = Checkpoints.of(writer, path, () => log.syncData());
  return {
    flush: () => log.syncData(),
    afterCommit: () => checkpoints?.afterCommit(),
    async close() {
      await checkpoints?.close();
      log.close();
    },
    closed: () => checkpoints?.closeFile(),
  };
}
