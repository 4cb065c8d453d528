// Numbers that people write in more than one way: WhatsApp finds one account under all of them, and answers with its
// own.

/** A prefix, and the digits that may stand after it or be missing. */
interface Reading {
  readonly pattern: RegExp;
  readonly shorter: (match: RegExpMatchArray) => string;
  readonly longer: (match: RegExpMatchArray) => string;
}

/**
 * Brazil's mobile numbers got a ninth digit, Mexico's lost the 1 behind 52, Argentina's have a 9 behind 54 abroad:
 * accounts may still have the number that they were made with.
 * @see whatsmeow issue 874, adiwajshing/Baileys issue 1997
 */
const READINGS: readonly Reading[] = [
  { pattern: /^(55\d\d)(9?)(\d{8})$/, shorter: ([, a, , b]) => a + b, longer: ([, a, , b]) => `${a}9${b}` },
  { pattern: /^(52)(1?)(\d{10})$/, shorter: ([, a, , b]) => a + b, longer: ([, a, , b]) => `${a}1${b}` },
  { pattern: /^(54)(9?)(\d{10})$/, shorter: ([, a, , b]) => a + b, longer: ([, a, , b]) => `${a}9${b}` },
];

/** The other numbers that this one may stand for, if any. */
export function otherReadings(number: string): string[] {
  for (const { pattern, shorter, longer } of READINGS) {
    const match = number.match(pattern);
    if (match) return [shorter(match), longer(match)].filter((reading) => reading !== number);
  }
  return [];
}
