import { InvalidError, RefusedError } from "../errors.ts";
import type { Jid } from "../events/person.ts";
import { type ReadRecipient, readRecipient } from "../whatsapp/jid.ts";

/** As `parseRecipient`, with a code of its own. */
export function recipientOf(text: string, field: string, countryCode: string): Jid {
  return readRecipientOf(text, field, countryCode).jid;
}

/** As `readRecipient`, with a code of its own. */
export function readRecipientOf(text: string, field: string, countryCode: string): ReadRecipient {
  try {
    return readRecipient(text, { countryCode, field });
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new RefusedError("INVALID_RECIPIENT", error.message, { field: error.field });
  }
}
