import type { MiddlewareHandler } from "@hono/hono";
import { rateLimiter, type Store } from "hono-rate-limiter";
import type { HttpEnv } from "./context.ts";
import { answerError, tooMany } from "./errors.ts";

const WINDOW_MS = 60_000;

export interface RateLimitDeps {
  /** Requests of one tenant in a minute; 0: no limit. */
  readonly perMinute: number;
  readonly now: () => number;
}

/**
 * Bounds what one tenant asks in a minute and says where it stands in `RateLimit-*`.
 * @see IETF draft-ietf-httpapi-ratelimit-headers-06
 */
export function createRateLimit({ perMinute, now }: RateLimitDeps): MiddlewareHandler<HttpEnv> {
  if (perMinute === 0) return async (_, next) => await next();
  return rateLimiter<HttpEnv>({
    windowMs: WINDOW_MS,
    limit: perMinute,
    standardHeaders: "draft-6",
    keyGenerator: (c) => c.get("tenant").id,
    store: createHitCounter(WINDOW_MS, now),
    handler: (c) => {
      const wait = c.res.headers.get("Retry-After") ?? "60";
      return answerError(
        tooMany(`Too many requests: ${perMinute} a minute are allowed; try again in ${wait} s`),
        c,
      );
    },
  });
}

/**
 * Counts hits by key in one window for all. When the window ends everything is forgotten at once, so memory is bounded
 * by the keys of one minute, and no timer runs.
 */
export function createHitCounter(windowMs: number, now: () => number): Store<HttpEnv> {
  let hits = new Map<string, number>();
  let endsAt = 0;
  const turn = () => {
    const at = now();
    if (at < endsAt) return;
    hits = new Map();
    endsAt = at + windowMs;
  };
  const info = (key: string) => ({ totalHits: hits.get(key) ?? 0, resetTime: new Date(endsAt) });
  return {
    get(key) {
      turn();
      return info(key);
    },
    increment(key) {
      turn();
      hits.set(key, (hits.get(key) ?? 0) + 1);
      return info(key);
    },
    decrement(key) {
      turn();
      hits.set(key, Math.max(0, (hits.get(key) ?? 0) - 1));
    },
    resetKey(key) {
      hits.delete(key);
    },
  };
}
