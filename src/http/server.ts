import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "@hono/hono";
import { type AuthDeps, createAuth } from "./auth.ts";
import { bodyLimit } from "./body_limit.ts";
import type { HttpEnv } from "./context.ts";
import { emptyIsObject } from "./empty_body.ts";
import { answerError, forbidden, HttpError, refuseInvalid } from "./errors.ts";
import { createHealthRoutes } from "./health.ts";
import type { HealthDeps } from "./health_answers.ts";
import { handOn } from "./lazy_routes.ts";
import { answerNotFound } from "./not_found.ts";
import { createRateLimit, type RateLimit } from "./rate_limit.ts";
import { refuseOwnRequests, refuseWebhooks } from "./own_requests.ts";
import { refuseWhenStopping } from "./stopping.ts";
import { traceOf } from "./trace.ts";

const MAX_BODY_BYTES = 5 * 1_048_576;

/** Where the Cloud API's endpoints hang: some clients leave the version out, others cannot be given a prefix. */
export const GRAPH_PATHS = ["/graph", "/:version{v[0-9]+\\.[0-9]+}"] as const;

/** Routes that belong together, and where they hang: `{ at: "/v1", routes }`. */
export interface RouteGroup {
  readonly at: string;
  readonly routes: OpenAPIHono<HttpEnv>;
}

export interface HttpDeps {
  readonly auth: AuthDeps;
  readonly health: HealthDeps;
  /** Bounds what a tenant asks, on all surfaces with keys together; left out: nothing does. */
  readonly rateLimit?: RateLimit;
  /** Only tells how it does; left out: it answers everything. */
  readonly onlyHealth?: boolean;
  /** What the gateway's own webhook requests carry as `X-Kabar-From`. */
  readonly mark?: string;
  /** The gateway's public address, for the API document. */
  readonly appUrl?: string;
  /**
   * Pages for people, which see to their own protection. What goes wrong under `/ui` and `/pair` is answered as a page.
   */
  readonly pages?: {
    readonly routes: OpenAPIHono<HttpEnv>;
    readonly answerError: (error: unknown, request: Request, requestId: string) => Promise<Response>;
  };
  /** Groups that see to their own protection: receivers, metrics. They come before the keyed ones. */
  readonly open: readonly RouteGroup[];
  /** Groups under `/v1` and `/api` (tenant's key, rate limit) and `/admin` (master key). */
  readonly keyed: readonly RouteGroup[];
  /** Paths whose handlers bound their bodies themselves, because they stream them; 5 MiB is the limit of all others. */
  readonly streamedBodies?: readonly RegExp[];
  /** Stands before `/mcp`, ahead of the key; left out: there is nothing to guard. */
  readonly mcpGuard?: MiddlewareHandler<HttpEnv>;
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
  const { pages } = deps;
  app.onError((error, c) =>
    pages !== undefined && isPage(c.req.path)
      ? pages.answerError(error, c.req.raw, c.get("requestId"))
      : answerError(error, c)
  );
  app.notFound(answerNotFound(() => app));

  app.use(traced(deps.now));
  if (deps.mark !== undefined) app.use(refuseOwnRequests(deps.mark));
  if (deps.stopping !== undefined) app.use(refuseWhenStopping(deps.stopping));
  app.use(bodyLimit(MAX_BODY_BYTES, deps.streamedBodies ?? []));

  app.route("/", createHealthRoutes(deps.health));
  if (deps.onlyHealth) app.use(refuseAllBut("/metrics"));
  const docs = handOn(async () => {
    const { createDocsRoutes } = await import("./docs.tsx");
    return createDocsRoutes({ api: () => app, appUrl: deps.appUrl });
  });
  for (const path of ["/openapi.json", "/docs", "/docs/*"]) app.get(path, docs);
  if (pages !== undefined) {
    const { apiAuth, isFromThisMachine } = deps.auth;
    // Nobody signs in then, so nobody but the operator's own browser on this machine may see the pages.
    if (apiAuth === "off" && isFromThisMachine !== undefined) app.use("/ui/*", onlyFrom(isFromThisMachine));
    app.route("/", pages.routes);
  }
  for (const { at, routes } of deps.open) app.route(at, routes);
  app.use(refuseWebhooks);
  app.use(emptyIsObject);

  const { limited: limit } = deps.rateLimit ?? createRateLimit({ perMinute: 0, now: deps.now });
  app.use("/v1/*", auth.tenant, limit);
  if (deps.mcpGuard !== undefined) app.use("/mcp", deps.mcpGuard, auth.tenant, limit);
  app.use("/api/*", auth.api, limit);
  for (const path of GRAPH_PATHS) app.use(`${path}/*`, auth.graph, limit);
  app.use("/admin/*", auth.master);
  for (const { at, routes } of deps.keyed) app.route(at, routes);
  return app;
}

/** For a gateway that others spare requests: what comes nevertheless has missed its way. */
function refuseAllBut(path: string): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (c.req.path !== path) {
      throw new HttpError(
        404,
        "NOT_FOUND",
        "This gateway answers no requests: its GATEWAY_ROLES leaves out http",
      );
    }
    await next();
  };
}

function onlyFrom(isFromThisMachine: (c: Context<HttpEnv>) => Promise<boolean>): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (!await isFromThisMachine(c)) {
      throw forbidden("With API_AUTH=off the pages are shown on this machine only");
    }
    await next();
  };
}

function isPage(path: string): boolean {
  return /^\/(?:ui|pair)(?:\/|$)/.test(path);
}

/** Gives every request an id and every answer the headers that keep browsers careful; logs the outcome. */
function traced(now: () => number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const { method, path } = c.req;
    const trace = traceOf({ method, path, given: c.req.header("X-Request-Id") }, now);
    c.set("requestId", trace.requestId);
    await next();
    trace.answered(c.res);
  };
}
