import type { UiContext } from "./env.ts";

/** How many entries of a list come before a page of it: `?from=`, 0 where that is no such number. */
export function offsetIn(c: UiContext): number {
  const from = Number(c.req.query("from"));
  return Number.isSafeInteger(from) && from > 0 ? from : 0;
}
