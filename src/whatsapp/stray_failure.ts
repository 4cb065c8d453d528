/** False in a bundle, where a stack no longer tells which package its lines are from. */
const STACKS_TELL = import.meta.url.endsWith("/whatsapp/stray_failure.ts");

/**
 * Whether Baileys, or a library that only it uses, left the failure behind. Its own errors are of `@hapi/boom`; others
 * tell by their stack. In a bundle they do not, and are taken for its own: one device more or less is worse than a
 * fault that the log names.
 */
export function isOfBaileys(reason: unknown, stacksTell = STACKS_TELL): boolean {
  if (!(reason instanceof Error)) return true; // no code of the gateway rejects with anything else
  if ("isBoom" in reason && reason.isBoom === true) return true;
  return !stacksTell || /baileys|libsignal/i.test(reason.stack ?? "");
}

/**
 * Hears of what fails where nobody waits for it: of promises, and of errors that are thrown in timers and listeners.
 * Unless `hear` prevents the event's default, it ends the process, or the worker.
 * @returns What undoes it.
 */
export function onStrayFailure(hear: (reason: unknown, event: Event) => void): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  globalThis.addEventListener("unhandledrejection", (event) => hear(event.reason, event), { signal });
  globalThis.addEventListener("error", (event) => hear(event.error, event), { signal });
  return () => listening.abort();
}
