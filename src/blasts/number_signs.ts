import { InvalidError } from "../errors.ts";
import { readPhoneNumber } from "../whatsapp/jid.ts";
import { isTooLong, type Table } from "./csv.ts";

/** A stretch of a text: from a place, up to but without another. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What spreadsheets make of long numbers: 6.28E+12, and 6281234.5. */
const ROUNDED = /(?:[.,]\d+)?e[+-]?\d+\s*$|(?<=\d{6})[.,]\d{1,2}\s*$/iu;
/** Signs of no phone number. Blanks and brackets are of one, dashes and dots too, and what nobody sees. */
const WRONG = /[^\p{Nd}\p{Cf}\p{Pd}\p{Zs}\u2212().+＋/\r\n\t'‘’ʼ`]+/gu;
/** A plus sign that is not at the beginning. */
const LATE_PLUS = /(?<=\p{Nd}[^\p{Nd}+＋]*)[+＋]/gu;
/** What stands between numbers of one cell. */
const BETWEEN = /\s*(?:[,;/|&\r\n\t]|\s(?:dan|atau|and|or)\s)\s*/iu;
const BETWEEN_ALL = new RegExp(BETWEEN, "giu");
const MOST_NUMBERS = 10;
/** A longer cell is not looked at: it holds anything but phone numbers, and takes patterns their time. */
const LONGEST = 500;

/**
 * The numbers of a cell that holds several, each of which can be read; undefined: it does not.
 * @param countryCode What a leading 0 stands for.
 */
export function numbersIn(cell: string, countryCode: string): readonly string[] | undefined {
  if (cell.length > LONGEST) return undefined;
  const parts = cell.split(BETWEEN).filter((part) => part !== "");
  if (parts.length < 2 || parts.length > MOST_NUMBERS) return undefined;
  return parts.every((part) => isNumber(part, countryCode)) ? parts : undefined;
}

/** What is wrong with a cell that is no phone number, sign by sign; none where only the count of digits is. */
export function wrongSigns(cell: string, countryCode: string): readonly Stretch[] {
  if (cell.length > LONGEST) return [];
  if (numbersIn(cell, countryCode) !== undefined) return stretchesOf(cell, BETWEEN_ALL);
  const rounded = ROUNDED.exec(cell);
  if (rounded !== null) return [{ from: rounded.index, to: cell.length }];
  return [...stretchesOf(cell, WRONG), ...stretchesOf(cell, LATE_PLUS)].toSorted((a, b) => a.from - b.from);
}

/**
 * A table in which a row with several numbers is one row for each: the first number stays in its row, the others follow
 * at the end of the list, under the next free row numbers. Undefined: the row holds one number, or the list would be
 * too long.
 */
export function intoRows(
  table: Table,
  line: number,
  { column, countryCode }: { readonly column: number; readonly countryCode: string },
): { readonly table: Table; readonly lines: readonly number[] } | undefined {
  const row = table.rows.find((each) => each.line === line);
  const [first, ...others] = numbersIn(row?.cells[column] ?? "", countryCode) ?? [];
  if (row === undefined || first === undefined) return undefined;
  const last = table.rows.reduce((most, each) => Math.max(most, each.line), 0);
  const withNumber = (number: string) => row.cells.map((cell, at) => at === column ? number : cell);
  const added = others.map((number, index) => ({ line: last + 1 + index, cells: withNumber(number) }));
  const kept = table.rows.map((each) => each === row ? { line, cells: withNumber(first) } : each);
  const split = { ...table, rows: [...kept, ...added] };
  return isTooLong(split) ? undefined : { table: split, lines: added.map((each) => each.line) };
}

function stretchesOf(text: string, pattern: RegExp): readonly Stretch[] {
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => ({
    from: index,
    to: index + found.length,
  }));
}

function isNumber(text: string, countryCode: string): boolean {
  try {
    readPhoneNumber(text, { countryCode });
    return true;
  } catch (error) {
    if (error instanceof InvalidError) return false;
    throw error;
  }
}
