import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { Lru } from "../async/lru.ts";

/** A phone number as it was understood, or why it cannot be one. */
export type ReadPhone =
  | {
    readonly ok: true;
    /** With the country code, without a plus sign. */
    readonly digits: string;
    /** The spelling leaves another meaning open: whoever gave the number should be told what it was taken for. */
    readonly guessed: boolean;
  }
  /** `says` completes "it …", such as "has too many digits"; undefined: it is no phone number at all. */
  | { readonly ok: false; readonly says?: string; readonly why?: PhoneFault };

/** What is wrong with it, without what was given. */
export type PhoneFault =
  | { readonly kind: "phone_decimal" | "phone_several" }
  | { readonly kind: "phone_length"; readonly digits: number }
  | { readonly kind: "phone_impossible"; readonly readAs: string }
  | { readonly kind: "phone_ambiguous"; readonly readings: readonly [string, string] };

/** How the dialling of other countries begins where it is not `00`: by country code. */
const EXIT_CODES: Readonly<Record<string, string>> = { "1": "011", "61": "0011", "81": "010" };

/** Old lengths that WhatsApp goes on knowing accounts by, though the numbering plans have left them. */
const FORMER_LENGTHS: readonly RegExp[] = [
  /^521\d{10}$/, // Mexico, with the 1 of mobiles
  /^225\d{8}$/, // Ivory Coast until 2021
  /^229\d{8}$/, // Benin until 2024
  /^241\d{7}$/, // Gabon until 2019
];

/** More digits than this before a slash are a number of their own; before it stand codes of areas and countries. */
const LONGEST_AREA = 6;

const NONE: ReadPhone = { ok: false };

/** Spellings that were read, and the longest of them: most texts go to somebody who was written to before. */
const REMEMBERED = 1_000;
const LONGEST_REMEMBERED = 40;
const known = new Lru<string, ReadPhone>(REMEMBERED);

/**
 * Reads a phone number in any usual spelling: international (`+62 812-3456-789`, `0062…`, `62812…`) or national
 * (`0812…`). No spelling is read as a number that its writer may not have meant: where two readings are both numbers
 * that exist, or none is possible, it is refused. Invisible characters and all kinds of dashes and blanks count as
 * blanks.
 * @param text Not a jid.
 * @param countryCode The country of national numbers: digits.
 * @see ITU-T E.164; libphonenumber decides which numbers are possible and which are assigned.
 */
export function readPhone(text: string, countryCode: string): ReadPhone {
  if (text.length > LONGEST_REMEMBERED) return readAnew(text, countryCode);
  const name = `${countryCode} ${text}`;
  const before = known.get(name);
  if (before !== undefined) return before;
  const read = readAnew(text, countryCode);
  known.set(name, read);
  return read;
}

