import { Buffer } from "node:buffer";
import { keptHmac } from "./hmac.ts";

const PREFIX = "whsec_";
const BASE64 = /^[\w+/-]{2,}={0,2}$/;

const hmacOf = keptHmac(keyOf);

/**
 * The `webhook-signature` header: one `v1,` part per secret, separated by spaces.
 * @param id The `webhook-id` header. @param seconds The `webhook-timestamp` header.
 * @param body Exactly as sent.
 * @param secrets `whsec_` and Base64: the decoded bytes are the key. Any other text: its UTF-8 bytes.
 * @see Standard Webhooks 1.0.0, "Signature scheme"
 */
export function standardSignature(
  id: string,
  seconds: number,
  body: string,
  secrets: readonly string[],
): string {
  const signed = `${id}.${seconds}.${body}`;
  let header = "";
  for (const secret of secrets) {
    const digest = hmacOf(secret)(signed).toString("base64");
    header += header === "" ? `v1,${digest}` : ` v1,${digest}`;
  }
  return header;
}

/**
 * A new signing secret: `whsec_` and 32 random bytes in Base64.
 * @see Standard Webhooks 1.0.0, "Signature scheme": 24 to 64 bytes
 */
export function newSecret(random: (bytes: Uint8Array<ArrayBuffer>) => void = randomBytes): string {
  const bytes = new Uint8Array(32);
  random(bytes);
  return PREFIX + bytes.toBase64();
}

function randomBytes(bytes: Uint8Array<ArrayBuffer>): void {
  crypto.getRandomValues(bytes);
}

function keyOf(secret: string): Buffer {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : "";
  return BASE64.test(encoded) ? Buffer.from(encoded, "base64") : Buffer.from(secret, "utf8");
}
