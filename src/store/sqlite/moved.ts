import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailableError } from "../../errors.ts";

const MOVED = "store.moved_to";

/** `moving`: the other database may or may not have everything by now. */
export interface Moved {
  readonly state: "moving" | "moved";
  /** The other database, without a password. */
  readonly to: string;
}

/** Where a file's content was moved to; undefined: nowhere. */
export function movedTo(database: DatabaseSync): Moved | undefined {
  const row = database.prepare("SELECT value FROM settings WHERE name = ?").get(MOVED);
  return row === undefined ? undefined : JSON.parse(String(row.value)) as Moved; // only `setMoved` writes it
}

/** Marks a file, or takes the mark away. */
export function setMoved(database: DatabaseSync, moved: Moved | undefined): void {
  if (moved === undefined) database.prepare("DELETE FROM settings WHERE name = ?").run(MOVED);
  else {
    database.prepare("INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")
      .run(MOVED, JSON.stringify(moved));
  }
}

/**
 * A gateway on a file that was moved would log every number in a second time, with ratchets of another day.
 * @throws {StoreUnavailableError} If the file was moved, or its move was interrupted.
 */
export function refuseMoved(database: DatabaseSync, path: string): void {
  const moved = movedTo(database);
  if (moved === undefined) return;
  throw new StoreUnavailableError(
    moved.state === "moved"
      ? `Cannot open ${path}: it was moved to ${moved.to}. Set DATABASE_URL to that`
      : `Cannot open ${path}: its move to ${moved.to} was interrupted. Run \`kabar move\` again`,
  );
}
