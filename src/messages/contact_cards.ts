import type { ContactCard } from "../events/content.ts";
import { parsePhone } from "../whatsapp/jid.ts";

/** A contact as somebody gives it: a whole card, or what one is made of. */
export type NewCard =
  | ContactCard
  | {
    readonly displayName: string;
    /** A phone number in any usual spelling. */
    readonly phone: string;
    readonly organization?: string;
  };

/**
 * Makes the cards that are sent.
 * @param countryCode What a leading 0 of a phone number stands for: digits.
 * @throws {InvalidError} If a phone number is none; the error names which.
 * @see RFC 2426 and, for `waid`, what WhatsApp's own cards hold
 */
export function cardsOf(cards: readonly NewCard[], countryCode: string): readonly ContactCard[] {
  return cards.map((card, index) => {
    const { displayName } = card;
    if ("vcard" in card) return { displayName, vcard: card.vcard };
    const phone = parsePhone(card.phone, { countryCode, field: `contacts[${index}].phone` });
    const lines = [
      "BEGIN:VCARD",
      "VERSION:3.0",
      `FN:${escaped(displayName)}`,
      ...(card.organization === undefined ? [] : [`ORG:${escaped(card.organization)}`]),
      `TEL;type=CELL;type=VOICE;waid=${phone}:+${phone}`,
      "END:VCARD",
    ];
    return { displayName, vcard: lines.join("\n") };
  });
}

function escaped(text: string): string {
  return text.replace(/[\\,;]/g, (sign) => `\\${sign}`).replace(/\r?\n/g, " ");
}
