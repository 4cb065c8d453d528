import { InvalidError } from "../errors.ts";
import type { Secret, Webhook } from "../store/webhooks.ts";

const MAX_LENGTH = 256;
/** Every secret adds a signature to every request. */
const MAX_SECRETS = 5;

/**
 * A secret that a user chose, when it can sign.
 * @throws {InvalidError} If it is empty or too long, or starts with `whsec_` and is not Base64 after that.
 * @see Standard Webhooks 1.0.0, "Signature scheme"
 */
export function checkSecret(value: string): string {
  if (value === "") {
    const message = "Field `secret` must not be empty: leave it out to have one made";
    throw new InvalidError("secret", message, { kind: "secret_empty" });
  }
  if (value.length > MAX_LENGTH) {
    const message = `Field \`secret\` must have at most ${MAX_LENGTH} characters`;
    throw new InvalidError("secret", message, { kind: "secret_long", most: MAX_LENGTH });
  }
  if (value.startsWith("whsec_") && !/^whsec_(?=.)(?:[\w+/-]{4})*(?:[\w+/-]{2,3}={0,2})?$/.test(value)) {
    throw new InvalidError("secret", "Field `secret` must be Base64 after `whsec_`", {
      kind: "secret_base64",
    });
  }
  return value;
}

/**
 * Puts a new secret before the old ones, which stay valid for `keepMs` more, but never longer than they were to.
 * @returns Newest first, without what is not valid any more.
 */
export function rotated(
  secrets: readonly Secret[],
  value: string,
  at: { readonly now: number; readonly keepMs: number },
): readonly Secret[] {
  const until = at.now + at.keepMs;
  const old = secrets
    .map((secret) => ({ ...secret, expiresAt: Math.min(secret.expiresAt ?? until, until) }))
    .filter((secret) => secret.expiresAt > at.now && secret.value !== value);
  return [currentSecret(value, secrets, at.now), ...old].slice(0, MAX_SECRETS);
}

/** The secret that signs from now on; one that did so far is as old as before. */
export function currentSecret(value: string, known: readonly Secret[], now: number): Secret {
  const same = known.find((secret) => secret.expiresAt === null && secret.value === value);
  return same ?? { value, expiresAt: null, createdAt: now };
}

/** Since when the secret of a webhook signs, epoch ms; null: it is not signed, or nobody knows. */
export function secretSince({ secrets }: Pick<Webhook, "secrets">): number | null {
  return secrets.find(({ expiresAt }) => expiresAt === null)?.createdAt ?? null;
}
