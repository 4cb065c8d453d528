/** What a piece of the text was: a field of the object, or one item of the list that is streamed. */
export type JsonPart =
  | { readonly what: "field"; readonly name: string; readonly value: unknown }
  | { readonly what: "item"; readonly value: unknown };

/** The text is not JSON, or not of the form that is taken. */
export class JsonFieldsError extends Error {
  override readonly name = "JsonFieldsError";
}

const MOST_FIELD_BYTES = 1_048_576;
const MOST_ITEM_BYTES = 65_536;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/** What may come next. `first…` also takes the end of what was just opened. */
type Expected =
  | "object"
  | "first name"
  | "name"
  | "colon"
  | "value"
  | "after value"
  | "first item"
  | "item"
  | "after item"
  | "nothing";

/**
 * Reads a JSON object as it comes in, handing out each field as it is complete, and the items of one list one by one,
 * so that a list of any length never is in memory as a whole.
 */
export class JsonFields {
  readonly #list: string;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #expected: Expected = "object";
  #name = "";
  /** The value that is being gathered: its bytes so far, and where in it we are. */
  #bytes: Uint8Array = new Uint8Array(1024);
  #length = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #gathering: "name" | "value" | "item" | undefined;

  /** @param list The field whose items are handed out one by one. */
  constructor(list: string) {
    this.#list = list;
  }

  *push(chunk: Uint8Array): Generator<JsonPart> {
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index];
      if (this.#gathering !== undefined) {
        const ended = this.#gather(byte);
        if (ended === "no") continue;
        const part = this.#finish();
        if (part !== undefined) yield part;
        if (ended === "with this") continue;
      }
      if (!isBlank(byte)) this.#structure(byte);
    }
  }

  /** Call after the last chunk. */
  end(): void {
    if (this.#expected !== "nothing") {
      throw new JsonFieldsError("The body is not valid JSON: it ends too early");
    }
  }

  #structure(byte: number): void {
    switch (this.#expected) {
      case "object":
        if (byte !== OPEN) throw new JsonFieldsError("The body must be a JSON object");
        this.#expected = "first name";
        return;
      case "first name":
      case "name":
        if (byte === CLOSE && this.#expected === "first name") this.#expected = "nothing";
        else if (byte === QUOTE) this.#begin("name", byte);
        else throw invalid();
        return;
      case "colon":
        if (byte !== COLON) throw invalid();
        this.#expected = "value";
        return;
      case "value":
        if (byte === OPEN_LIST && this.#name === this.#list) this.#expected = "first item";
        else this.#begin("value", byte);
        return;
      case "after value":
        if (byte === COMMA) this.#expected = "name";
        else if (byte === CLOSE) this.#expected = "nothing";
        else throw invalid();
        return;
      case "first item":
      case "item":
        if (byte === CLOSE_LIST && this.#expected === "first item") this.#expected = "after value";
        else this.#begin("item", byte);
        return;
      case "after item":
        if (byte === COMMA) this.#expected = "item";
        else if (byte === CLOSE_LIST) this.#expected = "after value";
        else throw invalid();
        return;
      case "nothing":
        throw invalid();
    }
  }

  #begin(what: "name" | "value" | "item", byte: number): void {
    this.#gathering = what;
    this.#length = 0;
    this.#depth = byte === OPEN || byte === OPEN_LIST ? 1 : 0;
    this.#inString = byte === QUOTE;
    this.#escaped = false;
    this.#keep(byte);
  }

  /** Adds a byte to the value; tells whether the value ended with it, or before it. */
  #gather(byte: number): "no" | "with this" | "before this" {
    if (this.#inString) {
      this.#keep(byte);
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        if (this.#depth === 0) return "with this";
      }
      return "no";
    }
    if (this.#depth === 0) {
      if (isBlank(byte) || byte === COMMA || byte === CLOSE || byte === CLOSE_LIST) return "before this";
      this.#keep(byte);
      return "no";
    }
    this.#keep(byte);
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN || byte === OPEN_LIST) this.#depth++;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      this.#depth--;
      if (this.#depth === 0) return "with this";
    }
    return "no";
  }

  #keep(byte: number): void {
    const most = this.#gathering === "item" ? MOST_ITEM_BYTES : MOST_FIELD_BYTES;
    if (this.#length >= most) {
      const what = this.#gathering === "item" ? `An item of \`${this.#list}\`` : `Field \`${this.#name}\``;
      throw new JsonFieldsError(`${what} is too large: it takes at most ${most / 1024} KiB`);
    }
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }

  #finish(): JsonPart | undefined {
    const value = this.#parsed();
    const what = this.#gathering;
    this.#gathering = undefined;
    if (what === "name") {
      this.#name = String(value);
      this.#expected = "colon";
      return undefined;
    }
    this.#expected = what === "item" ? "after item" : "after value";
    return what === "item" ? { what: "item", value } : { what: "field", name: this.#name, value };
  }

  #parsed(): unknown {
    try {
      return JSON.parse(this.#decoder.decode(this.#bytes.subarray(0, this.#length)));
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof TypeError) throw invalid();
      throw error;
    }
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function invalid(): JsonFieldsError {
  return new JsonFieldsError("The body is not valid JSON");
}
