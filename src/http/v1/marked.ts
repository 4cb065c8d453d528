import { RefusedError } from "../../errors.ts";

/**
 * @param ids The messages that were to be marked as read; `marked` are those that were.
 * @throws {RefusedError} If there was none of them.
 */
export function foundSome(ids: readonly string[], marked: readonly string[]): void {
  if (marked.length > 0) return;
  const what = ids.length === 1 ? `"${ids[0]}"` : `any of ${ids.length} messages`;
  const message = `Cannot mark ${what} as read: no message that came in is known by that id`;
  throw new RefusedError("MESSAGE_NOT_FOUND", message);
}
