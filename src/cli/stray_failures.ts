import { messageOf } from "../errors.ts";
import { logOf } from "../log.ts";

const log = logOf("gateway");

/**
 * Keeps the process running when a promise fails that nobody waits for, which would end it otherwise. Baileys leaves
 * such behind when a connection is lost while it answers the server: one device would take all others down with it.
 * Whatever the gateway itself owes is in the store, so nothing is lost by going on. Returns what undoes it.
 * @see Baileys lib/Socket/socket.js `offline_preview`, lib/Socket/groups.js `dirty`
 */
export function outliveStrayFailures(): () => void {
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    const { reason } = event;
    const stack = reason instanceof Error ? reason.stack : undefined;
    log.error("process.stray_failure", { error: messageOf(reason), stack });
  };
  globalThis.addEventListener("unhandledrejection", note);
  return () => globalThis.removeEventListener("unhandledrejection", note);
}
