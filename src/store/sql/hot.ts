import type { CompiledQuery } from "kysely";
import type { Query, Value } from "../database.ts";

class Slot {
  constructor(readonly name: string) {}
}

/**
 * Compiles a query once and fills its parameters in at each use, for the few queries that run for every message.
 * @param build Gets a stand-in for each parameter; treats it as an opaque value.
 */
export function hot<P extends Readonly<Record<string, Value>>, R>(
  build: (parameters: P) => { compile(): CompiledQuery<R> },
): (parameters: P) => Query<R> {
  const slots = new Proxy({}, { get: (_, name) => new Slot(String(name)) }) as P;
  const { query, queryId, sql, parameters } = build(slots).compile();
  return (values) => ({
    query,
    queryId,
    sql,
    parameters: parameters.map((parameter) => parameter instanceof Slot ? values[parameter.name] : parameter),
  });
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
