import type { MiddlewareHandler } from "@hono/hono";
import type { HttpEnv } from "./context.ts";

/**
 * Takes nothing, announced as JSON, for `{}`: as Express does, whose clients send the header with every request. Then
 * what may be left out is left out, and what may not is named.
 */
export const emptyIsObject: MiddlewareHandler<HttpEnv> = async (c, next) => {
  const { body, headers, method, url } = c.req.raw;
  const isEmpty = body === null || headers.get("Content-Length") === "0";
  const isJson = /^application\/json\b/i.test(headers.get("Content-Type") ?? "");
  if (isEmpty && isJson && method !== "GET" && method !== "HEAD") {
    c.req.raw = new Request(url, { method, headers, body: "{}" });
  }
  await next();
};
