import { Buffer } from "node:buffer";
import { HttpError, tooLarge } from "./errors.ts";

export interface JsonWithFiles<F> {
  /** What the body says; where a file was, there is only a word in its place. */
  readonly json: unknown;
  readonly files: readonly F[];
}

/** What a body may hold besides its files. */
const MOST_BESIDES_BYTES = 1_048_576;
const [QUOTE, BACKSLASH, COLON, OPEN, CLOSE] = [0x22, 0x5c, 0x3a, 0x7b, 0x7d];
const [OPEN_LIST, CLOSE_LIST] = [0x5b, 0x5d];
/** What the letter of an escape stands for, where it is not itself. */
const ESCAPED: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9 };

/**
 * Reads a JSON object whose large fields are handed on as they come, and never held in memory.
 * @param names Top-level fields whose text is handed on; an empty one is left in its place.
 * @param take Takes a field's text, unescaped, to its end; what it resolves to stands for it.
 * @throws {HttpError} 400 if it is not JSON, 413 if it is too large without the files.
 */
export async function readJsonWithFiles<F>(
  body: ReadableStream<Uint8Array> | null,
  names: ReadonlySet<string>,
  take: (text: AsyncIterable<Uint8Array>, name: string) => Promise<F>,
): Promise<JsonWithFiles<F>> {
  const scanner = new Scanner(body);
  const files: F[] = [];
  try {
    for (let name = await scanner.seek(names); name !== undefined; name = await scanner.seek(names)) {
      const text = scanner.text();
      const first = await text.next();
      if (!first.done) files.push(await take(rejoined(first.value, text), name));
      scanner.put(first.done ? '""' : '"file"');
    }
    return { json: JSON.parse(scanner.besides()), files };
  } catch (error) {
    if (error instanceof SyntaxError) throw notJson();
    throw error;
  } finally {
    await scanner.close();
  }
}

async function* rejoined(first: Uint8Array, others: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* others;
}

/** Walks through JSON, keeping all of it but what is read as `text`. */
class Scanner {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #besides: Uint8Array[] = [];
  #besidesBytes = 0;
  #chunk: Uint8Array = new Uint8Array();
  #at = 0;
  #depth = 0;
  /** The last byte outside of strings that is not blank. */
  #last = 0;
  /** The key that comes before the value, as it is written. */
  #key = "";

  constructor(body: ReadableStream<Uint8Array> | null) {
    this.#reader = body?.getReader();
  }

  /** Goes to the next of these fields, behind the quote that opens its text. Undefined at the end. */
  async seek(names: ReadonlySet<string>): Promise<string | undefined> {
    let inString = false;
    let escaped = false;
    let string: number[] = [];
    while (await this.#more()) {
      const from = this.#at;
      while (this.#at < this.#chunk.length) {
        const byte = this.#chunk[this.#at++];
        if (inString) {
          if (byte === QUOTE && !escaped) {
            inString = false;
            if (this.#depth === 1 && this.#last !== COLON) this.#key = nameOf(string);
          } else string.push(byte);
          escaped = byte === BACKSLASH && !escaped;
          continue;
        }
        if (byte === QUOTE) {
          if (this.#depth === 1 && this.#last === COLON && names.has(this.#key)) {
            this.#keep(this.#chunk.subarray(from, this.#at - 1));
            return this.#key;
          }
          inString = true;
          string = [];
          continue;
        }
        if (byte === OPEN || byte === OPEN_LIST) this.#depth++;
        else if (byte === CLOSE || byte === CLOSE_LIST) this.#depth--;
        if (byte > 0x20) this.#last = byte;
      }
      this.#keep(this.#chunk.subarray(from));
    }
    return undefined;
  }

  /** The text that was found, to its closing quote. */
  async *text(): AsyncGenerator<Uint8Array> {
    /** What of an escape has been read: its letter, and the digits behind a `u`. */
    let escape: string | undefined;
    while (await this.#more()) {
      const quote = this.#chunk.indexOf(QUOTE, this.#at);
      const isPlain = escape === undefined && !this.#chunk.subarray(this.#at).includes(BACKSLASH);
      if (isPlain) {
        const end = quote < 0 ? this.#chunk.length : quote;
        const part = this.#chunk.subarray(this.#at, end);
        this.#at = quote < 0 ? end : end + 1;
        if (part.length > 0) yield part;
        if (quote >= 0) return;
        continue;
      }
      const part = new Uint8Array(this.#chunk.length - this.#at);
      let length = 0;
      let over = false;
      while (this.#at < this.#chunk.length && !over) {
        const byte = this.#chunk[this.#at++];
        if (escape === undefined) {
          if (byte === QUOTE) over = true;
          else if (byte === BACKSLASH) escape = "";
          else part[length++] = byte;
          continue;
        }
        escape += String.fromCharCode(byte);
        if (escape.startsWith("u") && escape.length < 5) continue;
        part[length++] = escape.startsWith("u") ? charOf(escape.slice(1)) : ESCAPED[escape] ?? byte;
        escape = undefined;
      }
      if (length > 0) yield part.subarray(0, length);
      if (over) return;
    }
    throw notJson();
  }

  /** Puts something where a text was. */
  put(json: string): void {
    this.#keep(new TextEncoder().encode(json));
  }

  besides(): string {
    return new TextDecoder().decode(Buffer.concat(this.#besides));
  }

  async close(): Promise<void> {
    await this.#reader?.cancel().catch(() => {}); // the client has gone already
  }

  #keep(bytes: Uint8Array): void {
    this.#besidesBytes += bytes.length;
    if (this.#besidesBytes > MOST_BESIDES_BYTES) throw tooLarge(MOST_BESIDES_BYTES);
    if (bytes.length > 0) this.#besides.push(bytes);
  }

  async #more(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      const next = await this.#reader?.read();
      if (next === undefined || next.done) return false;
      this.#chunk = next.value;
      this.#at = 0;
    }
    return true;
  }
}

function nameOf(written: readonly number[]): string {
  return String(JSON.parse(`"${new TextDecoder().decode(new Uint8Array(written))}"`));
}

/** Base64 is of ASCII only: what is beyond that is a byte that spoils it. */
function charOf(hex: string): number {
  const code = /^[\da-f]{4}$/i.test(hex) ? Number.parseInt(hex, 16) : 0;
  return code < 0x80 ? code : 0;
}

function notJson(): HttpError {
  return new HttpError(400, "INVALID_JSON", "The body is not valid JSON");
}
