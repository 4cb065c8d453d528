import type { Clock } from "../async/clock.ts";
import { within } from "../async/within.ts";
import { messageOf } from "../errors.ts";
import type { DeviceId } from "../ids.ts";
import { logOf } from "../log.ts";
import type { Inbox, InboxMessage } from "../store/inbox.ts";

const log = logOf("devices");

/** What is looked up in the inbox for those who have heard of a message. */
export type ToldInbox = Pick<Inbox, "get" | "named" | "history" | "chats">;

export interface ToldInboxDeps {
  readonly inbox: ToldInbox;
  /** Resolves when every message that a device has told so far is in the inbox; undefined: it has no session here. */
  readonly journaled: (deviceId: DeviceId) => Promise<void> | undefined;
  /** The same of a device that another gateway holds, which takes a call; undefined: there is no other gateway. */
  readonly journaledElsewhere?: (deviceId: DeviceId) => Promise<void> | undefined;
  readonly clock: Pick<Clock, "wait">;
}

/** How long a look may wait for it: the disk, or who holds the device, is in trouble then. */
export const JOURNALED_MS = 5_000;

/**
 * The inbox with every message that was told so far. An event may be told, and answered, while the message that it
 * tells of is still on its way to the disk. A look for one message that finds it costs nothing more.
 */
export function createToldInbox(
  { inbox, journaled, journaledElsewhere = () => undefined, clock }: ToldInboxDeps,
): ToldInbox {
  async function wait(deviceId: DeviceId, work: Promise<void> | undefined): Promise<void> {
    if (work === undefined) return;
    try {
      await within(JOURNALED_MS, work, clock);
    } catch (error) {
      log.debug("inbox.not_journaled", { deviceId, error: messageOf(error) }); // what is there already is found
    }
  }

  /** Looks again when nothing was found at first. */
  async function find<T>(
    deviceId: DeviceId,
    look: () => Promise<T>,
    rowsIn: (found: T) => readonly InboxMessage[],
  ): Promise<T> {
    const found = await look();
    const rows = rowsIn(found);
    // the content of a message that was announced without may be on its way
    if (rows.length > 0 && !rows.some(({ placeholder }) => placeholder)) return found;
    const work = journaled(deviceId) ?? journaledElsewhere(deviceId);
    if (work === undefined) return found;
    await wait(deviceId, work);
    return await look();
  }

  return {
    get: (...asked) => find(asked[0], () => inbox.get(...asked), (row) => row === undefined ? [] : [row]),
    named: (...asked) => find(asked[0], () => inbox.named(...asked), (rows) => rows),
    async history(deviceId, chat, page) {
      if (page.before === undefined) await wait(deviceId, journaled(deviceId));
      return await inbox.history(deviceId, chat, page);
    },
    async chats(deviceId, page) {
      await wait(deviceId, journaled(deviceId));
      return await inbox.chats(deviceId, page);
    },
  };
}
