import { Buffer } from "node:buffer";
import { RefusedError } from "../errors.ts";

/** A file that comes as text. */
export interface DecodedFile {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** What a data URL says that it is; known once the bytes were read. */
  mimeType(): string | undefined;
}

/** How far a data URL's beginning may reach. */
const MOST_HEAD = 256;

/**
 * Decodes base64 as it comes: bare or as a data URL, with or without line breaks, in either alphabet.
 * @param field Where it was given, for the error.
 * @returns Reading the bytes throws {@link RefusedError} where the text is not base64.
 * @see RFC 4648, sections 4 and 5; RFC 2397
 */
export function decodeBase64(text: AsyncIterable<Uint8Array>, field: string): DecodedFile {
  let told: string | undefined;

  async function* decoded(): AsyncGenerator<Uint8Array> {
    let head: string | undefined = "";
    let held = "";
    let ended = false;
    let empty = true;
    const take = (piece: string): Buffer => {
      const digits = piece.replace(/\s+/g, "");
      if (!/^[\w+/-]*={0,2}$/.test(digits) || (ended && /[^=]/.test(digits))) throw notBase64(field);
      ended ||= digits.endsWith("=");
      held += digits.replace(/=+$/, "");
      const whole = held.length - held.length % 4;
      const bytes = Buffer.from(held.slice(0, whole), "base64");
      held = held.slice(whole);
      if (bytes.length > 0) empty = false;
      return bytes;
    };
    const open = (beginning: string): string => {
      const url = /^\s*data:([^,]*?)(;base64)?,/i.exec(beginning);
      if (url?.[1]) told = url[1];
      return url === null ? beginning : beginning.slice(url[0].length);
    };
    for await (const chunk of text) {
      let piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
      if (head !== undefined) {
        head += piece;
        if (head.length < MOST_HEAD && !head.includes(",")) continue;
        piece = open(head);
        head = undefined;
      }
      yield take(piece);
    }
    if (head !== undefined) yield take(open(head));
    if (held.length === 1 || (empty && held === "")) throw notBase64(field);
    if (held !== "") yield Buffer.from(held, "base64");
  }

  return { bytes: decoded(), mimeType: () => told };
}

function notBase64(field: string): RefusedError {
  return new RefusedError(
    "INVALID_MEDIA",
    `Field \`${field}\` must be base64 or a data URL: it cannot be read`,
    {
      field,
    },
  );
}
