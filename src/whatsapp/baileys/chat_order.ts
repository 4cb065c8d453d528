import { plainJid } from "../jid.ts";
import { type BinaryNode, isOffline } from "./stanza.ts";

/** Does the work that a message stanza asks for when its turn has come. */
export type InOrder = (stanza: BinaryNode, work: () => Promise<void>) => void;

export interface ChatOrderDeps {
  /** What a crash has left is published: it is older than anything that comes. */
  readonly ready: Promise<void>;
  /** Whether the connection lasts: what is not handled before it ends, WhatsApp delivers again. */
  readonly isOpen: () => boolean;
}

/** Stanzas of the backlog that are handled before the rest of the process gets its turn. */
const TOGETHER = 10;

/**
 * Handles the messages of a chat in the order in which WhatsApp sent them. Baileys queues what waited on the server,
 * one after the other, and handles what comes live at once: so a text that comes right after a login would overtake
 * those before it. Here it waits for those of its own chat, and for no others.
 * @see Baileys lib/Utils/offline-node-processor.js, lib/Socket/messages-recv.js `processNode`
 */
export function createChatOrder({ ready, isOpen }: ChatOrderDeps): InOrder {
  const tails = new Map<string, Promise<void>>();
  let backlog = ready;
  let handled = 0;

  async function inBacklog(work: () => Promise<void>): Promise<void> {
    if (!isOpen()) return;
    await work();
    if (++handled % TOGETHER === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  return (stanza, work) => {
    const chats = addressesOf(stanza);
    const offline = isOffline(stanza);
    const before = [offline ? backlog : ready, ...chats.map((chat) => tails.get(chat))];
    const done = Promise.all(before).then(() => offline ? inBacklog(work) : work());
    const over = done.then(() => {}, () => {}); // the session has ended, or the next one may fare better
    if (offline) backlog = over;
    for (const chat of chats) tails.set(chat, over);
    void over.then(() => {
      for (const chat of chats) if (tails.get(chat) === over) tails.delete(chat);
    });
  };
}

/** Both addresses of the chat, as far as the stanza tells them: one person may write under either. */
function addressesOf({ attrs }: BinaryNode): string[] {
  const { from, recipient } = attrs;
  const own = recipient ? [recipient, attrs.peer_recipient_pn, attrs.peer_recipient_lid] : undefined;
  const chat = own ?? [from, attrs.sender_pn, attrs.sender_lid];
  return [...new Set(chat.filter((jid) => jid).map(plainJid))];
}
