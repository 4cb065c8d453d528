import type { CompiledQuery } from "kysely";
import type { Query, Value } from "./database.ts";

class Slot {
  constructor(readonly name: string) {}
}

class RowSlot {
  constructor(readonly row: number, readonly name: string) {}
}

/**
 * Compiles a query once, when it is first used, and fills its parameters in at each use: for the few queries that run
 * for every message.
 * @param build Gets a stand-in for each parameter; treats it as an opaque value.
 */
export function hot<P extends Readonly<Record<string, Value>>, R>(
  build: (parameters: P) => { compile(): CompiledQuery<R> },
): (parameters: P) => Query<R> {
  let compiled: CompiledQuery<R> | undefined;
  return (values) => {
    const { query, queryId, sql, parameters } = compiled ??= build(standIns<P>()).compile();
    return {
      query,
      queryId,
      sql,
      parameters: parameters.map((parameter) =>
        parameter instanceof Slot ? values[parameter.name] : parameter
      ),
    };
  };
}

function standIns<P>(): P {
  return new Proxy({}, { get: (_, name) => new Slot(String(name)) }) as P;
}

/** Rows of one statement at most: more bring nothing, and each number of rows is a statement of its own. */
const MOST_ROWS = 32;

/**
 * The same for a statement that takes any number of rows: as few statements as their number has pieces of 32, 16, …
 * @param build Gets stand-ins for the rows.
 */
export function hotRows<P extends Readonly<Record<string, Value>>>(
  build: (rows: readonly P[]) => { compile(): CompiledQuery<unknown> },
): (rows: readonly P[]) => readonly Query[] {
  const made = new Map<number, (parameters: Readonly<Record<string, Value>>[]) => Query>();
  function ofCount(count: number) {
    const slots = Array.from(
      { length: count },
      (_, row) => new Proxy({}, { get: (_, name) => new RowSlot(row, String(name)) }) as P,
    );
    const compiled = build(slots).compile();
    return (rows: readonly Readonly<Record<string, Value>>[]): Query => ({
      ...compiled,
      parameters: compiled.parameters.map((parameter) =>
        parameter instanceof RowSlot ? rows[parameter.row][parameter.name] : parameter
      ),
    });
  }
  return (rows) => {
    const queries: Query[] = [];
    let count = MOST_ROWS;
    for (let start = 0; start < rows.length; start += count) {
      while (count > rows.length - start) count /= 2;
      let query = made.get(count);
      if (query === undefined) made.set(count, query = ofCount(count));
      queries.push(query(rows.slice(start, start + count)));
    }
    return queries;
  };
}

/** Lists longer than this are cut into pieces. */
export const LONGEST_LIST = 512;

/**
 * Cuts a list into pieces, each filled up to a power of two with its last element, so that `IN (…)` over lists of any
 * length needs only a handful of different statements.
 */
export function piecesOf<T>(list: readonly T[]): readonly (readonly T[])[] {
  const pieces: T[][] = [];
  for (let start = 0; start < list.length; start += LONGEST_LIST) {
    const piece = list.slice(start, start + LONGEST_LIST);
    let size = 1;
    while (size < piece.length) size *= 2;
    while (piece.length < size) piece.push(piece[piece.length - 1]);
    pieces.push(piece);
  }
  return pieces;
}
