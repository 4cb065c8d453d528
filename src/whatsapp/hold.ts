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
 */
export function holdStanzas(
  emitter: StanzaEmitter,
  event: `CB:${string}`,
  before: (stanza: BinaryNode) => Promise<Passage>,
): void {
  const handlers = emitter.listeners(event).filter((listener) => typeof listener === "function");
  emitter.removeAllListeners(event);
  emitter.on(event, (stanza) => {
    before(stanza).then((passage) => {
      if (passage === "pass") { for (const handle of handlers) handle(stanza); }
    }, () => {}); // the session is over: WhatsApp keeps the stanza
  });
}
