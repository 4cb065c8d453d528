import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";

/** How long a client may take nothing of an answer. */
const STALLED_MS = 60_000;

/**
 * Writes an answer of the Fetch standard to a connection. Its body is read no faster than the client takes it, and is
 * cancelled whenever it is not read to its end: a file behind it is closed, whatever becomes of the answer.
 * @returns When all is written, or the client is gone.
 */
export async function respond(
  response: Response,
  target: ServerResponse,
  { isHead, closes }: { readonly isHead: boolean; readonly closes: boolean },
): Promise<void> {
  const { status } = response;
  const { flat, isWhole, hasLength } = readHeaders(response.headers);
  if (!isWhole && (isHead || target.destroyed)) await response.body?.cancel();
  if (target.destroyed) return;
  if (closes) flat.push("Connection", "close");
  if (isWhole) {
    const body = await response.text(); // a text goes out in one write with the headers, bytes do not
    if (!hasLength && hasBody(status)) flat.push("Content-Length", String(Buffer.byteLength(body)));
    target.writeHead(status, flat);
    target.end(isHead ? undefined : body);
    return;
  }
  target.writeHead(status, flat);
  if (isHead || response.body === null) {
    target.end();
    return;
  }
  await pipe(response.body, target);
}

/** Reads them in one go: each look into `Headers` costs as much as all of this. */
function readHeaders(headers: Headers) {
  const flat: string[] = [];
  let isText = false;
  let comesAsMade = false;
  let hasLength = false;
  headers.forEach((value, name) => {
    if (HOP_BY_HOP.has(name)) return;
    flat.push(name, value);
    if (name === "content-type") isText = TEXT.test(value);
    else if (name === "content-length") hasLength = true;
    else if (AS_MADE.has(name)) comesAsMade = true;
  });
  return { flat, hasLength, isWhole: isText && !comesAsMade };
}

/** What handlers write as one text; event streams and files are sent as they come. */
const TEXT = /^(?:application\/json|text\/html|text\/plain|text\/css)/i;

/** With one of these, the body is a stream, a part of a file, or packed: bytes, whatever its type says. */
const AS_MADE: ReadonlySet<string> = new Set(["accept-ranges", "content-encoding", "x-accel-buffering"]);

/** What describes the connection is the connection's own. */
const HOP_BY_HOP: ReadonlySet<string> = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade"]);

function hasBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

async function pipe(body: ReadableStream<Uint8Array>, target: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const gone = () => void reader.cancel().catch(() => {}); // the reading below ends by it
  target.once("close", gone);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || target.destroyed) break;
      if (!target.write(value) && !(await drained(target))) break;
    }
    target.end();
  } catch (error) {
    target.destroy(); // the status is out: a broken connection is how the client learns of it
    throw error;
  } finally {
    target.off("close", gone);
    await reader.cancel().catch(() => {}); // it has ended already, or failed above
  }
}

/** False when the client went away, or took nothing for too long. */
function drained(target: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (result: boolean) => {
      clearTimeout(timer);
      target.off("drain", onDrain);
      target.off("close", onClose);
      resolve(result);
    };
    const onDrain = () => end(true);
    const onClose = () => end(false);
    const timer = setTimeout(() => {
      target.destroy();
      end(false);
    }, STALLED_MS);
    target.once("drain", onDrain);
    target.once("close", onClose);
  });
}
