import { DEFAULT_TENANT } from "../../ids.ts";
import type { Store } from "../store.ts";
import { createStore } from "../sql/store.ts";
import { openReader, openWriter } from "./connection.ts";
import { SqliteDatabase } from "./database.ts";
import { openVaultOf } from "./encryption.ts";
import { flushAside } from "./flush.ts";
import { checkIntegrity } from "./integrity.ts";
import { migrate } from "./migrate.ts";
import { keepShrinking } from "./shrink.ts";
import { MIGRATIONS } from "./migrations/all.ts";

export interface SqliteStoreOptions {
  /** The file; made, with its folder, when there is none. */
  readonly path: string;
  readonly now?: () => number;
  /** Looks for damage first: what to do when the last process that had it ended badly. */
  readonly check?: boolean;
  /** `ENCRYPTION_KEY`: seals secrets. */
  readonly encryptionKey?: string;
  /** Hears the text of each statement that is prepared. */
  readonly onPrepare?: (sql: string) => void;
}

/**
 * Opens the store in a SQLite file. The default tenant exists from then on.
 * @throws {StoreUnavailableError} If the file cannot be opened, is damaged, was written by a newer program, or
 * was sealed with another key.
 */
export function openSqliteStore(
  { path, now = Date.now, check = false, encryptionKey, onPrepare }: SqliteStoreOptions,
): Store {
  const writer = openWriter(path);
  try {
    if (check) checkIntegrity(writer, path);
    migrate(writer, path, MIGRATIONS);
    writer.prepare(
      "INSERT INTO tenants (id, name, status, created_at, updated_at) VALUES (?, 'Default', 'active', ?, ?) " +
        "ON CONFLICT DO NOTHING",
    ).run(DEFAULT_TENANT, now(), now());
    const vault = openVaultOf(writer, path, encryptionKey);
    const flusher = flushAside(writer, path);
    const db = new SqliteDatabase({ writer, reader: openReader(path), flusher, onPrepare });
    const store = createStore(db, now, vault);
    const stopShrinking = keepShrinking(writer);
    return {
      ...store,
      close() {
        stopShrinking();
        return store.close();
      },
    };
  } catch (error) {
    writer.close();
    throw error;
  }
}
