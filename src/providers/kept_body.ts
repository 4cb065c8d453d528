import type { Inbound } from "./provider.ts";

/** A body as it is kept in the log: as text where it is text, else in Base64. */
export interface KeptBody {
  readonly raw?: string;
  readonly rawBase64?: string;
  readonly session?: string;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const readable = new TextDecoder();

/** Keeps a body so that it can be read again, byte by byte. */
export function keptBody({ raw, session }: Pick<Inbound, "raw" | "session">): KeptBody {
  return { ...textOf(raw), ...(session !== undefined && { session }) };
}

/** The body that a line of the log keeps; undefined when it keeps none. */
export function bodyIn(metadata: Readonly<Record<string, unknown>>): Inbound | undefined {
  const { raw, rawBase64, session } = metadata;
  const bytes = typeof raw === "string"
    ? new TextEncoder().encode(raw)
    : typeof rawBase64 === "string"
    ? Uint8Array.fromBase64(rawBase64)
    : undefined;
  if (bytes === undefined) return undefined;
  return { raw: bytes, json: parsed(bytes), ...(typeof session === "string" && { session }) };
}

/** A body as JSON; undefined when it is none. */
export function parsed(raw: Uint8Array): Inbound["json"] {
  const text = readable.decode(raw);
  if (isTooDeep(text)) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** No system nests its reports nearly as deeply; deeper ones cannot be written out again. */
const DEEPEST = 500;

/** Whether brackets stand deeper in one another than anybody here reads. */
function isTooDeep(text: string): boolean {
  if (text.length < 2 * DEEPEST) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // a text: brackets in it do not count
        at = endOfText(text, at);
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > DEEPEST) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
    }
  }
  return false;
}

function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

function textOf(raw: Uint8Array): KeptBody {
  try {
    return { raw: decoder.decode(raw) };
  } catch (error) {
    if (error instanceof TypeError) return { rawBase64: raw.toBase64() };
    throw error;
  }
}
