import { ConflictError, messageOf, StoreUnavailableError } from "../../errors.ts";
import { MissingParentError } from "../sql/database.ts";

const NOT_UNIQUE = "23505";
const FOREIGN_KEY = "23503";
/** Serialisation failure, deadlock, lock not available: the same again, a moment later, will do. */
const RUN_AGAIN: ReadonlySet<string> = new Set(["40001", "40P01", "55P03"]);
/** Classes of states that say that the server, not the query, is the trouble. */
const UNAVAILABLE_CLASSES: ReadonlySet<string> = new Set([
  "08", // connection
  "28", // not let in
  "3D", // no such database
  "53", // out of resources, as a full disk
  "57", // shut down, cancelled
  "58", // system error
  "XX", // internal error, as damage
]);
const READ_ONLY = "25006";
const IDLE_IN_TRANSACTION = "25P03";

/** The SQLSTATE of an error of the server; undefined: it is none. */
export function stateOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error && "severity" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** A prepared statement was made before the schema changed: it goes well on a new connection. */
export function isStalePlan(error: unknown): boolean {
  return stateOf(error) === "0A000" && messageOf(error).includes("cached plan");
}

/** The server went away, or is just coming back: the same will do in a moment. */
export function isAway(error: unknown): boolean {
  return error instanceof ConnectionLostError || error instanceof UnreachableError ||
    /^(08|57P0[123])/.test(stateOf(error) ?? "");
}

/** Whether the same transaction may well succeed when it is run again at once. */
export function isPassing(error: unknown): boolean {
  return RUN_AGAIN.has(stateOf(error) ?? "");
}

/** The connection is of no use any more, or the server cannot do anything now. */
export function isUnavailable(error: unknown): boolean {
  const state = stateOf(error);
  if (state === undefined) {
    return [ConnectionLostError, UnreachableError, StoreUnavailableError].some((kind) =>
      error instanceof kind
    );
  }
  return UNAVAILABLE_CLASSES.has(state.slice(0, 2)) || state === READ_ONLY || state === IDLE_IN_TRANSACTION;
}

/** The connection ended. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

/** No connection could be made, for a reason that may pass. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/**
 * What an error of Postgres means to the callers of the store; errors of others stay what they are.
 * @see PostgreSQL, "Appendix A. PostgreSQL Error Codes"
 */
export function meaningOf(error: unknown): unknown {
  if (isUnavailable(error) || isPassing(error)) {
    return error instanceof StoreUnavailableError
      ? error
      : new StoreUnavailableError(`Cannot use the store: ${messageOf(error)}`);
  }
  const state = stateOf(error);
  if (state === NOT_UNIQUE) {
    return new ConflictError(`Cannot store it: it exists already (${messageOf(error)})`);
  }
  if (state === FOREIGN_KEY) {
    return new MissingParentError("Cannot store it: what it belongs to does not exist");
  }
  return error;
}
