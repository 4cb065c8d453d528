// Outgoing messages and group receipts in memory, for tests of what stands above the store.
import type { Messages, OutgoingMessage } from "../../src/store/messages.ts";
import type { MemberReceipt, Receipts } from "../../src/store/receipts.ts";

export function memoryMessages(rows: readonly OutgoingMessage[] = []): Messages & {
  readonly all: Map<string, OutgoingMessage>;
} {
  const all = new Map(rows.map((row) => [row.id, row]));
  const find = (is: (message: OutgoingMessage) => boolean) => [...all.values()].find(is);
  return {
    all,
    create(message) {
      const { tenantId, idempotencyKey } = message;
      const before = idempotencyKey === null
        ? undefined
        : find((other) => other.tenantId === tenantId && other.idempotencyKey === idempotencyKey);
      if (before !== undefined) return Promise.resolve({ message: before, created: false });
      all.set(message.id, message);
      return Promise.resolve({ message, created: true });
    },
    createAll(messages) {
      for (const message of messages) all.set(message.id, message);
      return Promise.resolve();
    },
    get: (id) => Promise.resolve(all.get(id)),
    byIdempotencyKey: (tenantId, key) =>
      Promise.resolve(find((message) => message.tenantId === tenantId && message.idempotencyKey === key)),
    byWaMessageId: (waMessageId, deviceId) =>
      Promise.resolve(
        find((message) => message.waMessageId === waMessageId && message.deviceId === deviceId),
      ),
    change(id, decide, now) {
      const message = all.get(id);
      if (message === undefined) return Promise.resolve(undefined);
      const change = decide(message);
      if (change === null) return Promise.resolve({ message, changed: false });
      const changed = { ...message, ...change, updatedAt: now };
      all.set(id, changed);
      return Promise.resolve({ message: changed, changed: true });
    },
    list: () => Promise.resolve([...all.values()].reverse()),
    waiting: (deviceId, statuses, limit) =>
      Promise.resolve(
        [...all.values()].filter((message) =>
          message.deviceId === deviceId && statuses.includes(message.status) && message.blastId === null
        ).slice(0, limit),
      ),
  };
}

export function memoryReceipts(): Receipts {
  const all = new Map<string, MemberReceipt>();
  const of = (messageId: string) => [...all.values()].filter((receipt) => receipt.messageId === messageId);
  return {
    get: (messageId, participant) => Promise.resolve(all.get(`${messageId}/${participant}`)),
    put(receipt) {
      all.set(`${receipt.messageId}/${receipt.participant}`, receipt);
      return Promise.resolve();
    },
    counts(messageId) {
      const ranks = of(messageId).map(({ receipt }) => ["delivered", "read", "played"].indexOf(receipt));
      const atLeast = (rank: number) => ranks.filter((each) => each >= rank).length;
      return Promise.resolve({ delivered: atLeast(0), read: atLeast(1), played: atLeast(2) });
    },
    list: (messageId, limit) => Promise.resolve(of(messageId).slice(0, limit)),
  };
}
