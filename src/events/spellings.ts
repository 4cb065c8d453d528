import type { Jid } from "./person.ts";

/** How numbers of a country are written with a digit, and without it. */
interface DoubleSpelling {
  readonly pattern: RegExp;
  readonly digit: string;
}

/**
 * Numbers that WhatsApp finds one account under in two spellings: Brazil's mobile numbers got a 9 before their eight
 * digits (which began with 6 to 9; with 2 to 5 they are fixed lines, other people's), Mexico's had a 1 behind 52 until
 * 2019, and Argentina's have a 9 behind 54 when they are dialled from abroad.
 * @see ITU-T national numbering plans of 55, 52 and 54; libphonenumber's metadata of BR, MX and AR
 */
const DOUBLE_SPELLINGS: readonly DoubleSpelling[] = [
  { pattern: /^(55[1-9]\d)(9?)([6-9]\d{7})$/, digit: "9" },
  { pattern: /^(52)(1?)([2-9]\d{9})$/, digit: "1" },
  { pattern: /^(54)(9?)([1-8]\d{9})$/, digit: "9" },
];

/**
 * All the numbers that one account may be written by: as it was given first, then the other spelling where the
 * country has two.
 * @param number Digits with the country code, or the jid of a number. Another address has no other spelling.
 */
export function spellingsOf(number: Jid): readonly Jid[] {
  const at = number.indexOf("@");
  const digits = at < 0 ? number : number.slice(0, at);
  const server = at < 0 ? "" : number.slice(at);
  if (server !== "" && server !== "@s.whatsapp.net") return [number];
  for (const { pattern, digit } of DOUBLE_SPELLINGS) {
    const match = pattern.exec(digits);
    if (match === null) continue;
    const [, before, given, after] = match;
    return [number, `${before}${given === "" ? digit : ""}${after}${server}`];
  }
  return [number];
}
