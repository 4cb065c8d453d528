import {
  cleanMessage,
  decodeMessageNode,
  DEFAULT_CONNECTION_CONFIG,
  proto,
  type SignalKeyStore,
  type SignalKeyStoreWithTransaction,
  type SocketConfig,
  unpadRandomMax16,
  type WAMessage,
} from "@whiskeysockets/baileys";
import type { InboxMessage } from "../store/inbox.ts";
import { createDirectory } from "./directory.ts";
import { isGroup } from "./jid.ts";
import { isConversation, saysSomething } from "./normalise/message.ts";
import { createSignalTurns, encryptInTurn } from "./signal_turns.ts";
import { type BinaryNode, childrenOf, isOffline } from "./stanza.ts";

type MakeSignalRepository = SocketConfig["makeSignalRepository"];

/** A message that has just been decrypted. */
export interface Arrival {
  readonly info: WAMessage;
  readonly offline: boolean;
}

export interface JournalDeps {
  /** Makes the row that is going to be written. */
  readonly prepare: (arrival: Arrival) => Promise<InboxMessage>;
  /** Has the row written before anything more is said to WhatsApp. */
  readonly write: (row: InboxMessage) => void;
  /** The rest is the gateway's own affair. Resolves when the next may come. */
  readonly arrived: (arrival: Arrival, row: InboxMessage) => Promise<void>;
  /** Our own addresses, with device. */
  readonly me: () => { readonly id: string; readonly lid?: string } | undefined;
}

export interface Journal {
  /** Tells the journal of every stanza before Baileys handles it. */
  readonly see: (stanza: BinaryNode) => void;
  readonly makeSignalRepository: MakeSignalRepository;
}

/**
 * Writes every message down before WhatsApp is told that it was delivered. Baileys sends the receipt after
 * `decryptMessage` and before it tells anybody of the message, so the journal sits inside `decryptMessage`.
 *
 * The plaintext is found again in its stanza by the very bytes that were decrypted. It is handed to the ledger inside
 * the transaction that advances the Signal session, before the new keys are: what is on disk after a crash is either
 * both, or a session that can decrypt the message when WhatsApp delivers it again.
 * @see Baileys lib/Socket/messages-recv.js `handleMessage`, lib/Utils/decode-wa-message.js, lib/Signal/libsignal.js
 */
export function createJournal({ prepare, write, arrived, me }: JournalDeps): Journal {
  const stanzas = new WeakMap<Uint8Array, BinaryNode>();

  function open(ciphertext: Uint8Array, plaintext: Uint8Array): Arrival | undefined {
    const stanza = stanzas.get(ciphertext);
    const self = me();
    if (stanza === undefined || self === undefined) return undefined;
    try {
      const info = readMessage(stanza, plaintext, self);
      return info && { info, offline: isOffline(stanza) };
    } catch {
      return undefined; // no message: Baileys finds that out next, and asks for it again
    }
  }

  const makeSignalRepository: MakeSignalRepository = (auth, logger, pnToLid) => {
    const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, pnToLid);
    const transaction = transactionOf(auth.keys);
    const turns = createSignalTurns(createDirectory(auth.keys));

    async function decrypt(lock: string, ciphertext: Uint8Array, work: () => Promise<Uint8Array>) {
      const decrypted = () =>
        transaction(async () => {
          const plaintext = await work();
          const arrival = open(ciphertext, plaintext);
          if (arrival === undefined) return { plaintext };
          const row = await prepare(arrival);
          write(row);
          return { plaintext, entry: { arrival, row } };
        }, lock);
      const { plaintext, entry } = isGroup(lock) ? await decrypted() : await turns(lock, decrypted);
      if (entry !== undefined) await arrived(entry.arrival, entry.row);
      return plaintext;
    }

    return {
      ...encryptInTurn(repository, turns),
      decryptMessage: (message) =>
        decrypt(message.jid, message.ciphertext, () => repository.decryptMessage(message)),
      decryptGroupMessage: (message) =>
        decrypt(message.group, message.msg, () => repository.decryptGroupMessage(message)),
    };
  };

  return {
    see(stanza) {
      for (const { content } of childrenOf(stanza, "enc")) {
        if (content instanceof Uint8Array) stanzas.set(content, stanza);
      }
    },
    makeSignalRepository,
  };
}

/** Baileys always adds transactions to the keys before it makes the repository. */
function transactionOf(keys: SignalKeyStore | SignalKeyStoreWithTransaction) {
  if (!("transaction" in keys)) {
    throw new TypeError("Cannot keep a journal: the key store has no transactions");
  }
  return keys.transaction.bind(keys);
}

/** The message of a stanza, as Baileys will show it; undefined when it tells nothing, or cannot be read. */
function readMessage(
  stanza: BinaryNode,
  plaintext: Uint8Array,
  me: { readonly id: string; readonly lid?: string },
): WAMessage | undefined {
  const decoded = proto.Message.decode(unpadRandomMax16(plaintext));
  const sent = decoded.deviceSentMessage?.message;
  if (!saysSomething(sent ?? decoded)) return undefined;
  const { fullMessage } = decodeMessageNode(stanza, me.id, me.lid ?? "");
  if (!isConversation(fullMessage.key.remoteJid ?? "")) return undefined;
  fullMessage.message = sent ?? decoded;
  // what opens votes and edits stays outside of a message that came from another device of ours
  fullMessage.message.messageContextInfo ??= decoded.messageContextInfo;
  cleanMessage(fullMessage, me.id, me.lid ?? "");
  return fullMessage;
}
