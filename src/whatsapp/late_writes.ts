import { AsyncLocalStorage } from "node:async_hooks";
import type { SignalKeyStoreWithTransaction } from "@whiskeysockets/baileys";

/**
 * Baileys' transactions on its keys follow the flow of control, into what nobody waits for too: such work goes on after
 * the transaction has ended, reads what that one had read, and writes what nobody stores any more. Here it leaves the
 * transaction once that is over. Without this, a privacy token is issued anew with every message that is sent, since
 * it is never noted.
 * @see Baileys lib/Utils/auth-utils.js, `addTransactionCapability`; lib/Socket/messages-send.js, `issuePrivacyTokens`
 */
export function keepLateWrites(keys: SignalKeyStoreWithTransaction): void {
  const around = new AsyncLocalStorage<{ over: boolean }>();
  const outside = AsyncLocalStorage.snapshot();
  const { get, set, transaction } = keys; // closures: they need no `this`
  /** Runs something where it belongs: in the transaction around it while that lasts, else outside of any. */
  const placed = <T>(work: () => T): T => around.getStore()?.over ? outside(work) : work();

  keys.get = (type, ids) => placed(() => get(type, ids));
  keys.set = (data) => placed(() => set(data));
  keys.transaction = (work, key) =>
    placed(async () => {
      if (around.getStore() !== undefined) return await transaction(work, key); // a part of the one around it
      const life = { over: false };
      try {
        return await around.run(life, () => transaction(work, key));
      } finally {
        life.over = true;
      }
    });
}
