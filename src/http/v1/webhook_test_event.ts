import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { NotFoundError } from "../../errors.ts";
import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import { type WebhookId } from "../../ids.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { TestDeliveries } from "../../webhooks/test_delivery.ts";
import { dataOf, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { idParam } from "../fields.ts";

const test = createRoute({
  tags: ["Webhooks"],
  security: TENANT_KEY,
  method: "post",
  path: "/webhooks/{id}/test",
  summary: "Send a test event to a webhook and tell how it answered; one request, never repeated",
  request: { params: idParam("The webhook's id", "wh_01k8zq4v7n2m5x9c3b6f8h0j1d") },
  responses: {
    200: dataOf(
      "What came of it",
      z.object({
        webhook_id: z.string(),
        delivery_id: z.string(),
        delivered: z.boolean(),
        status_code: z.int().nullable(),
        error: z.string().nullable(),
        response: z.string().nullable(),
      }),
    ),
    ...refusals(404, 503),
  },
});

/** The route that tries a webhook out. */
export function createWebhookTestRoutes({ webhookOf, testDeliveries }: {
  readonly webhookOf: (id: WebhookId) => Webhook | undefined;
  readonly testDeliveries: Pick<TestDeliveries, "test">;
}): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  routes.openapi(test, async (c) => {
    const { id } = c.req.valid("param");
    const webhook = webhookOf(id);
    if (webhook === undefined || webhook.tenantId !== c.get("tenant").id) {
      throw new NotFoundError("webhook", id);
    }
    const { deliveryNumber, decision } = await testDeliveries.test(webhook);
    const data = {
      webhook_id: id,
      delivery_id: deliveryIdOf(deliveryNumber),
      delivered: decision?.status === "success",
      status_code: decision?.statusCode ?? null,
      error: decision === undefined ? "Not decided yet" : decision.error,
      response: decision?.response ?? null,
    };
    return c.json({ success: true as const, data }, 200);
  });
  return routes;
}
