import type { Inbox } from "../../store/inbox.ts";

/** What is looked up in the inbox for those who have heard of a message. */
export type SettledInbox = Pick<Inbox, "get" | "named" | "history">;

/**
 * The inbox with everything that was told so far. An event may be told, and answered, while the message that it tells
 * of is still on its way to the disk.
 * @param journaled Resolves when every row so far is written; undefined when all are.
 */
export function settledInbox(inbox: SettledInbox, journaled: () => Promise<void> | undefined): SettledInbox {
  return {
    async get(...asked) {
      await journaled();
      return await inbox.get(...asked);
    },
    async named(...asked) {
      await journaled();
      return await inbox.named(...asked);
    },
    async history(...asked) {
      await journaled();
      return await inbox.history(...asked);
    },
  };
}
