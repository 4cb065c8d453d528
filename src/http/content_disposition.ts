import { plainName } from "../events/plain_text.ts";

/** Of a name that is handed out, in characters. */
const LONGEST_NAME = 255;

/** The header of a file that is shown in place or saved, with its name if it has one. @see RFC 6266 */
export function contentDisposition(how: "inline" | "attachment", fileName: string | null): string {
  if (fileName === null) return how;
  const name = plainName(fileName).slice(0, LONGEST_NAME).toWellFormed();
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  return `${how}; filename="${ascii}"; filename*=UTF-8''${
    encodeURIComponent(name).replace(/['()*]/g, escape)
  }`;
}

/** @see RFC 8187, "value-chars" */
function escape(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}
