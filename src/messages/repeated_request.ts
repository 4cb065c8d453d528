import { RefusedError } from "../errors.ts";
import type { OutgoingMessage } from "../store/messages.ts";

/** What a message is asked for with. `alike`: the fingerprint under the recipient's other address. */
type Asked = Pick<OutgoingMessage, "deviceId" | "to" | "fingerprint"> & { readonly alike?: string };

/**
 * The message that was sent under the same key.
 * @throws {RefusedError} If something else was asked for then: the caller takes one message for another.
 */
export function sameRequest(
  message: OutgoingMessage,
  { deviceId, to, fingerprint, alike }: Asked,
): OutgoingMessage {
  const same = message.fingerprint === null
    ? message.deviceId === deviceId && message.to === to // of before fingerprints were kept
    : message.fingerprint === fingerprint || message.fingerprint === alike;
  if (same) return message;
  throw keyReused("message", message.id);
}

/** The refusal of an idempotency key under which something else was asked for before. */
export function keyReused(what: "message" | "blast", id: string): RefusedError {
  return new RefusedError(
    "IDEMPOTENCY_KEY_REUSED",
    `The idempotency key was used before, for another ${what} ("${id}"): use a new key for each ${what}`,
    { [`${what}_id`]: id },
  );
}
