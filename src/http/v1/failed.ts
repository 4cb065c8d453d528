import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import type { Deliveries } from "../../store/deliveries.ts";
import type { Payloads } from "../../webhooks/payloads.ts";
import type { Redelivery } from "../../webhooks/redelivery.ts";
import { dataOf, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { query, wholeNumber } from "../fields.ts";
import { maySeeCodes } from "../key_access.ts";
import { secondsOf } from "../../spans.ts";

const FailedEvent = z.object({
  event_id: z.string().openapi({ example: "evt_01k8zq4v7n2m5x9c3b6f8h0j1d" }),
  event: z.string(),
  attempts: z.int(),
  last_attempt: z.int().openapi({ description: "Unix seconds" }),
  error: z.string(),
  payload: z.unknown().openapi({ description: "The JSON as delivered" }),
  webhook_id: z.string(),
  delivery_id: z.string(),
}).openapi("FailedEvent");

const route = { tags: ["Webhooks"], security: TENANT_KEY };

const list = createRoute({
  ...route,
  method: "get",
  path: "/webhooks/failed",
  summary: "List events that could not be delivered, newest first",
  request: { query: query({ limit: wholeNumber({ min: 1, max: 500 }).optional() }) },
  responses: {
    200: dataOf("The failed events", z.object({ failed_events: z.array(FailedEvent), total: z.int() })),
    ...refusals(),
  },
});

const retry = createRoute({
  ...route,
  method: "post",
  path: "/webhooks/failed/{event_id}/retry",
  summary: "Send a failed event again",
  request: {
    params: z.object({
      event_id: z.string().openapi({
        param: { name: "event_id", in: "path" },
        description: "The event's id",
      }),
    }),
  },
  responses: {
    202: dataOf(
      "It is on its way again",
      z.object({ event_id: z.string(), status: z.literal("pending"), deliveries: z.array(z.string()) }),
    ),
    ...refusals(404, 503),
  },
});

const PAGE = 100;
const COUNT_AT_MOST = 100_000;

/** Routes over a tenant's failed deliveries: the dead letters. */
export function createFailedRoutes({ deliveries, redelivery, payloads }: {
  readonly deliveries: Pick<Deliveries, "list" | "count">;
  readonly redelivery: Pick<Redelivery, "retryEvent">;
  readonly payloads: Payloads;
}): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(list, async (c) => {
    const { limit = PAGE } = c.req.valid("query");
    const filter = { tenantId: c.get("tenant").id, status: "failed" as const };
    const page = await deliveries.list(filter, { limit });
    const total = page.length < limit ? page.length : await deliveries.count(filter, COUNT_AT_MOST);
    const sent = await payloads.of(page, { codes: maySeeCodes(c.get("access")) });
    const failed_events = page.map((delivery) => ({
      event_id: delivery.eventId,
      event: delivery.name,
      attempts: delivery.attempts,
      last_attempt: secondsOf(delivery.lastAttemptAt ?? delivery.updatedAt),
      error: delivery.error ?? "",
      payload: sent.get(delivery.number)?.payload ?? null,
      webhook_id: delivery.webhookId,
      delivery_id: deliveryIdOf(delivery.number),
    }));
    return c.json({ success: true as const, data: { failed_events, total } }, 200);
  });

  routes.openapi(retry, async (c) => {
    const { event_id } = c.req.valid("param");
    const revived = await redelivery.retryEvent(c.get("tenant").id, event_id);
    const ids = revived.map(({ number }) => deliveryIdOf(number));
    return c.json(
      { success: true as const, data: { event_id, status: "pending" as const, deliveries: ids } },
      202,
    );
  });

  return routes;
}
