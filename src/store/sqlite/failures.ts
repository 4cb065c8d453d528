import { ConflictError, messageOf, StoreUnavailableError } from "../../errors.ts";
import { MissingParentError } from "../sql/database.ts";

const NOT_UNIQUE = 2067;
const PRIMARY_KEY_NOT_UNIQUE = 1555;
const FOREIGN_KEY = 787;

/** Primary result codes that say that the file, not the query, is the trouble. */
const UNAVAILABLE: ReadonlySet<number> = new Set([
  5, // busy
  6, // locked
  7, // no memory
  8, // read-only
  10, // input or output error
  11, // corrupt
  13, // full
  14, // cannot open
  15, // locking protocol
  26, // not a database
]);

function resultCodeOf(error: unknown): number | undefined {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code : undefined;
}

export function isBusy(error: unknown): boolean {
  return ((resultCodeOf(error) ?? 0) & 0xff) === 5;
}

/** The file is not, or is no longer, a database. */
export function isDamage(error: unknown): boolean {
  return [11, 26].includes((resultCodeOf(error) ?? 0) & 0xff);
}

/**
 * What an error of SQLite means to the callers of the store; errors of others stay what they are.
 * @see SQLite, "Result and Error Codes"
 */
export function meaningOf(error: unknown): unknown {
  const code = resultCodeOf(error);
  if (code === undefined) return error;
  if (code === NOT_UNIQUE || code === PRIMARY_KEY_NOT_UNIQUE) {
    return new ConflictError(`Cannot store it: it exists already (${messageOf(error)})`);
  }
  if (code === FOREIGN_KEY) {
    return new MissingParentError("Cannot store it: what it belongs to does not exist");
  }
  if (UNAVAILABLE.has(code & 0xff)) {
    return new StoreUnavailableError(`Cannot use the store: ${messageOf(error)}`);
  }
  return error;
}
