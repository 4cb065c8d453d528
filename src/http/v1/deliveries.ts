import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { deliveryIdOf, deliveryNumberOf } from "../../webhooks/delivery_id.ts";
import type { Deliveries, Delivery } from "../../store/deliveries.ts";
import type { Devices } from "../../store/devices.ts";
import type { Payloads } from "../../webhooks/payloads.ts";
import type { Redelivery } from "../../webhooks/redelivery.ts";
import { dataOf, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { idParam, query, wholeNumber } from "../fields.ts";
import { maySeeCodes } from "../key_access.ts";
import { secondsOf } from "../../spans.ts";
import { deliveryFilterOf } from "../shapes/delivery_filter.ts";

export const Status = z.enum(["pending", "success", "failed", "cancelled"]);

const DeliveryShape = z.object({
  delivery_id: z.string().openapi({ example: "dlv_k7h2m9qx3td" }),
  webhook_id: z.string(),
  event_id: z.string(),
  event: z.string().openapi({ description: "The event's name in the webhook's format" }),
  device_id: z.string().nullable(),
  status: Status,
  attempts: z.int().openapi({ description: "Requests made so far" }),
  status_code: z.int().nullable().openapi({ description: "Of the last answer" }),
  error: z.string().nullable(),
  next_attempt_at: z.int().nullable(),
  last_attempt_at: z.int().nullable(),
  created_at: z.int(),
  updated_at: z.int(),
}).openapi("Delivery");

const AttemptShape = z.object({
  attempt: z.int(),
  started_at: z.int().openapi({ description: "Unix milliseconds" }),
  duration_ms: z.number(),
  status_code: z.int().nullable(),
  error: z.string().nullable(),
  response: z.string().nullable().openapi({ description: "The first 16 KiB of the answer" }),
  response_headers: z.record(z.string(), z.string()).optional().openapi({
    description: "Of an answer that was no success; the first 4 KiB",
    example: { "retry-after": "9" },
  }),
});

const Id = idParam("The delivery's id", "dlv_k7h2m9qx3td");
const route = { tags: ["Deliveries"], security: TENANT_KEY };

const list = createRoute({
  ...route,
  method: "get",
  path: "/deliveries",
  summary: "List deliveries, newest first",
  request: {
    query: query({
      webhook_id: z.string().optional(),
      device_id: z.string().optional().openapi({ description: "A device's id or alias" }),
      event_id: z.string().optional(),
      event: z.string().optional(),
      status: Status.optional(),
      status_code: wholeNumber({ min: 100, max: 599 }).optional(),
      since: wholeNumber({ min: 0, max: 99_999_999_999 }).optional(),
      until: wholeNumber({ min: 0, max: 99_999_999_999 }).optional(),
      limit: wholeNumber({ min: 1, max: 500 }).optional(),
      cursor: z.string().refine(
        (text) => deliveryNumberOf(text) !== undefined,
        "must be a `next_cursor` of a page before",
      )
        .optional(),
    }),
  },
  responses: {
    200: dataOf(
      "A page of deliveries",
      z.object({ deliveries: z.array(DeliveryShape), next_cursor: z.string().nullable() }),
    ),
    ...refusals(404),
  },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/deliveries/{id}",
  summary: "Get a delivery with what was sent and each of its attempts",
  request: { params: Id },
  responses: {
    200: dataOf(
      "The delivery",
      DeliveryShape.extend({
        url: z.string().nullable(),
        payload: z.unknown(),
        attempt_log: z.array(AttemptShape),
      }),
    ),
    ...refusals(404),
  },
});

const retry = createRoute({
  ...route,
  method: "post",
  path: "/deliveries/{id}/retry",
  summary: "Send a decided delivery again, with a fresh schedule",
  request: { params: Id },
  responses: { 202: dataOf("It is pending again", DeliveryShape), ...refusals(404, 503) },
});

const PAGE = 50;

export interface DeliveryRoutesDeps {
  readonly deliveries: Pick<Deliveries, "list" | "attempts">;
  readonly devices: Pick<Devices, "find">;
  readonly redelivery: Pick<Redelivery, "find" | "retry">;
  readonly payloads: Payloads;
}

/** Routes that show deliveries and send them again. */
export function createDeliveryRoutes(deps: DeliveryRoutesDeps): OpenAPIHono<HttpEnv> {
  const { deliveries, redelivery, payloads } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(list, async (c) => {
    const { limit = PAGE, cursor, ...given } = c.req.valid("query");
    const filter = await deliveryFilterOf(c.get("tenant").id, given, deps.devices);
    const before = cursor === undefined ? undefined : deliveryNumberOf(cursor);
    const page = await deliveries.list(filter, { limit, before });
    const last = page.length === limit ? page.at(-1) : undefined;
    return c.json({
      success: true as const,
      data: {
        deliveries: page.map(shapeOf),
        next_cursor: last === undefined ? null : deliveryIdOf(last.number),
      },
    }, 200);
  });

  routes.openapi(get, async (c) => {
    const delivery = await redelivery.find(c.get("tenant").id, c.req.valid("param").id);
    const [attempts, sent] = await Promise.all([
      deliveries.attempts(delivery.number),
      payloads.of([delivery], { codes: maySeeCodes(c.get("access")) }),
    ]);
    const { url, payload } = sent.get(delivery.number) ?? { url: null, payload: null };
    const attempt_log = attempts.map((made) => ({
      attempt: made.attempt,
      started_at: made.startedAt,
      duration_ms: made.durationMs,
      status_code: made.statusCode,
      error: made.error,
      response: made.response,
      ...(made.headers !== undefined && { response_headers: made.headers }),
    }));
    return c.json({ success: true as const, data: { ...shapeOf(delivery), url, payload, attempt_log } }, 200);
  });

  routes.openapi(retry, async (c) => {
    const revived = await redelivery.retry(c.get("tenant").id, c.req.valid("param").id);
    return c.json({ success: true as const, data: shapeOf(revived) }, 202);
  });

  return routes;
}

function shapeOf(delivery: Delivery): z.infer<typeof DeliveryShape> {
  return {
    delivery_id: deliveryIdOf(delivery.number),
    webhook_id: delivery.webhookId,
    event_id: delivery.eventId,
    event: delivery.name,
    device_id: delivery.deviceId,
    status: delivery.status,
    attempts: delivery.attempts,
    status_code: delivery.statusCode,
    error: delivery.error,
    next_attempt_at: willBeTried(delivery) ? secondsOf(delivery.dueAt) : null,
    last_attempt_at: delivery.lastAttemptAt === null ? null : secondsOf(delivery.lastAttemptAt),
    created_at: secondsOf(delivery.createdAt),
    updated_at: secondsOf(delivery.updatedAt),
  };
}

function willBeTried({ status, dueAt }: Delivery): boolean {
  return status === "pending" || (status === "failed" && dueAt > 0);
}
