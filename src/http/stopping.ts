import type { MiddlewareHandler } from "@hono/hono";
import type { HttpEnv } from "./context.ts";
import { HttpError } from "./errors.ts";

/** What is answered to the last: those who watch the gateway want to know how it stands. */
const WATCHED: ReadonlySet<string> = new Set(["/health", "/ready", "/metrics", "/api/health"]);

/** Refuses new requests with 503 once the gateway stops. */
export function refuseWhenStopping(stopping: AbortSignal): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (stopping.aborted && !WATCHED.has(c.req.path)) {
      throw new HttpError(503, "STOPPING", "The gateway is stopping: try again in a moment", {
        headers: { "Retry-After": "5", "Connection": "close" },
      });
    }
    await next();
  };
}
