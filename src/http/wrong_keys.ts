import type { Context } from "@hono/hono";
import type { HitCounter } from "../async/hit_counter.ts";
import { createSignInLimit, type SignInLimit } from "../tenants/sign_in_limit.ts";
import type { ClientAddressOf } from "./client_address.ts";
import type { HttpEnv } from "./context.ts";
import { type HttpError, tooMany } from "./errors.ts";

/** Wrong API keys that are told to be wrong in a minute: these are made by the gateway, and nobody guesses one. */
const WRONG_API_KEYS = { perAddress: 300, inAll: 3_000 };

/**
 * Counts an API key that opened nothing, on whatever surface it came.
 * @throws {HttpError} 429 in place of what else would be answered, when there were too many.
 */
export type CountWrongKey = (c: Context<HttpEnv>) => void;

export function createWrongKeys({ clientAddressOf, misses, now }: {
  readonly clientAddressOf: ClientAddressOf;
  /** Counts in windows of a minute; left out: here alone. */
  readonly misses?: HitCounter;
  readonly now: () => number;
}): CountWrongKey {
  const limit = createSignInLimit({ ...WRONG_API_KEYS, misses, now });
  return (c) => countWrong(limit, clientAddressOf(c));
}

function countWrong(limit: SignInLimit, address = "unknown"): void {
  const waitMs = limit.waitMs(address);
  if (waitMs > 0) throw tooManyWrong(waitMs);
  limit.missed(address);
}

export function tooManyWrong(waitMs: number): HttpError {
  const seconds = Math.ceil(waitMs / 1000);
  return tooMany(`Too many wrong keys: try again in ${seconds} s`, {
    headers: { "Retry-After": String(seconds) },
  });
}
