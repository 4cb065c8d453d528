import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import { NO_KEY, refusals } from "./answers.ts";
import { unauthorized } from "./errors.ts";
import type { HttpEnv } from "./context.ts";

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const metrics = createRoute({
  method: "get",
  path: "/metrics",
  tags: ["Health"],
  summary: "Tell numbers about the gateway, for Prometheus",
  security: NO_KEY,
  responses: {
    200: {
      description: "Prometheus' text format 0.0.4",
      content: {
        "text/plain": { schema: z.string().openapi({ example: "kabar_deliveries_pending 0\n" }) },
      },
    },
    ...refusals(),
  },
});

/** The route that Prometheus asks. Numbers tell of tenants and devices, so not everybody may see them. */
export function createMetricsRoutes(
  { text, maySee }: {
    readonly text: () => Promise<string>;
    /** As the setting `METRICS` says. */
    readonly maySee: (c: Context<HttpEnv>) => Promise<boolean>;
  },
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.openapi(metrics, async (c) => {
    if (!await maySee(c)) {
      const message =
        "Metrics are shown with the default tenant's API key (Authorization: Bearer …), to programs on " +
        "this machine where METRICS=loopback, and to everybody where METRICS=open";
      throw unauthorized("UNAUTHORIZED", message);
    }
    return c.text(await text(), 200, { "Content-Type": CONTENT_TYPE });
  });
  return routes;
}
