import { Buffer } from "node:buffer";

/**
 * Those of `secrets` that a text has, as they are or within one of its strings of base64. Give whole words and numbers:
 * a few digits are in any time or id sooner or later.
 */
export function revealedBy(text: string, secrets: string[]): string[] {
  const sealed = text.match(/[A-Za-z0-9+/]{8,}={0,2}/g) ?? [];
  const whole = [text, ...sealed.map((each) => Buffer.from(each, "base64").toString("latin1"))].join("\n");
  return secrets.filter((secret) => whole.includes(secret));
}
