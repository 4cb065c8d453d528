const OPENS_AFTER = 20;
const FIRST_COOL_DOWN_MS = 30_000;
const MAX_COOL_DOWN_MS = 5 * 60_000;

/**
 * Keeps deliveries from being burnt on an endpoint that is down. Closed while it works; open after 20 failures in a
 * row, for 30 s; then one request probes: success closes it, failure opens it for twice as long, at most 5 min.
 */
export type Breaker =
  | { readonly state: "closed"; readonly failures: number }
  | {
    readonly state: "open";
    /** When the next probe may be made, epoch ms. */
    readonly until: number;
    /** As planned, before scaling. */
    readonly coolDownMs: number;
  };

export const closedBreaker: Breaker = { state: "closed", failures: 0 };

/** Whether a request may be made: as many as one likes, none, or a single one. */
export function mayTry(breaker: Breaker, now: number): "yes" | "no" | "probe" {
  if (breaker.state === "closed") return "yes";
  return now < breaker.until ? "no" : "probe";
}

/** The breaker when somebody who cannot wait for the cool-down asks for a request: it may probe now. */
export function probing(breaker: Breaker, now: number): Breaker {
  return breaker.state === "open" && now < breaker.until ? { ...breaker, until: now } : breaker;
}

/**
 * The breaker after a request has ended. What was in flight when it opened does not open it for longer.
 * @param scale Multiplies the time that it stays open.
 */
export function afterOutcome(breaker: Breaker, ok: boolean, now: number, scale = 1): Breaker {
  if (ok) return closedBreaker;
  if (breaker.state === "closed") {
    const failures = breaker.failures + 1;
    return failures < OPENS_AFTER ? { state: "closed", failures } : opened(FIRST_COOL_DOWN_MS, now, scale);
  }
  if (now < breaker.until) return breaker;
  return opened(Math.min(2 * breaker.coolDownMs, MAX_COOL_DOWN_MS), now, scale);
}

function opened(coolDownMs: number, now: number, scale: number): Breaker {
  return { state: "open", until: now + coolDownMs * scale, coolDownMs };
}
