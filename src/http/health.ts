import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { json, NO_KEY } from "./answers.ts";
import type { HttpEnv } from "./context.ts";
import { createHealthAnswers, type HealthDeps } from "./health_answers.ts";

const Health = z.object({
  success: z.literal(true),
  status: z.literal("alive"),
  timestamp: z.int().openapi({ description: "Unix seconds" }),
  uptime: z.int().openapi({ description: "Seconds" }),
  version: z.string(),
}).openapi("Health");

const Ready = z.object({ ready: z.boolean() }).catchall(z.union([z.boolean(), z.string(), z.number()]))
  .openapi("Readiness", { example: { ready: true, db: true } });

const ApiHealth = z.object({
  success: z.literal(true),
  message: z.string(),
  timestamp: z.iso.datetime(),
  uptime: z.number().openapi({ description: "Seconds" }),
  version: z.string(),
}).openapi("ApiHealth");

const health = createRoute({
  method: "get",
  path: "/health",
  tags: ["Health"],
  summary: "Tell that the process lives",
  security: NO_KEY,
  responses: { 200: json("It lives", Health) },
});

const ready = createRoute({
  method: "get",
  path: "/ready",
  tags: ["Health"],
  summary: "Tell whether the gateway can take work",
  security: NO_KEY,
  responses: { 200: json("It can", Ready), 503: json("It is starting, stopping, or cannot store", Ready) },
});

const apiHealth = createRoute({
  method: "get",
  path: "/api/health",
  tags: ["Health"],
  summary: "Tell that the process lives",
  security: NO_KEY,
  responses: { 200: json("It lives", ApiHealth) },
});

/** Routes for those who watch the gateway; they need no key. */
export function createHealthRoutes(deps: HealthDeps): OpenAPIHono<HttpEnv> {
  const answers = createHealthAnswers(deps);
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(health, (c) => c.json(answers.health(), 200));

  routes.openapi(ready, async (c) => {
    const { body, status } = await answers.ready();
    return c.json(body, status);
  });

  routes.openapi(apiHealth, (c) => c.json(answers.apiHealth(), 200));

  return routes;
}
