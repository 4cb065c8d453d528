import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "@hono/hono";
import { newId } from "../ids.ts";
import { logOf } from "../log.ts";
import { type AuthDeps, createAuth } from "./auth.ts";
import { bodyLimit } from "./body_limit.ts";
import type { HttpEnv } from "./context.ts";
import { createDocsRoutes } from "./docs.ts";
import { emptyIsObject } from "./empty_body.ts";
import { answerError, refuseInvalid } from "./errors.ts";
import { createHealthRoutes, type HealthDeps } from "./health.ts";
import { answerNotFound } from "./not_found.ts";
import { createRateLimit } from "./rate_limit.ts";
import { refuseWhenStopping } from "./stopping.ts";

const MAX_BODY_BYTES = 5 * 1_048_576;
const log = logOf("http");

/** Routes that belong together, and where they hang: `{ at: "/v1", routes }`. */
export interface RouteGroup {
  readonly at: string;
  readonly routes: OpenAPIHono<HttpEnv>;
}

export interface HttpDeps {
  readonly auth: AuthDeps;
  readonly health: HealthDeps;
  /** Requests of one tenant on `/v1` in a minute; 0: no limit. */
  readonly rateLimitPerMinute: number;
  /** The gateway's public address, for the API document. */
  readonly appUrl?: string;
  /** Groups that see to their own protection: receivers, metrics. They come before the keyed ones. */
  readonly open: readonly RouteGroup[];
  /** Groups under `/v1` (tenant's key, rate limit), `/api` (tenant's key) and `/admin` (master key). */
  readonly keyed: readonly RouteGroup[];
  /** Paths whose handlers bound their bodies themselves, because they stream them; 5 MiB is the limit of all others. */
  readonly streamedBodies?: readonly RegExp[];
  /** Once it aborts, new requests are refused. */
  readonly stopping?: AbortSignal;
  readonly now: () => number;
}

/**
 * The HTTP side of the gateway. Serve it with `Deno.serve((request, info) => app.fetch(request, info))`, so that
 * handlers know the other end of the connection.
 */
export function createHttp(deps: HttpDeps): OpenAPIHono<HttpEnv> {
  const app = new OpenAPIHono<HttpEnv>({ strict: false, defaultHook: refuseInvalid });
  const auth = createAuth(deps.auth);
  app.onError(answerError);
  app.notFound(answerNotFound(() => app));

  app.use(traced(deps.now));
  if (deps.stopping !== undefined) app.use(refuseWhenStopping(deps.stopping));
  app.use(bodyLimit(MAX_BODY_BYTES, deps.streamedBodies ?? []));

  app.route("/", createHealthRoutes(deps.health));
  app.route("/", createDocsRoutes({ api: () => app, appUrl: deps.appUrl }));
  for (const { at, routes } of deps.open) app.route(at, routes);
  app.use(emptyIsObject);

  app.use(
    "/v1/*",
    auth.tenant,
    createRateLimit({ perMinute: deps.rateLimitPerMinute, now: deps.now }),
  );
  app.use("/api/*", auth.api);
  app.use("/admin/*", auth.master);
  for (const { at, routes } of deps.keyed) app.route(at, routes);
  return app;
}

/** Gives every request an id and every answer the headers that keep browsers careful; logs the outcome. */
function traced(now: () => number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const startedAt = now();
    const given = c.req.header("X-Request-Id");
    const requestId = given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : newId("req");
    c.set("requestId", requestId);
    await next();
    const { headers, status } = c.res;
    headers.set("X-Request-Id", requestId);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
    if (!headers.has("Content-Security-Policy")) {
      headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }
    log.debug("http.answered", {
      requestId,
      method: c.req.method,
      path: c.req.path,
      status,
      durationMs: now() - startedAt,
    });
  };
}
