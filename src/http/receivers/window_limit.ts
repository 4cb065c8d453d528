import type { HitCounter } from "../../async/hit_counter.ts";
import ipaddr from "ipaddr.js";

/** Callers that are remembered; when more come within a window, the oldest are forgotten. */
const MOST_CALLERS = 10_000;

interface Window {
  hits: number;
  readonly endsAt: number;
}

/** How long the caller has to wait, in ms; 0 when it may go on. */
export type WindowLimit = (address: string | undefined) => number;

/**
 * Counts what each address asks in a window that begins with its first request. An IPv6 network of one customer (/64)
 * counts as one address; those whose address is not known count as one.
 */
export function createWindowLimit({ limit, windowMs, hits, now }: {
  readonly limit: number;
  readonly windowMs: number;
  /** Counts in windows that begin for all at once; left out: here alone, in each address's own. */
  readonly hits?: HitCounter;
  readonly now: () => number;
}): WindowLimit {
  const windows = new Map<string, Window>();
  return (address) => {
    const caller = callerOf(address);
    if (hits !== undefined) {
      const { count, endsAt } = hits.add(caller);
      return count > limit ? Math.max(1, endsAt - now()) : 0;
    }
    const at = now();
    let window = windows.get(caller);
    if (window === undefined || window.endsAt <= at) {
      window = { hits: 0, endsAt: at + windowMs };
      windows.delete(caller); // so that the map stays in the order of the windows' ends
      windows.set(caller, window);
      makeRoom(windows, at);
    }
    window.hits++;
    return window.hits > limit ? window.endsAt - at : 0;
  };
}

function makeRoom(windows: Map<string, Window>, at: number): void {
  for (const [caller, { endsAt }] of windows) {
    if (endsAt > at && windows.size <= MOST_CALLERS) return;
    windows.delete(caller);
  }
}

function callerOf(address: string | undefined): string {
  if (address === undefined) return "unknown";
  if (!ipaddr.IPv6.isValid(address)) return address;
  return ipaddr.IPv6.parse(address).toByteArray().slice(0, 8).join(".");
}
