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
 * The headers of a signature in hex. After a rotation `name` goes on with the old secret for as long as it is valid, so
 * that a receiver which knows one secret only is not cut off, and `name-Next` carries the new one's.
 * @param secrets Valid ones, newest first.
 * @param prefix Stands before the digits, such as `sha256=`.
 */
export function hexSignatureHeaders(
  name: string,
  body: string,
  secrets: readonly { readonly value: string }[],
  prefix = "",
): Readonly<Record<string, string>> {
  const newest = secrets[0];
  if (newest === undefined) return {};
  const oldest = secrets[secrets.length - 1]!;
  const signed = prefix + hexSignature(newest.value, body);
  if (oldest === newest) return { [name]: signed };
  return { [name]: prefix + hexSignature(oldest.value, body), [`${name}-Next`]: signed };
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
