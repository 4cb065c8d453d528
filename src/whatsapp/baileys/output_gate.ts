/** The part of a WebSocket that frames leave by. */
export interface FrameSender {
  send(data: Uint8Array | string, done?: (error?: Error) => void): void;
}

/**
 * Lets nothing leave before what came before it is on disk: no receipt for a message that could still be lost, no
 * ciphertext of a ratchet step that could be taken twice. Frames keep their order. Whoever sends one that has to wait
 * is told at once that it is sent, so that the work behind a write goes on; one that cannot leave any more ends with
 * its connection.
 * @param durable Resolves when everything so far is on disk; undefined when it is.
 * @see Elnozahy et al., "A Survey of Rollback-Recovery Protocols": the output commit problem
 */
export function gateOutput(sender: FrameSender, durable: () => Promise<void> | undefined): void {
  const send = sender.send.bind(sender);
  let last: Promise<void> | undefined;
  sender.send = (data, done) => {
    const before = durable();
    if (before === undefined && last === undefined) return send(data, done);
    const sent = Promise.all([before, last]).then(() => send(data)).catch(() => {}); // the connection has ended
    last = sent;
    void sent.then(() => {
      if (last === sent) last = undefined;
    });
    done?.();
  };
}
