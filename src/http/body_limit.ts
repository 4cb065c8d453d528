import type { MiddlewareHandler } from "@hono/hono";
import type { HttpEnv } from "./context.ts";
import { tooLarge } from "./errors.ts";
import { IncomingRequest } from "../listener/request.ts";

/**
 * Refuses bodies over `maxBytes` with 413. A body whose length or type was not told is read here, no further than the
 * limit.
 * @param streamed Paths whose handlers bound their bodies themselves.
 */
export function bodyLimit(maxBytes: number, streamed: readonly RegExp[]): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const { headers, method, url } = c.req.raw;
    const isStreamed = streamed.some((path) => path.test(c.req.path));
    if (c.req.raw instanceof IncomingRequest) { // it bounds itself, and only when it is read
      c.req.raw.content.mostBytes = isStreamed ? Infinity : maxBytes;
    }
    if (isStreamed) return await next();
    const told = headers.has("Transfer-Encoding") ? null : headers.get("Content-Length");
    if (told !== null && Number(told) > maxBytes) throw tooLarge(maxBytes);
    if (c.req.raw instanceof IncomingRequest || (told !== null && headers.has("Content-Type"))) {
      return await next();
    }
    const { body } = c.req.raw; // only now: a body that was looked at as a stream is read more slowly
    if (body === null) return await next();
    // Who takes optional bodies, looks for one by copying the request: copying Deno's own reads its signal, which makes
    // Deno print a warning.
    c.req.raw = new Request(url, { method, headers, body: await readAtMost(body, maxBytes) });
    await next();
  };
}

/**
 * Reads a body to its end.
 * @throws {HttpError} 413 if it is larger than `maxBytes`; no more than that is held.
 */
export async function readAtMost(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Blob> {
  const chunks: BlobPart[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(new Uint8Array(chunk));
  }
  return new Blob(chunks);
}
