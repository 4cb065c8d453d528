import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Preflight } from "../../webhooks/preflight.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body } from "../fields.ts";
import { secondsOf } from "../../spans.ts";

const look = createRoute({
  tags: ["Webhooks"],
  security: TENANT_KEY,
  method: "post",
  path: "/webhooks/preflight",
  summary: "See whether a URL can be reached, before a webhook is made; nothing is posted to it",
  description: "Checks the address rules, the name, the connection and the certificate. Ten times a minute.",
  request: {
    body: jsonBody(body({ url: z.string().openapi({ example: "https://shop.example/hooks/whatsapp" }) })),
  },
  responses: {
    200: dataOf(
      "What was found",
      z.object({
        reachable: z.boolean(),
        port: z.int().nullable(),
        certificate_until: z.int().nullable().openapi({
          description: "Unix seconds; null without TLS",
        }),
        error: z.string().nullable(),
        duration_ms: z.int(),
      }),
    ),
    ...refusals(409, 413, 415, 429),
  },
});

/** The route that looks behind a URL. */
export function createWebhookPreflightRoutes(
  { preflight }: { readonly preflight: Preflight },
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.openapi(look, async (c) => {
    const found = await preflight(c.req.valid("json").url, c.get("tenant").id);
    const { ok, durationMs } = found;
    const data = {
      reachable: ok,
      port: ok ? found.port : null,
      certificate_until: ok && found.certificateUntil !== null ? secondsOf(found.certificateUntil) : null,
      error: ok ? null : found.error,
      duration_ms: durationMs,
    };
    return c.json({ success: true as const, data }, 200);
  });
  return routes;
}
