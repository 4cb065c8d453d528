import { RefusedError } from "../errors.ts";
import type { Jid } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import type { Inbox } from "../store/inbox.ts";
import type { Session } from "../whatsapp/session.ts";

/** As many are marked at once when nobody names the messages. */
export const MARKED = 50;

/**
 * Tells the authors of a chat's messages that they were read.
 * @param of.ids Which ones; the newest that came in when left out.
 * @returns Those that were marked: not unknown ones, and not our own.
 * @throws {RefusedError} If none of those that are named is known.
 */
export async function markRead({ session, inbox, deviceId, chat, ids }: {
  readonly session: Pick<Session, "markRead">;
  readonly inbox: Pick<Inbox, "history">;
  readonly deviceId: DeviceId;
  readonly chat: Jid;
  readonly ids?: readonly string[];
}): Promise<readonly string[]> {
  const wanted = ids ?? (await inbox.history(deviceId, chat, { limit: MARKED }))
    .filter(({ fromMe }) => !fromMe).map(({ messageId }) => messageId);
  const marked = wanted.length === 0 ? [] : await session.markRead(wanted, chat);
  if (ids !== undefined) foundSome(ids, marked);
  return marked;
}

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
