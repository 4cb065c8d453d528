import type { BinaryNode } from "./stanza.ts";

/** The server's answer to an outgoing message. */
export interface Ack {
  /** WhatsApp's error code; null when it took the message. */
  readonly error: number | null;
  /** Unix seconds by the server's clock, where it tells. */
  readonly t: string | undefined;
}

/**
 * Waits for the server's answers. Baileys tells nothing of a positive one.
 * @see Baileys lib/Socket/messages-recv.js `handleBadAck`
 */
export function createAcks() {
  const waiting = new Map<string, (ack: Ack) => void>();
  return {
    /** Call it before the message is sent. */
    of(waMessageId: string): Promise<Ack> {
      return new Promise((resolve) => waiting.set(waMessageId, resolve));
    },
    forget(waMessageId: string): void {
      waiting.delete(waMessageId);
    },
    /** Takes an `<ack class="message">`. Returns the message's id when nobody waited for it. */
    take({ attrs }: BinaryNode): { readonly unexpected?: string; readonly ack: Ack } {
      const ack: Ack = { error: attrs.error ? Number(attrs.error) : null, t: attrs.t };
      const resolve = waiting.get(attrs.id);
      if (resolve === undefined) return { unexpected: attrs.id, ack };
      waiting.delete(attrs.id);
      resolve(ack);
      return { ack };
    },
  };
}
