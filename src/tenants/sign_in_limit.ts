import { createHitCounter, type HitCounter } from "../async/hit_counter.ts";
import { MINUTE_MS } from "../spans.ts";

/** Bounds guessing of keys: so many wrong ones a minute from one address, and from all together. */
export interface SignInLimit {
  /** How long this address has to wait, in ms; 0: it may try now. */
  waitMs(address: string): number;
  /** A wrong key came from there. */
  missed(address: string): void;
}

/** Counted together with all addresses. */
const ALL = "*";

/** Counts in windows of a minute; what is remembered is bounded by the wrong keys of one window. */
export function createSignInLimit({ perAddress, inAll, now, misses = createHitCounter(MINUTE_MS, now) }: {
  readonly perAddress: number;
  readonly inAll: number;
  /** Counts in windows of a minute; left out: here alone. */
  readonly misses?: HitCounter;
  readonly now: () => number;
}): SignInLimit {
  return {
    waitMs(address) {
      const own = misses.of(networkOf(address));
      const spent = own.count >= perAddress || misses.of(ALL).count >= inAll;
      return spent ? Math.max(1, own.endsAt - now()) : 0;
    },
    missed(address) {
      misses.add(networkOf(address));
      misses.add(ALL);
    },
  };
}

/** One customer of an IPv6 network has a /64 at least. */
function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head, tail] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const rest = (tail ?? "").split(":").filter((group) => group !== "");
  while (tail !== undefined && groups.length + rest.length < 8) groups.push("0");
  return [...groups, ...rest].slice(0, 4).join(":");
}
