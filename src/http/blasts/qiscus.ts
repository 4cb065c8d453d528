import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { DEFAULT_TENANT } from "../../ids.ts";
import type { QiscusClient } from "../../providers/qiscus/client.ts";
import { API_KEY, apiRefusals, json } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { forbidden } from "../errors.ts";
import { apiQuery } from "../fields.ts";

const status = createRoute({
  tags: ["Qiscus"],
  security: API_KEY,
  method: "get",
  path: "/qiscus/webhook/status",
  summary: "Tell how Qiscus is configured, and where it sends its webhooks",
  request: { query: apiQuery({}) },
  responses: {
    200: json(
      "How it is",
      z.object({
        success: z.literal(true),
        webhook: z.object({
          configured: z.boolean(),
          baseUrl: z.string(),
          appId: z.string(),
          currentConfig: z.object({ url: z.string().nullable(), created_at: z.string().nullable() })
            .nullable()
            .openapi({ description: "As Qiscus tells it; null when it does not" }),
        }),
      }),
    ),
    ...apiRefusals(403),
  },
});

/** Routes about Qiscus, under `/api`. `client` is undefined when Qiscus is not configured. */
export function createQiscusRoutes({ client }: {
  readonly client: Pick<QiscusClient, "account" | "config"> | undefined;
}): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(status, async (c) => {
    if (c.get("tenant").id !== DEFAULT_TENANT) throw forbidden("Only the gateway's operator may see this");
    const config = await client?.config() ?? null;
    return c.json({
      success: true as const,
      webhook: {
        configured: client !== undefined,
        baseUrl: client?.account.baseUrl ?? "",
        appId: client?.account.appId ?? "",
        currentConfig: config && { url: config.url, created_at: config.createdAt },
      },
    }, 200);
  });

  return routes;
}
