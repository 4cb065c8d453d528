import type { IncomingHttpHeaders } from "node:http";

/** The headers of a request, as `Headers` has them for reading, over those that `node:http` has read already. */
export class IncomingHeaders {
  readonly #headers: IncomingHttpHeaders;

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers;
  }

  get(name: string): string | null {
    const value = this.#headers[name.toLowerCase()];
    return value === undefined ? null : typeof value === "string" ? value : value.join(", ");
  }

  has(name: string): boolean {
    return this.#headers[name.toLowerCase()] !== undefined;
  }

  getSetCookie(): string[] {
    return []; // no request sets one
  }

  keys(): ArrayIterator<string> {
    return Object.keys(this.#headers).values();
  }

  *values(): Generator<string> {
    for (const [, value] of this) yield value;
  }

  *entries(): Generator<[string, string]> {
    for (const name of Object.keys(this.#headers)) yield [name, this.get(name) ?? ""];
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }

  forEach(visit: (value: string, name: string, headers: Headers) => void): void {
    for (const [name, value] of this) visit(value, name, asHeaders(this));
  }
}

Object.setPrototypeOf(IncomingHeaders.prototype, Headers.prototype);

/** Hands them to code that knows `Headers`; they cannot be changed. */
export function asHeaders(headers: IncomingHeaders): Headers {
  return headers as unknown as Headers;
}
