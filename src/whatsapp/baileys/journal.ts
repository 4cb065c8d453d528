import {
  DEFAULT_CONNECTION_CONFIG,
  type SignalKeyStore,
  type SignalKeyStoreWithTransaction,
  type SocketConfig,
  unpadRandomMax16,
} from "@whiskeysockets/baileys";
import type { InboxMessage } from "../../store/inbox.ts";
import { createDirectory } from "./directory.ts";
import { isGroup } from "../jid.ts";
import { cacheWithoutTimers, storeInSlices } from "./mapping_slices.ts";
import { announcedIn } from "./normalise/placeholder.ts";
import {
  announced,
  type AnnouncedPast,
  announcedPast,
  type Arrival,
  type HandedOver,
  handedOver,
  movesToLids,
  readMessage,
  type Self,
} from "./reading.ts";
import { rememberLids } from "./remembered_lids.ts";
import { createSignalTurns, encryptInTurn } from "./signal_lock.ts";
import { type BinaryNode, childrenOf } from "./stanza.ts";

type MakeSignalRepository = SocketConfig["makeSignalRepository"];

export interface JournalDeps {
  /** Makes the row that is going to be written. */
  readonly prepare: (arrival: Arrival) => Promise<InboxMessage>;
  /** Has the row written before anything more is said to WhatsApp. */
  readonly write: (row: InboxMessage) => void;
  /** The rest is the gateway's own affair. Resolves when the next may come. */
  readonly arrived: (arrival: Arrival, row: InboxMessage) => Promise<void>;
  /** A message that the phone hands over, as it was announced before; undefined when it is there already. */
  readonly completed: (found: HandedOver) => Promise<Arrival | undefined>;
  /** Has a page of the past written before anything more is said to WhatsApp. */
  readonly past: (page: AnnouncedPast) => void;
  /** The account's chats with people have moved to LIDs. */
  readonly onMovedToLids: () => void;
  readonly me: () => Self | undefined;
  readonly now: () => number;
}

export interface Journal {
  /**
   * Tells the journal of every stanza before Baileys handles it. Resolves when what the stanza says without being
   * decrypted is written down: that a message exists, or a message in plain text.
   */
  readonly see: (stanza: BinaryNode) => Promise<void>;
  readonly makeSignalRepository: MakeSignalRepository;
}

/** What libsignal and the group cipher say of a message that they have opened before. */
const OPENED_BEFORE = ["Key used already or never filled", "Received message with old counter"];

/**
 * Writes every message down before WhatsApp is told that it was delivered. Baileys sends the receipt after
 * `decryptMessage` and before it tells anybody of the message, so the journal sits inside `decryptMessage`.
 *
 * The plaintext is found again in its stanza by the very bytes that were decrypted. It is handed to the ledger inside
 * the transaction that advances the Signal session, before the new keys are: what is on disk after a crash is either
 * both, or a session that can decrypt the message when WhatsApp delivers it again.
 *
 * What cannot be opened, and what only the phone was given, is written down as a placeholder: WhatsApp does not deliver
 * either of them again.
 * @see Baileys lib/Socket/messages-recv.js `handleMessage`, lib/Utils/decode-wa-message.js, lib/Signal/libsignal.js
 */
export function createJournal(
  { prepare, write, arrived, completed, past, onMovedToLids, me, now }: JournalDeps,
): Journal {
  const stanzas = new WeakMap<Uint8Array, BinaryNode>();

  async function open(ciphertext: Uint8Array, padded: Uint8Array): Promise<readonly Arrival[]> {
    const stanza = stanzas.get(ciphertext);
    const self = me();
    if (stanza === undefined || self === undefined) return [];
    const bytes = unpadRandomMax16(padded);
    const arrival = readMessage(stanza, bytes, self);
    if (arrival !== undefined) return [arrival];
    const page = announcedPast(stanza, bytes, self);
    if (page !== undefined) past(page);
    if (movesToLids(stanza, bytes, self)) onMovedToLids();
    const found = await Promise.all(handedOver(stanza, bytes, self).map(completed));
    return found.filter((one) => one !== undefined);
  }

  async function openOrNothing(ciphertext: Uint8Array, padded: Uint8Array): Promise<readonly Arrival[]> {
    try {
      return await open(ciphertext, padded);
    } catch {
      return []; // no message: Baileys finds that out next, and asks for it again
    }
  }

  async function note(arrival: Arrival) {
    const row = await prepare(arrival);
    write(row);
    return { arrival, row };
  }

  async function take(arrival: Arrival | undefined): Promise<void> {
    if (arrival === undefined) return;
    const { row } = await note(arrival);
    await arrived(arrival, row);
  }

  /** A message that could not be opened; not one that was opened before, nor one that no phone would show. */
  async function missed(ciphertext: Uint8Array, error: unknown): Promise<void> {
    const stanza = stanzas.get(ciphertext);
    const self = me();
    const why = error instanceof Error ? error.message : "";
    if (stanza === undefined || self === undefined) return;
    if (OPENED_BEFORE.some((start) => why.startsWith(start)) || isHidden(stanza)) return;
    await take(announced(stanza, self, { reason: "unreadable", rawType: "unavailable" }));
  }

  const makeSignalRepository: MakeSignalRepository = (auth, logger, pnToLid) => {
    const repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, pnToLid);
    cacheWithoutTimers(repository.lidMapping);
    storeInSlices(repository.lidMapping);
    rememberLids(repository.lidMapping);
    const transaction = transactionOf(auth.keys);
    const turns = createSignalTurns(createDirectory(auth.keys));

    async function decrypt(lock: string, ciphertext: Uint8Array, work: () => Promise<Uint8Array>) {
      const decrypted = () =>
        transaction(async () => {
          const plaintext = await work();
          const arrivals = await openOrNothing(ciphertext, plaintext);
          return { plaintext, entries: await Promise.all(arrivals.map(note)) };
        }, lock);
      try {
        const { plaintext, entries } = isGroup(lock) ? await decrypted() : await turns(lock, decrypted);
        for (const { arrival, row } of entries) await arrived(arrival, row);
        return plaintext;
      } catch (error) {
        await missed(ciphertext, error);
        throw error;
      }
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
    async see(stanza) {
      const self = me();
      for (const { content } of childrenOf(stanza, "enc")) {
        if (content instanceof Uint8Array) stanzas.set(content, stanza);
      }
      if (self === undefined) return;
      for (const { content } of childrenOf(stanza, "plaintext")) {
        if (content instanceof Uint8Array) await take(readMessage(stanza, content, self));
      }
      const placeholder = announcedIn(stanza, Math.floor(now() / 1_000));
      if (placeholder !== undefined) await take(announced(stanza, self, placeholder));
    },
    makeSignalRepository,
  };
}

/** What phones show no placeholder for when it cannot be opened: reactions and the like. */
function isHidden(stanza: BinaryNode): boolean {
  return childrenOf(stanza, "enc").some(({ attrs }) => attrs["decrypt-fail"] === "hide");
}

/** Baileys always adds transactions to the keys before it makes the repository. */
function transactionOf(keys: SignalKeyStore | SignalKeyStoreWithTransaction) {
  if (!("transaction" in keys)) {
    throw new TypeError("Cannot keep a journal: the key store has no transactions");
  }
  return keys.transaction.bind(keys);
}
