/**
 * What begins a formula, in full width as well; a spreadsheet whose lists have semicolons splits cells at theirs. The
 * sign comes first: to look back from each of many blanks takes time that grows with their square.
 */
const FORMULA = /(?=[=+\-@\uff1d\uff0b\uff0d\uff20\t\r])(?<=(?:^|[;\t\r\n]) *)/g;

/**
 * A cell of a CSV file that no spreadsheet takes for a formula, whichever separator it splits by: what begins like one
 * gets an apostrophe.
 * @see OWASP, "CSV Injection"
 */
export function csvCell(text: string): string {
  const safe = text.toWellFormed().replaceAll(FORMULA, "'");
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