function readAnew(text: string, countryCode: string): ReadPhone {
  const written = plainDigits(text);
  const spreadsheet = /^(\+?\d{6,})[.,](\d{1,2})$/.exec(written);
  if (spreadsheet !== null) {
    // Spreadsheets and pandas write numbers as 6281234567890.0
    if (/[^0]/.test(spreadsheet[2])) {
      return { ok: false, says: "ends like a decimal number", why: { kind: "phone_decimal" } };
    }
    const read = readPhone(spreadsheet[1], countryCode);
    return read.ok ? { ...read, guessed: true } : read;
  }
  if (!/^\(?\+?[\d\s().\-/]+$/.test(written)) return NONE;
  if (isSeveral(written)) {
    return { ok: false, says: "looks like several numbers", why: { kind: "phone_several" } };
  }
  const digits = written.replace(/\D/g, "");
  if (/^\(?\+/.test(written)) return international(digits.replace(/^00/, ""));
  const exit = EXIT_CODES[countryCode] ?? "00";
  if (digits.startsWith(exit)) return international(digits.slice(exit.length));
  if (digits.startsWith("00")) return international(digits.slice(2));
  if (digits.startsWith("0")) return national(digits, countryCode);
  return eitherWay(digits, written, countryCode);
}

/** Every decimal digit as an ASCII one, every dash as `-`, blanks around and characters that nobody sees taken out. */
function plainDigits(text: string): string {
  return text
    .replace(/\p{Cf}/gu, "")
    .replace(/[\p{Pd}\u2212]/gu, "-")
    .replace(/\p{Nd}/gu, asciiDigit)
    .replace(/＋/g, "+")
    .trim()
    .replace(/^['‘’ʼ`]/, "") // how spreadsheets mark a text
    .trim();
}

/** Unicode's decimal digits stand in runs of ten; five such runs of mathematical digits follow one another. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0)!;
  if (code <= 0x39) return digit;
  if (code >= 0x1d7ce && code <= 0x1d7ff) return String((code - 0x1d7ce) % 10);
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((code - zero) % 10);
}

/** Whether the text holds two numbers: a full one before a slash or a line break. */
function isSeveral(written: string): boolean {
  return [...written.matchAll(/[/\r\n\t]/g)].some(({ index }) =>
    written.slice(0, index).replace(/\D/g, "").replace(/^00/, "").length > LONGEST_AREA &&
    /\d/.test(written.slice(index))
  );
}

function international(digits: string): ReadPhone {
  if (!/^[1-9]/.test(digits)) return NONE;
  const read = parsePhoneNumberFromString(`+${digits}`, { extract: false });
  // A 0 of national numbers after the country code, as in +62 (0)812…, is not dialled.
  if (read?.isValid() && read.number !== `+${digits}`) {
    return { ok: true, digits: bare(read.number), guessed: true };
  }
  return asPossible(digits);
}

/** A number with the 0 that stands before national numbers. */
function national(digits: string, countryCode: string): ReadPhone {
  const read = parsePhoneNumberFromString(digits, { defaultCallingCode: countryCode, extract: false });
  if (read?.isValid()) return { ok: true, digits: bare(read.number), guessed: false };
  return asPossible(countryCode + digits.slice(1));
}

/** Digits that begin with a country code, or with an area code whose 0 was lost (as spreadsheets do). */
function eitherWay(digits: string, written: string, countryCode: string): ReadPhone {
  const abroad = parsePhoneNumberFromString(`+${digits}`, { extract: false });
  const asGiven = asPossible(digits, abroad);
  const isOwn = digits.startsWith(countryCode) && abroad?.isValid() && abroad.getType() === "MOBILE";
  if (asGiven.ok && isOwn) return asGiven; // the usual spelling: libphonenumber takes its time for another reading
  const here = parsePhoneNumberFromString(digits, { defaultCallingCode: countryCode, extract: false });
  const other = here?.isValid() && here.number !== `+${digits}` ? bare(here.number) : undefined;
  if (other === undefined) return asGiven;
  if (!asGiven.ok || !abroad?.isValid()) return { ok: true, digits: other, guessed: true };
  if (isGroupedAsNational(written, abroad.countryCallingCode, countryCode)) {
    return { ok: true, digits: other, guessed: true };
  }
  return {
    ok: false,
    says: `can be +${digits} or +${other}: write it with a plus sign and the country code`,
    why: { kind: "phone_ambiguous", readings: [`+${digits}`, `+${other}`] },
  };
}

/**
 * Whether the way in which a number is grouped rules out that it begins with this country code: brackets around an area
 * code that the country code ends within, or North America's 415-555-2671.
 */
function isGroupedAsNational(written: string, callingCode: string, countryCode: string): boolean {
  const bracketed = /^\((\d+)\)/.exec(written)?.[1];
  if (bracketed !== undefined) return bracketed.length > callingCode.length;
  return countryCode === "1" && /^\d{3}\D\d{3}\D\d{4}$/.test(written);
}

/** Takes digits as they are when there can be such a number. */
function asPossible(
  digits: string,
  read = parsePhoneNumberFromString(`+${digits}`, { extract: false }),
): ReadPhone {
  if (!/^[1-9]\d{6,14}$/.test(digits)) {
    return {
      ok: false,
      says: `has ${digits.length} digits with the country code, and numbers have 7 to 15`,
      why: { kind: "phone_length", digits: digits.length },
    };
  }
  if (read?.isPossible() || FORMER_LENGTHS.some((length) => length.test(digits))) {
    return { ok: true, digits, guessed: false };
  }
  return {
    ok: false,
    says: `is no possible number (read as +${digits})`,
    why: { kind: "phone_impossible", readAs: `+${digits}` },
  };
}

function bare(e164: string): string {
  return e164.slice(1);
}
