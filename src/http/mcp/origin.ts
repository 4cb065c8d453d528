import type { MiddlewareHandler } from "@hono/hono";
import type { HttpEnv } from "../context.ts";
import { forbidden } from "../errors.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Refuses what a page of another site sends, whatever key it has; programs send no `Origin`.
 * @param appUrl The gateway's public address, whose own pages may.
 * @see Model Context Protocol 2026-07-28, Streamable HTTP, "Security"
 */
export function createOriginGuard(appUrl: string | undefined): MiddlewareHandler<HttpEnv> {
  const own = appUrl === undefined ? null : URL.parse(appUrl)?.hostname;
  return async (c, next) => {
    const origin = c.req.header("Origin");
    if (origin !== undefined) {
      const host = URL.parse(origin)?.hostname;
      if (host === undefined || !(LOOPBACK.includes(host) || host === own)) {
        throw forbidden(
          "Pages of other sites may not use /mcp: only those of this machine and of APP_URL may",
        );
      }
    }
    await next();
  };
}
