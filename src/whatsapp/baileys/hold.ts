import type { InOrder } from "./chat_order.ts";
import type { BinaryNode } from "./stanza.ts";

/** The part of Baileys' WebSocket that hands out stanzas: an event emitter. */
export interface StanzaEmitter {
  listeners(event: string): unknown[];
  removeAllListeners(event: string): unknown;
  on(event: string, listener: (stanza: BinaryNode) => void): unknown;
}

/** What to do with a stanza after it was seen to: let Baileys handle and acknowledge it, or not. */
export type Passage = "pass" | "drop";

/**
 * Puts a step before Baileys' own handling of a kind of stanza. Baileys acknowledges a stanza in its handler, so what
 * the step has not finished is not acknowledged, and WhatsApp delivers it again after the next login.
 * Call it before other listeners are added.
 * @param before When it fails, Baileys never sees the stanza.
 * @param inOrder Waits for the stanza's turn; at once when left out.
 */
export function holdStanzas(
  emitter: StanzaEmitter,
  event: `CB:${string}`,
  before: (stanza: BinaryNode) => Promise<Passage>,
  inOrder?: InOrder,
): void {
  const handlers = emitter.listeners(event).filter((listener) => typeof listener === "function");
  emitter.removeAllListeners(event);
  emitter.on(event, (stanza) => {
    const shown = inOrder === undefined ? stanza : asLive(stanza);
    const work = async () => {
      if (await before(stanza) === "pass") await Promise.all(handlers.map((handle) => handle(shown)));
    };
    if (inOrder === undefined) work().catch(() => {}); // the session is over: WhatsApp keeps the stanza
    else inOrder(stanza, work);
  });
}

/** The stanza as one that comes live: Baileys would put it into a queue of its own, and not tell when it is done. */
function asLive(stanza: BinaryNode): BinaryNode {
  const { offline: _, ...attrs } = stanza.attrs;
  return { ...stanza, attrs };
}
