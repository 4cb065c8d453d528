/** A text's words longer than this are cut; so many of a text are kept. */
const LONGEST_WORD = 60;
const MOST_WORDS = 2_000;
const ACCENTS = /[\u0300-\u036f]/g;
const BETWEEN_WORDS = /[^\p{L}\p{N}\p{M}]+/u;

/**
 * The words of a text as they are searched: lower case, without accents, compatible forms (such as full-width letters)
 * as one. Every engine gets these, so that each finds the same. Scripts without spaces are found by the beginning of
 * a run only.
 */
export function searchWords(text: string): readonly string[] {
  return text.toWellFormed().normalize("NFKD").replace(ACCENTS, "").normalize("NFC").toLowerCase()
    .split(BETWEEN_WORDS, MOST_WORDS).filter((word) => word !== "")
    .map((word) => word.slice(0, LONGEST_WORD).replace(/[\ud800-\udbff]$/, ""));
}
