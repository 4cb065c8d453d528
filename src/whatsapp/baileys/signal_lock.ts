import { AsyncLocalStorage } from "node:async_hooks";
import type { SignalRepositoryWithLIDStore } from "@whiskeysockets/baileys";
import { createInTurn } from "../../async/keyed_lock.ts";
import type { Directory } from "./directory.ts";
import { isLid, plainJid } from "../jid.ts";

/** Does one thing after the other with the Signal sessions of a person, whichever of their addresses names them. */
export type SignalTurns = <T>(jid: string, work: () => Promise<T>) => Promise<T>;

export function createSignalTurns(directory: Directory): SignalTurns {
  const inTurn = createInTurn();
  return async (jid, work) => {
    const plain = plainJid(jid);
    // sessions are kept by LID as soon as it is known
    const person = isLid(plain) ? plain : (await directory([plain]))(plain) ?? plain;
    return await inTurn(person, work);
  };
}

/**
 * Lets what changes a Signal session or sender key for a message that goes out do so at once, and in turn with what
 * comes in. Baileys' transactions read sessions when they begin, write them when they end, and do not lock them
 * against each other: a message that comes in while one goes out to the same person undoes a step of the ratchet, and
 * the same key encrypts twice. Nor is the step written down when the message leaves.
 * @see Baileys lib/Utils/auth-utils.js `addTransactionCapability`; lib/Socket/messages-send.js `relayMessage`
 */
export function encryptInTurn<R extends SignalRepositoryWithLIDStore>(repository: R, turns: SignalTurns): R {
  const outside = AsyncLocalStorage.snapshot(); // of any transaction: what is called there has one of its own
  const inTurn = <T>(jid: string, work: () => Promise<T>) => turns(jid, () => outside(work));
  return {
    ...repository,
    encryptMessage: (what) => inTurn(what.jid, () => repository.encryptMessage(what)),
    encryptGroupMessage: (what) => outside(() => repository.encryptGroupMessage(what)),
    injectE2ESession: (what) => inTurn(what.jid, () => repository.injectE2ESession(what)),
    migrateSession: (from, to) => inTurn(to, () => repository.migrateSession(from, to)),
  };
}
