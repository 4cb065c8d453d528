import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/** The beginning of the answer that a connection got last. */
const heads = new WeakMap<Socket, Buffer>();
/** What an answer began with that the HTTP client could not read, by the error that it gave. */
const unread = new WeakMap<Error, Buffer>();

const LETTER_H = 0x48;
const SMALL_H = 0x68;

/**
 * Remembers how answers on a connection begin, so that the status of one that the HTTP client gives up on is known all
 * the same: the receiver has handled the request, and sending it again would handle it twice. The client takes a
 * `100 Continue` that nobody asked for as an error, so it is shown a `102` in its place: neither means anything here.
 * @see RFC 9110, 15.2 "Informational 1xx": a client must be able to read them even if it does not expect any
 */
export function rememberHeads<S extends Socket>(socket: S): S {
  const read = socket.read.bind(socket);
  const write = socket.write.bind(socket);
  socket.read = (size?: number) => {
    const chunk = read(size) as Buffer | null;
    if (chunk === null || (chunk[0] !== LETTER_H && chunk[0] !== SMALL_H)) return chunk;
    if (heads.get(socket) === undefined) heads.set(socket, chunk);
    hideContinue(chunk);
    return chunk;
  };
  // The next request begins: what was answered before is not its answer.
  socket.write = ((...given: Parameters<Socket["write"]>) => {
    heads.delete(socket);
    return write(...given);
  }) as Socket["write"];
  socket.on("error", (error) => {
    const head = heads.get(socket);
    if (head !== undefined) unread.set(error, head);
  });
  return socket;
}

/** An answer that the HTTP client could not read, as far as it says what became of the request. */
export interface UnreadAnswer {
  readonly statusCode: number;
  readonly retryAfter: string | undefined;
}

/** The final status in an answer that the HTTP client gave up on with this error; undefined when it is no answer. */
export function unreadAnswer(error: Error): UnreadAnswer | undefined {
  const head = unread.get(error)?.toString("latin1") ?? "";
  for (const part of head.split(/\r?\n\r?\n/)) {
    const statusCode = Number(/^HTTP\/\d(?:\.\d)? (\d{3})(?: |\r?\n|\r?$)/i.exec(part)?.[1]);
    if (Number.isNaN(statusCode)) return undefined;
    if (statusCode >= 200 || statusCode === 101) {
      return { statusCode, retryAfter: /^retry-after:(.*)$/im.exec(part)?.[1].trim() || undefined };
    }
  }
  return undefined;
}

const CONTINUE = /^HTTP\/1\.1 100(?=[ \r\n])/;
const LAST_DIGIT = "HTTP/1.1 10".length;

function hideContinue(chunk: Buffer): void {
  if (chunk[LAST_DIGIT] !== 0x30 || chunk[LAST_DIGIT - 1] !== 0x30 || chunk[LAST_DIGIT - 2] !== 0x31) return;
  if (CONTINUE.test(chunk.subarray(0, LAST_DIGIT + 2).toString("latin1"))) chunk[LAST_DIGIT] = 0x32;
}
