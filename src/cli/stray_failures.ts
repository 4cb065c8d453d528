import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";
import { isOfBaileys, onStrayFailure } from "../whatsapp/stray_failure.ts";

const log = logOf("gateway");

/**
 * Keeps the process running when a promise of Baileys fails that nobody waits for, or one of its timers or listeners
 * throws, which would end it otherwise.
 * Baileys leaves such behind when a connection is lost while it answers the server: one device would take all others
 * down with it. Whatever the gateway itself owes is in the store, so nothing is lost by going on. Any other failure
 * that nobody waits for is a fault of the gateway itself, which may be half dead from then on: `end` is called.
 * @returns What undoes it.
 * @see Baileys lib/Socket/socket.js `offline_preview`, lib/Socket/groups.js `dirty`
 */
export function outliveStrayFailures(end: (error: Error) => void): () => void {
  return onStrayFailure((reason, event) => {
    event.preventDefault();
    const stack = reason instanceof Error ? reason.stack : undefined;
    log.error("process.stray_failure", { error: messageOf(reason), stack });
    if (!isOfBaileys(reason)) {
      end(new Error(`Cannot go on: something failed that nobody waited for: ${messageOf(reason)}`));
    }
  });
}
