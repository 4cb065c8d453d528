import type { MiddlewareHandler } from "@hono/hono";
import { IncomingRequest } from "../listener/request.ts";
import type { HttpEnv } from "./context.ts";

/**
 * Takes nothing, announced as JSON, for `{}`: as Express does, whose clients send the header with every request. Then
 * what may be left out is left out, and what may not is named.
 */
export const emptyIsObject: MiddlewareHandler<HttpEnv> = async (c, next) => {
  const { headers, method, url } = c.req.raw;
  if (method === "GET" || method === "HEAD") return await next();
  const isEmpty = !hasBody(c.req.raw) || headers.get("Content-Length") === "0";
  const isJson = /^application\/json\b/i.test(headers.get("Content-Type") ?? "");
  if (isEmpty && isJson) {
    c.req.raw = new Request(url, { method, headers, body: "{}" });
  }
  await next();
};

function hasBody(request: Request): boolean {
  return request instanceof IncomingRequest ? request.hasBody : request.body !== null;
}
