/** How many connections are let in where the system does not say how many files may be open. */
const UNTOLD = 2_000;
const MOST = 10_000;

/** Files that the process has open before anybody connects: the store, the logs, the runtime's own. */
const OWN = 60;

/**
 * How many connections may be open: half of the files that the process may have open besides its own, as the other half
 * is for WhatsApp, deliveries and what is on its way out.
 */
export function connectionsFor(openFiles: number | undefined): number {
  if (openFiles === undefined) return UNTOLD;
  return Math.max(16, Math.min(MOST, Math.floor((openFiles - OWN) / 2)));
}

/** How many files the process may have open; undefined where that is not told (not Linux, or it may not be read). */
export function mostOpenFiles(): number | undefined {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/limits"));
    return found === null ? undefined : Number(found[1]);
  } catch {
    return undefined; // nothing rests on it but a bound, which has a default
  }
}
