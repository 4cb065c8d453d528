import type { MiddlewareHandler } from "@hono/hono";
import { rateLimiter, type Store } from "hono-rate-limiter";
import { createHitCounter, type HitCounter, type Hits } from "../async/hit_counter.ts";
import type { TenantId } from "../ids.ts";
import { MINUTE_MS } from "../spans.ts";
import type { HttpEnv } from "./context.ts";
import { answerError, tooMany } from "./errors.ts";

export interface RateLimitDeps {
  /** Requests of one tenant in a minute; 0: no limit. */
  readonly perMinute: number;
  /** Counts in windows of a minute; left out: here alone. */
  readonly hits?: HitCounter;
  readonly now: () => number;
}

/** One count for everything that a tenant asks, on whatever surface. */
export interface RateLimit {
  /** For requests with a key: refuses what is too much, and says in `RateLimit-*` where the tenant stands. */
  readonly limited: MiddlewareHandler<HttpEnv>;
  /**
   * Counts a request that came another way.
   * @throws {HttpError} 429 if it is too much.
   */
  spend(tenantId: TenantId): void;
}

/** @see IETF draft-ietf-httpapi-ratelimit-headers-06 */
export function createRateLimit(
  { perMinute, now, hits = createHitCounter(MINUTE_MS, now) }: RateLimitDeps,
): RateLimit {
  if (perMinute === 0) return { limited: async (_, next) => await next(), spend: () => {} };
  const refusal = (seconds: number | string) =>
    tooMany(`Too many requests: ${perMinute} a minute are allowed; try again in ${seconds} s`);
  const limited = rateLimiter<HttpEnv>({
    windowMs: MINUTE_MS,
    limit: perMinute,
    standardHeaders: "draft-6",
    keyGenerator: (c) => c.get("tenant").id,
    store: storeOf(hits),
    handler: (c) => answerError(refusal(c.res.headers.get("Retry-After") ?? "60"), c),
  });
  return {
    limited,
    spend(tenantId) {
      const { count, endsAt } = hits.add(tenantId);
      if (count > perMinute) throw refusal(Math.ceil((endsAt - now()) / 1000));
    },
  };
}

/** A counter as the package wants it. */
function storeOf({ of, add }: HitCounter) {
  const info = ({ count, endsAt }: Hits) => ({ totalHits: count, resetTime: new Date(endsAt) });
  return {
    get: (key: string) => info(of(key)),
    increment: (key: string) => info(add(key)),
    decrement: (key: string) => void add(key, -1),
    resetKey: (key: string) => void add(key, -of(key).count),
  } satisfies Store<HttpEnv>;
}
