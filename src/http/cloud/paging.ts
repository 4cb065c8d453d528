import { GraphError } from "../graph_errors.ts";

const USUAL = 100;
const MOST = 1_000;

/**
 * A page of a list as Graph gives it: `limit` and `after` of the query cut it, and `paging.next` is the whole address
 * of the next page, which clients follow as it is.
 * @param address The address of the request, as the client wrote it.
 * @throws {GraphError} If `limit` is no number, or `after` is no cursor of this list.
 */
export function pageOf<T>(
  rows: readonly T[],
  address: string,
  { idOf, shown }: { readonly idOf: (row: T) => string; readonly shown: (row: T) => unknown },
) {
  const url = new URL(address);
  const { limit = String(USUAL), after } = Object.fromEntries(url.searchParams);
  if (!/^\d{1,9}$/.test(limit) || Number(limit) === 0) {
    throw new GraphError(100, `Param limit must be a number from 1 on, got "${limit.slice(0, 20)}"`);
  }
  const first = after === undefined ? 0 : rows.findIndex((row) => cursorOf(idOf(row)) === after) + 1;
  if (after !== undefined && first === 0) throw new GraphError(100, "Param after is no cursor of this list");
  const size = Math.min(Number(limit), MOST);
  const page = rows.slice(first, first + size);
  const data = page.map(shown);
  if (page.length === 0) return { data };
  const cursors = { before: cursorOf(idOf(page[0])), after: cursorOf(idOf(page[page.length - 1])) };
  if (first + size >= rows.length) return { data, paging: { cursors } };
  url.searchParams.set("after", cursors.after);
  return { data, paging: { cursors, next: url.href } };
}

function cursorOf(id: string): string {
  return btoa(encodeURIComponent(id)).replace(/=+$/, "");
}
