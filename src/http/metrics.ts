import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { NO_KEY } from "./answers.ts";
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
  },
});

/** The route that Prometheus asks; it needs no key. */
export function createMetricsRoutes(
  { text }: { readonly text: () => Promise<string> },
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.openapi(metrics, async (c) => c.text(await text(), 200, { "Content-Type": CONTENT_TYPE }));
  return routes;
}
