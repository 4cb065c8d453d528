import { InvalidError } from "../errors.ts";
import { recipientOf } from "./recipient.ts";
import type { Addresses } from "../store/opt_outs.ts";
import { isGroup, isLid } from "../whatsapp/jid.ts";

/**
 * Reads who is meant: a phone number in any usual spelling, or a jid.
 * @throws {RefusedError | InvalidError} If it is nobody, or a group.
 */
export function personIn(text: string, field: string, countryCode: string): Addresses {
  const jid = recipientOf(text, field, countryCode);
  if (isGroup(jid)) {
    throw new InvalidError(field, `Field \`${field}\` must be a person, got a group`, { kind: "person" });
  }
  return isLid(jid) ? { pn: null, lid: jid } : { pn: jid, lid: null };
}
