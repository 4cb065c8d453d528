import { InvalidError } from "../errors.ts";
import { present } from "../events/present.ts";
import type { InvalidWhy } from "../invalid.ts";
import { spellingsOf } from "../events/spellings.ts";
import { readPhoneNumber } from "../whatsapp/jid.ts";
import { numbersIn, type Stretch, wrongSigns } from "./number_signs.ts";
import { phoneColumnOf, type Table } from "./csv.ts";
import { fill, gapsIn, named, valueOf, variableName, type Variables } from "./template_text.ts";

/** One recipient that can be written to. */
export interface CheckedRecipient {
  readonly line: number;
  /** Digits with the country code. */
  readonly phone: string;
  readonly name: string | undefined;
  /** As the message is filled: `name` and `phone` are the recipient's own, whatever the columns are called. */
  readonly variables: Variables;
}

/**
 * What is to be seen in a row.
 *
 * * `number`: its number cannot be used; it is left out.
 * * `gap`: it lacks what the text needs; it is left out.
 * * `twice`: its number stands in an earlier row; it is left out.
 * * `guess`: its number was read in one of several ways; it is sent to that one.
 */
export interface RowFinding {
  readonly line: number;
  readonly kind: "number" | "gap" | "twice" | "guess";
  /** The cell as it is in the file. */
  readonly given: string;
  readonly name: string | undefined;
  /** The sentence of an unusable number, the missing variables, or the number that was read. */
  readonly detail: string;
  /** What is wrong with an unusable number, for other languages. */
  readonly why?: InvalidWhy;
  /** The signs of an unusable number that no number has, in `given`. */
  readonly wrong?: readonly Stretch[];
  /** How many numbers an unusable cell holds, each of which could be read. */
  readonly numbers?: number;
  /** Variables that the row lacks. */
  readonly lacks: readonly string[];
}

/** What would become of a blast; nothing is sent by looking. */
export interface BlastCheck {
  readonly recipients: readonly CheckedRecipient[];
  readonly findings: readonly RowFinding[];
  readonly phoneColumn: string;
  /** Its place among the columns, from 0. */
  readonly phoneIndex: number;
  readonly needs: readonly string[];
}

const NAME = /^(?:name|nama|full ?name|customer|pelanggan)$/i;

/** Reads every row of a table as a recipient of a text, and says what is wrong with those that are none. */
export function checkBlast(table: Table, text: string, countryCode: string): BlastCheck {
  const phoneColumn = phoneColumnOf(table);
  const nameColumn = nameColumnOf(table.header);
  const needs = gapsIn(text);
  const seen = new Set<string>();
  const recipients: CheckedRecipient[] = [];
  const findings: RowFinding[] = [];
  for (const { line, cells } of table.rows) {
    const given = cells[phoneColumn] ?? "";
    const name = nameColumn < 0 || cells[nameColumn] === "" ? undefined : cells[nameColumn];
    const row = { line, given, name, lacks: [] };
    const read = phoneOf(given, countryCode);
    if (read instanceof InvalidError) {
      findings.push({
        ...row,
        kind: "number",
        detail: read.message,
        why: read.why,
        wrong: wrongSigns(given, countryCode),
        numbers: numbersIn(given, countryCode)?.length,
      });
      continue;
    }
    const variables = {
      ...named(Object.fromEntries(table.header.map((column, index) => [column, cells[index]]))),
      ...present({ name }),
      phone: `+${read.phone}`,
    };
    const lacks = needs.filter((each) => (valueOf(each, variables) ?? "") === "");
    if (lacks.length > 0) {
      findings.push({ ...row, kind: "gap", detail: lacks.join(", "), lacks });
      continue;
    }
    if (seen.has(read.phone)) {
      findings.push({ ...row, kind: "twice", detail: read.phone });
      continue;
    }
    for (const spelling of spellingsOf(read.phone)) seen.add(spelling);
    if (read.guessed) findings.push({ ...row, kind: "guess", detail: read.phone });
    recipients.push({ line, phone: read.phone, name, variables });
  }
  return {
    recipients,
    findings,
    phoneColumn: table.header[phoneColumn] ?? "",
    phoneIndex: phoneColumn,
    needs,
  };
}

/** Which column holds the recipients' names: one that is called so, else one that means it. */
function nameColumnOf(header: readonly string[]): number {
  const exact = header.findIndex((column) => variableName(column) === "name");
  return exact >= 0 ? exact : header.findIndex((column) => NAME.test(column));
}

/** The message to one recipient, as it will be read. */
export function messageTo({ variables }: CheckedRecipient, text: string): string {
  return fill(text, variables);
}

function phoneOf(
  given: string,
  countryCode: string,
): { readonly phone: string; readonly guessed: boolean } | InvalidError {
  try {
    const { phone, normalizedFrom } = readPhoneNumber(given, { countryCode });
    return { phone, guessed: normalizedFrom !== undefined };
  } catch (error) {
    if (error instanceof InvalidError) return error;
    throw error;
  }
}

/** A table with some of its cells written anew. @param cells By the row's line and the column's place, from 0. */
export function mended(
  table: Table,
  cells: readonly { readonly line: number; readonly column: number; readonly text: string }[],
): Table {
  const byLine = Map.groupBy(cells, ({ line }) => line);
  const rows = table.rows.map((row) => {
    const own = byLine.get(row.line);
    if (own === undefined) return row;
    const changed = [...row.cells];
    for (const { column, text } of own) if (column in changed) changed[column] = text.trim();
    return { ...row, cells: changed };
  });
  return { ...table, rows };
}
