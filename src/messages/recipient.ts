import { InvalidError, RefusedError } from "../errors.ts";
import type { Jid } from "../events/person.ts";
import { parseRecipient } from "../whatsapp/jid.ts";

/** As `parseRecipient`, with a code of its own. */
export function recipientOf(text: string, field: string, countryCode: string): Jid {
  try {
    return parseRecipient(text, { countryCode, field });
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    throw new RefusedError("INVALID_RECIPIENT", error.message, { field: error.field });
  }
}
