// A receiver of webhooks that does as it is told, with raw sockets underneath so that it can misbehave.
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { PATIENCE_MS } from "./until.ts";

/** One request as it came in. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query as they stood in the request. */
  readonly target: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly as sent. */
  readonly body: string;
  readonly rawBody: Uint8Array;
  /** The body read as JSON; undefined when it is none. */
  // deno-lint-ignore no-explicit-any -- tests look into bodies of every shape
  readonly json: any;
  /** Epoch ms. */
  readonly receivedAt: number;
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
}

/**
 * What to do with a request.
 *
 * * a number: answer with that status and no body;
 * * an object: answer so, after `delayMs`; `chunked` sends no content-length;
 * * `hang`: read the request and say nothing;
 * * `hang-body`: send the status line, headers and part of a body, then nothing;
 * * `drip`: send the head of the answer one byte every 20 ms;
 * * `endless`: answer 200 with a body that never ends;
 * * `reset`: break the connection (RST) instead of answering;
 * * `reset-body`: break it in the middle of the body;
 * * `close`: close it (FIN) instead of answering;
 * * `garbage`: answer with what is not HTTP.
 */
export type Answer =
  | number
  | {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array;
    readonly delayMs?: number;
    readonly chunked?: boolean;
    /** Close the connection after the answer. */
    readonly close?: boolean;
  }
  | "hang"
  | "hang-body"
  | "drip"
  | "endless"
  | "reset"
  | "reset-body"
  | "close"
  | "garbage";

export type Step = Answer | ((request: ReceivedRequest) => Answer | Promise<Answer>);

export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** All so far, in order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** How many connections were made so far, and how many are open now. */
  readonly connections: { readonly made: number; readonly open: number };
  /** Sets what to do from now on, one step for each request; the last one goes for all that follow. */
  respond(...steps: readonly Step[]): void;
  /** Resolves with the first `count` requests as soon as there are so many. Rejects after `timeoutMs` (5 s). */
  waitFor(count: number, timeoutMs?: number): Promise<readonly ReceivedRequest[]>;
  /** Closes idle and busy connections from this side with FIN, as a server does whose idle time is over. */
  closeConnections(): void;
  /** Breaks all connections and stops to listen. */
  stop(): Promise<void>;
}

/** Starts a receiver on a free port of the loopback interface. Without steps it answers 200 with `ok`. */
export async function startReceiver(...script: readonly Step[]): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const waiting = new Set<() => void>();
  const sockets = new Map<Socket, number>();
  let made = 0;
  let steps: readonly Step[] = [];
  let taken = 0;
  const respond = (...next: readonly Step[]) => {
    steps = next.length > 0 ? next : [{ status: 200, body: "ok" }];
    taken = 0;
  };
  respond(...script);

  const server = createServer(async (message, response) => {
    message.on("error", () => {}); // a caller that goes away is no matter here
    response.on("error", () => {});
    const rawBody = await readBody(message);
    if (rawBody === undefined) return;
    const request = describe(message, rawBody, sockets.get(message.socket) ?? 0);
    const step = steps[Math.min(taken++, steps.length - 1)]!;
    requests.push(request);
    for (const check of [...waiting]) check();
    await perform(typeof step === "function" ? await step(request) : step, response);
  });
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket: Socket) => {
    sockets.set(socket, ++made);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of [...sockets.keys()]) socket.destroy();
    await closed;
  };

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return { made, open: sockets.size };
    },
    respond,
    waitFor(count, timeoutMs = PATIENCE_MS) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(
            new Error(`Cannot wait for ${count} requests longer: ${requests.length} came in ${timeoutMs} ms`),
          );
        }, timeoutMs);
        const check = () => {
          if (requests.length < count) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(requests.slice(0, count));
        };
        waiting.add(check);
        check();
      });
    },
    closeConnections() {
      for (const socket of [...sockets.keys()]) socket.destroy();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function perform(answer: Answer, response: ServerResponse): Promise<void> {
  const socket = response.socket;
  if (socket === null) return;
  switch (answer) {
    case "hang":
      return;
    case "hang-body":
      response.writeHead(200, { "content-length": "100" });
      response.write("partial");
      return;
    case "drip":
      return await drip(socket, "HTTP/1.1 200 OK\r\nx-slow: " + "a".repeat(500));
    case "endless":
      response.writeHead(200, { "content-type": "text/plain" });
      return streamOn(response);
    case "reset":
      socket.resetAndDestroy();
      return;
    case "reset-body":
      response.writeHead(200, { "content-length": "100" });
      response.write("partial", () => setTimeout(() => socket.resetAndDestroy(), 100));
      return;
    case "close":
      socket.end();
      return;
    case "garbage":
      socket.end("this is not HTTP\r\n\r\n");
      return;
  }
  if (typeof answer === "number") {
    response.writeHead(answer).end();
    return;
  }
  const { status = 200, headers = {}, body = "", delayMs = 0, chunked = false, close = false } = answer;
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  const length = chunked ? {} : { "content-length": String(Buffer.byteLength(body)) };
  response.writeHead(status, { ...length, ...(close ? { connection: "close" } : {}), ...headers });
  if (chunked) response.write(body);
  response.end(chunked ? undefined : body);
}

/** Writes until the other side has gone. */
function streamOn(response: ServerResponse): void {
  const chunk = "x".repeat(4096);
  const write = () => {
    if (response.destroyed || response.socket?.destroyed !== false) return;
    if (response.write(chunk)) setTimeout(write, 1);
    else response.once("drain", write);
  };
  write();
}

async function drip(socket: Socket, text: string): Promise<void> {
  for (const letter of text) {
    if (socket.destroyed) return;
    socket.write(letter);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function readBody(message: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk);
  } catch {
    return undefined; // the caller went away
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function describe(message: IncomingMessage, rawBody: Uint8Array, connection: number): ReceivedRequest {
  const url = new URL(message.url ?? "/", "http://receiver");
  const body = new TextDecoder().decode(rawBody);
  const headers = Object.entries(message.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: message.method ?? "",
    target: message.url ?? "",
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body,
    rawBody,
    json: parseJson(body),
    receivedAt: Date.now(),
    connection,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
