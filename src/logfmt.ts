import { getLogfmtFormatter, type LogRecord } from "@logtape/logtape";

/** What LogTape writes in another way than as it is: blanks, control characters, its own signs. */
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const SPECIAL_VALUE = /[\x00-\x20\x7f-\x9f\ufffd="\\]/;
// deno-lint-ignore no-control-regex -- likewise
const SPECIAL_KEY = /[\x00-\x20\x7f-\x9f\ufffd="%]/;
/** Texts that would be read as something else. */
const LITERALS: ReadonlySet<string> = new Set(["", "null", "undefined", "true", "false"]);

const thorough = getLogfmtFormatter();

/**
 * Writes a record as one line of logfmt, to the letter as LogTape does, in a third of the time: LogTape looks at each
 * character of each value. What is not plain it is left to.
 */
export function logfmt(record: LogRecord): string {
  return plain(record) ?? thorough(record);
}

function plain({ timestamp, level, category, message, properties }: LogRecord): string | undefined {
  if (message.length !== 1) return undefined;
  const msg = valueOf(message[0]);
  if (msg === undefined) return undefined;
  let line = `time=${timeOf(timestamp)} level=${level} logger=${category.join(".")} msg=${msg}`;
  for (const key of Object.keys(properties)) {
    const value = valueOf(properties[key]);
    if (value === undefined || key === "" || SPECIAL_KEY.test(key)) return undefined;
    line += ` ${key}=${value}`;
  }
  return `${line}\n`;
}

/** Undefined: it takes more than this to write it. */
function valueOf(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      if (!SPECIAL_VALUE.test(value)) return LITERALS.has(value) ? `"${value}"` : value;
      return ONLY_BLANKS.test(value) ? `"${value}"` : undefined;
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) && value.length === 0 ? "[]" : undefined;
    default:
      return undefined;
  }
}

/** With nothing in it that has to be escaped between quotation marks. */
// deno-lint-ignore no-control-regex -- likewise
const ONLY_BLANKS = /^[^\x00-\x1f\x7f-\x9f\ufffd"\\]*$/;

let lastAt = NaN;
let lastTime = "";

/** Many lines are of the same millisecond. */
function timeOf(timestamp: number): string {
  if (timestamp !== lastAt) {
    lastAt = timestamp;
    lastTime = new Date(timestamp).toISOString();
  }
  return lastTime;
}
