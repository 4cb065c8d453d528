import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Body } from "./body.ts";
import { asHeaders, IncomingHeaders } from "./headers.ts";

const decoder = new TextDecoder();

/**
 * A `Request` of the Fetch standard over one of `node:http`, as far as handlers use it: what is not asked for is not
 * made, and the body is not read before somebody wants it.
 */
export class IncomingRequest {
  readonly method: string;
  readonly url: string;
  readonly content: Body;
  readonly #message: IncomingMessage;
  #headers: Headers | undefined;
  #stream: ReadableStream<Uint8Array> | null | undefined;
  #gone: AbortController | undefined;
  readonly #onClose = () => this.#gone?.abort();

  constructor(message: IncomingMessage, content: Body) {
    this.#message = message;
    this.content = content;
    this.method = message.method ?? "GET";
    this.url = urlOf(message);
  }

  get headers(): Headers {
    return this.#headers ??= asHeaders(new IncomingHeaders(this.#message.headers));
  }

  /** Null where none was sent, and for methods that have none. */
  get body(): ReadableStream<Uint8Array> | null {
    if (this.#stream === undefined) this.#stream = this.hasBody ? this.content.stream() : null;
    return this.#stream;
  }

  get bodyUsed(): boolean {
    return this.content.used;
  }

  /** Aborts when the client goes away before it was answered. */
  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      this.#gone = new AbortController();
      this.#message.socket.once("close", this.#onClose);
    }
    return this.#gone.signal;
  }

  /** The answer is out: the connection, which may bring many more requests, keeps nothing of this one. */
  answered(): void {
    if (this.#gone !== undefined) this.#message.socket.off("close", this.#onClose);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async text(): Promise<string> {
    return decoder.decode(await this.#whole());
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#whole());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.headers.get("Content-Type") ?? "" });
  }

  async formData(): Promise<FormData> {
    const type = this.headers.get("Content-Type") ?? "";
    return await new Response(await this.bytes(), { headers: { "Content-Type": type } }).formData();
  }

  /** With the same body, which is no longer to be read here. */
  clone(): Request {
    const { method, headers, body } = this;
    return new Request(this.url, { method, headers: [...headers], body });
  }

  /** Whether a body was sent, however small. */
  get hasBody(): boolean {
    if (this.method === "GET" || this.method === "HEAD") return false;
    const { headers } = this.#message;
    if (headers["transfer-encoding"] !== undefined) return true;
    return Number(headers["content-length"] ?? 0) > 0;
  }

  async #whole(): Promise<Buffer> {
    return this.hasBody ? await this.content.whole() : Buffer.alloc(0);
  }
}

Object.setPrototypeOf(IncomingRequest.prototype, Request.prototype);

/** Hands it to code that knows `Request`; fields that are not above are not there. */
export function asRequest(request: IncomingRequest): Request {
  return request as unknown as Request;
}

/** A `Host` that makes no URL is none of ours. */
function urlOf({ headers, url = "/" }: IncomingMessage): string {
  const path = url.startsWith("/") ? url : pathOf(url);
  const host = headers.host ?? "";
  return `http://${/^[\w.:[\]-]+$/.test(host) ? host : "localhost"}${path}`;
}

/** A proxy's absolute form, or `*`. */
function pathOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? "/" : parsed.pathname + parsed.search;
}
