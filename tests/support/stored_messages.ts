// Messages and group receipts in a store of their own, for tests of what stands above the store.
import type { Messages, OutgoingMessage } from "../../src/store/messages.ts";
import type { Receipts } from "../../src/store/receipts.ts";
import { fileStore } from "./temporary_store.ts";

export interface StoredMessages {
  readonly messages: Messages & {
    /** All of them, oldest first. */
    all(): Promise<readonly OutgoingMessage[]>;
  };
  readonly receipts: Receipts;
  /** Resolves when all that was asked for before is on disk, as the gate of a session does. */
  onDisk(): Promise<void>;
}

/** Opens a store that holds these messages. It is removed when the tests of the file are over. */
export function storedMessages(rows: readonly OutgoingMessage[] = []): StoredMessages {
  const { store } = fileStore();
  const stored = store.messages.createAll(rows);
  return {
    messages: {
      ...store.messages,
      // the rows are there before anything else is done
      create: (message) => stored.then(() => store.messages.create(message)),
      get: (id) => stored.then(() => store.messages.get(id)),
      list: (...asked) => stored.then(() => store.messages.list(...asked)),
      waiting: (...asked) => stored.then(() => store.messages.waiting(...asked)),
      change: (...asked) => stored.then(() => store.messages.change(...asked)),
      byWaMessageId: (...asked) => stored.then(() => store.messages.byWaMessageId(...asked)),
      byIdempotencyKey: (...asked) => stored.then(() => store.messages.byIdempotencyKey(...asked)),
      all: () => stored.then(async () => (await store.messages.list({}, { limit: 1_000 })).toReversed()),
    },
    receipts: store.receipts,
    onDisk: () => stored.then(() => store.settings.set("gate", "")),
  };
}
