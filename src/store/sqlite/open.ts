import { systemClock } from "../../async/clock.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import type { Store } from "../store.ts";
import { createStore } from "../sql/store.ts";
import { openReader, openWriter } from "./connection.ts";
import { SqliteDatabase } from "./database.ts";
import { finishRestore } from "./backup.ts";
import { logOf } from "../../log.ts";
import { hasResidue, openVaultOf, RESIDUE } from "./encryption.ts";
import { rewrite } from "./rewrite.ts";
import { flushAside } from "./flush.ts";
import { checkIntegrity } from "./integrity.ts";
import { migrate } from "./migrate.ts";
import { refuseMoved } from "./moved.ts";
import { keepShrinking } from "./shrink.ts";
import { MIGRATIONS } from "./migrations/all.ts";

const log = logOf("store");

export interface SqliteStoreOptions {
  /** The file; made, with its folder, when there is none. */
  readonly path: string;
  readonly now?: () => number;
  /** Looks for damage first: what to do when the last process that had it ended badly. */
  readonly check?: boolean;
  /** `ENCRYPTION_KEY`: seals secrets. */
  readonly encryptionKey?: string;
  /** The store takes nothing any more until it is opened anew: a flush of the disk failed. */
  readonly onBroken?: (error: Error) => void;
  /** Hears the text of each statement that is prepared. */
  readonly onPrepare?: (sql: string) => void;
}

/**
 * Opens the store in a SQLite file. The default tenant exists from then on.
 * @throws {StoreUnavailableError} If the file cannot be opened, is damaged, was written by a newer program,
 * or was sealed with another key.
 */
export function openSqliteStore(
  { path, now = systemClock.now, check = false, encryptionKey, onPrepare, onBroken }: SqliteStoreOptions,
): Store {
  finishRestore(path);
  let writer = openWriter(path);
  try {
    if (check) checkIntegrity(writer, path);
    migrate(writer, path, MIGRATIONS);
    refuseMoved(writer, path);
    writer.prepare(
      "INSERT INTO tenants (id, name, status, created_at, updated_at) VALUES (?, 'Default', 'active', ?, ?) " +
        "ON CONFLICT DO NOTHING",
    ).run(DEFAULT_TENANT, now(), now());
    const vault = openVaultOf(writer, path, encryptionKey);
    if (hasResidue(writer)) {
      log.warn("store.sealed", {
        path,
        why:
          "secrets are encrypted from now on; the file is written anew so that it keeps no trace of them. " +
          "Backups that were made before hold them in the open: remove them, or change the secrets",
      });
      writer.close();
      rewrite(path, RESIDUE);
      writer = openWriter(path);
    }
    const flusher = flushAside(writer, path);
    const db = new SqliteDatabase({ writer, reader: openReader(path), flusher, onPrepare, onBroken });
    const store = createStore({ db, now, vault });
    const stopShrinking = keepShrinking(writer);
    return {
      ...store,
      close() {
        stopShrinking();
        return store.close();
      },
    };
  } catch (error) {
    if (writer.isOpen) writer.close();
    throw error;
  }
}
