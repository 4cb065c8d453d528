/** Rows of a list, and its cells with those that short rows lack: a long header and many short rows make many. */
const MOST_ROWS = 50_000;
const MOST_CELLS = 2_000_000;

/** A table that was read from text. */
export interface Table {
  readonly separator: string;
  readonly header: readonly string[];
  /** Each as long as the header; `line` is the row's number as a spreadsheet shows it, from 2. */
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[];
  /** There are more rows or cells than a list may have: none of them was read. */
  readonly isTooLong?: true;
}

/** Whether a list has more rows than it may have. */
export function isTooLong(table: Pick<Table, "rows" | "isTooLong">): boolean {
  return table.isTooLong === true || table.rows.length > MOST_ROWS;
}

const SEPARATORS = [";", ",", "\t", "|"] as const;

/** Decodes a file of a spreadsheet: UTF-8 with or without a mark, UTF-16 with one, else Windows' Latin letters. */
export function decodeTable(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes); // no UTF-8
  }
}

/**
 * Reads a table whose first row names the columns. The separator is the one that the first row has most of.
 * @see RFC 4180, whose quotes are taken with any of the separators
 */
export function readTable(text: string): Table {
  const heading = text.slice(0, text.search(/[\r\n]|$/));
  const separator = SEPARATORS.map((sign) => [sign, heading.split(sign).length] as const)
    .reduce((best, next) => next[1] > best[1] ? next : best)[0];
  const [first = [], ...records] = recordsOf(text, separator);
  const header = first.map((cell) => cell.trim());
  const rows = records.map((cells, index) => ({ line: index + 2, cells }))
    .filter(({ cells }) => cells.slice(0, header.length).some((cell) => cell.trim() !== ""));
  if (isTooLong({ rows }) || rows.length * header.length > MOST_CELLS) {
    return { separator, header: [], rows: [], isTooLong: true };
  }
  const whole = ({ line, cells }: Table["rows"][number]) => ({
    line,
    cells: header.map((_, column) => (cells[column] ?? "").trim()),
  });
  return { separator, header, rows: rows.map(whole) };
}

function recordsOf(text: string, separator: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let record: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = text.startsWith("\ufeff") ? 1 : 0; at < text.length; at++) {
    const sign = text[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') cell += text[at++];
      else quoted = false;
    } else if (sign === '"' && cell.trim() === "") {
      quoted = true;
      cell = "";
    } else if (sign === separator) {
      record.push(cell);
      cell = "";
    } else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[at + 1] === "\n") at++;
      records.push([...record, cell]);
      record = [];
      cell = "";
    } else cell += sign;
  }
  if (cell !== "" || record.length > 0) records.push([...record, cell]);
  return records;
}

/** Whether the first row is one of the list: no column is called by a phone number. */
export function lacksNames({ header }: Pick<Table, "header">): boolean {
  return header.some((cell) => /^[+\d(][\d\s().-]*$/.test(cell) && cell.replace(/\D/g, "").length >= 9);
}

const PHONE =
  /^(?:phone|telp|telepon|no\.?\s*(?:hp|wa|telp|telepon)|hp|nomor|number|wa|whatsapp|mobile|ponsel|msisdn|telephone|tel)(?![a-z])/i;

/** Which column holds the phone numbers: of those that are called so, else of all, the one that looks most like it. */
export function phoneColumnOf({ header, rows }: Table): number {
  const columns = header.map((name, column) => ({
    column,
    isNamed: PHONE.test(name),
    looks: rows.slice(0, 50).filter(({ cells }) => /^[+\d][\d\s().-]{6,}$/.test(cells[column])).length,
  }));
  const named = columns.filter(({ isNamed }) => isNamed);
  const [first, ...others] = named.length > 0 ? named : columns;
  return others.reduce((best, next) => next.looks > best.looks ? next : best, first)?.column ?? 0;
}
