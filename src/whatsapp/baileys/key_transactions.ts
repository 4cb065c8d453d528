import { AsyncLocalStorage } from "node:async_hooks";
import type {
  SignalDataSet,
  SignalDataTypeMap,
  SignalKeyStore,
  SignalKeyStoreWithTransaction,
} from "@whiskeysockets/baileys";
import { createInTurn } from "../../async/keyed_lock.ts";

/** What one transaction has written, which the store gets at its end. */
interface Transaction {
  readonly changes: Record<string, Record<string, unknown>>;
  over: boolean;
}

/**
 * Transactions for what encrypts and decrypts: one after the other for each name, each written as a whole, reading what
 * it has written itself. Baileys has its own, which take a lock for every read as well, copy what they read, and wait
 * for a queue to write; here a read is the store's own, which answers from memory.
 *
 * What goes on after its transaction has ended leaves it: such work writes for itself.
 * @see Baileys lib/Utils/auth-utils.js `addTransactionCapability`
 */
export function withTransactions(store: SignalKeyStore): SignalKeyStoreWithTransaction {
  const around = new AsyncLocalStorage<Transaction>();
  const inTurn = createInTurn();

  function current(): Transaction | undefined {
    const transaction = around.getStore();
    return transaction?.over ? undefined : transaction;
  }

  async function write({ changes }: Transaction): Promise<void> {
    for (const _type in changes) return await store.set(changes as SignalDataSet);
  }

  return {
    async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const own = current()?.changes[type];
      if (own === undefined) return await store.get(type, ids);
      const others = ids.filter((id) => !(id in own));
      const found = others.length === 0 ? {} : await store.get(type, others);
      for (const id of ids) {
        if (id in own && own[id] !== null && own[id] !== undefined) {
          found[id] = own[id] as SignalDataTypeMap[T]; // as it was set
        }
      }
      return found;
    },
    async set(data) {
      const transaction = current();
      if (transaction === undefined) return await store.set(data);
      for (const [type, byId] of Object.entries(data)) {
        transaction.changes[type] = Object.assign(transaction.changes[type] ?? {}, byId);
      }
    },
    isInTransaction: () => current() !== undefined,
    async transaction(work, name) {
      if (current() !== undefined) return await work(); // a part of the one around it
      return await inTurn(name, async () => {
        const transaction: Transaction = { changes: {}, over: false };
        try {
          const result = await around.run(transaction, work);
          await write(transaction);
          return result;
        } finally {
          transaction.over = true;
        }
      });
    },
  };
}
