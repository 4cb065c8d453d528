import type { DatabaseSync } from "node:sqlite";
import { messageOf, StoreUnavailableError } from "../../errors.ts";

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

/**
 * Brings the file's schema up to what the program knows, each step in a transaction of its own.
 * @throws {StoreUnavailableError} If the file was written by a newer program, or a step fails.
 */
export function migrate(database: DatabaseSync, path: string, migrations: readonly string[]): void {
  const found = versionOf(database);
  if (found > migrations.length) {
    throw new StoreUnavailableError(
      `Cannot open ${path}: its schema is version ${found}, this program knows up to ${migrations.length}`,
    );
  }
  for (let version = found + 1; version <= migrations.length; version++) {
    try {
      database.exec(`BEGIN IMMEDIATE; ${migrations[version - 1]}; PRAGMA user_version = ${version}; COMMIT`);
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw new StoreUnavailableError(
        `Cannot open ${path}: making its schema version ${version} failed: ${messageOf(error)}`,
      );
    }
  }
}
