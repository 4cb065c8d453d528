import { Buffer } from "node:buffer";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { keptHmac } from "./hmac.ts";

const HEX_DIGEST = /^[0-9a-f]{64}$/i;

const hmacOf = keptHmac((secret) => Buffer.from(secret, "utf8"));

/**
 * HMAC-SHA256 as 64 lower-case hex digits, without a prefix.
 * @param secret Used literally: its UTF-8 bytes are the key, also when it starts with `whsec_`.
 * @param body Exactly as sent or received.
 */
export function hexSignature(secret: string, body: string | Uint8Array): string {
  return hmacOf(secret)(body).toString("hex");
}

/**
 * Whether a received hex signature is the body's, compared in constant time.
 * @param given The header as received, in either case; `prefix` (such as `sha256=`) is taken off when it is there.
 */
export function hexSignatureMatches(
  given: string,
  body: string | Uint8Array,
  secret: string,
  options: { readonly prefix?: string } = {},
): boolean {
  const { prefix = "" } = options;
  const digits = given.startsWith(prefix) ? given.slice(prefix.length) : given;
  if (!HEX_DIGEST.test(digits)) return false;
  const expected = hmacOf(secret)(body);
  return timingSafeEqual(new Uint8Array(expected), Uint8Array.fromHex(digits));
}
