import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { deliveryIdOf, deliveryNumberOf } from "../../ids.ts";
import type { Deliveries, Delivery, DeliveryFilter } from "../../store/deliveries.ts";
import type { Devices } from "../../store/devices.ts";
import type { Payloads } from "../../webhooks/payloads.ts";
import type { Redelivery, Replay } from "../../webhooks/redelivery.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, idParam, query, secondsOf, wholeNumber } from "../fields.ts";
import { NotFoundError } from "../../errors.ts";

export const Status = z.enum(["pending", "success", "failed", "cancelled"]);

const DeliveryShape = z.object({
  delivery_id: z.string().openapi({ example: "dlv_1042" }),
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
});

const ReplayShape = z.object({
  replay_id: z.string(),
  status: z.enum(["running", "done", "failed"]),
  replayed: z.int().openapi({ description: "Deliveries made pending again so far" }),
  started_at: z.int(),
}).openapi("Replay");

const Id = idParam("The delivery's id", "dlv_1042");
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
      cursor: z.string().regex(/^dlv_\d+$/, "must be a `next_cursor` of a page before").optional(),
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

const replay = createRoute({
  ...route,
  method: "post",
  path: "/deliveries/replay",
  summary: "Send again what a filter finds, oldest first, at a pace that leaves room for live events",
  request: {
    body: jsonBody(body({
      webhook_id: z.string().optional(),
      device_id: z.string().optional(),
      event_id: z.string().optional(),
      event: z.string().optional(),
      status: z.enum(["success", "failed", "cancelled"]).optional(),
      status_code: z.int().min(100).max(599).optional(),
      since: z.int().min(0).optional().openapi({ description: "Unix seconds" }),
      until: z.int().min(0).optional().openapi({ description: "Unix seconds" }),
      dry_run: z.boolean().optional().openapi({ description: "Only count" }),
    })),
  },
  responses: {
    200: dataOf("What a replay would send", z.object({ dry_run: z.literal(true), count: z.int() })),
    202: dataOf("It has begun", ReplayShape),
    ...refusals(404, 413, 415, 503),
  },
});

const replayStatus = createRoute({
  ...route,
  method: "get",
  path: "/deliveries/replay/{id}",
  summary: "See how far a replay is",
  request: { params: idParam("The replay's id", "rpl_01k8zq4v7n2m5x9c3b6f8h0j1d") },
  responses: { 200: dataOf("The replay", ReplayShape), ...refusals(404) },
});

const PAGE = 50;

export interface DeliveryRoutesDeps {
  readonly deliveries: Pick<Deliveries, "list" | "attempts">;
  readonly devices: Pick<Devices, "find">;
  readonly redelivery: Redelivery;
  readonly payloads: Payloads;
}

/** Routes that show deliveries and send them again. */
export function createDeliveryRoutes(deps: DeliveryRoutesDeps): OpenAPIHono<HttpEnv> {
  const { deliveries, redelivery, payloads } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  async function filterOf(
    tenantId: string,
    given: {
      readonly webhook_id?: string;
      readonly device_id?: string;
      readonly event_id?: string;
      readonly event?: string;
      readonly status?: Delivery["status"];
      readonly status_code?: number;
      readonly since?: number;
      readonly until?: number;
    },
  ): Promise<DeliveryFilter> {
    const device = given.device_id === undefined
      ? undefined
      : await deps.devices.find(tenantId, given.device_id);
    return {
      tenantId,
      webhookIds: given.webhook_id === undefined ? undefined : [given.webhook_id],
      deviceId: device?.id ?? given.device_id,
      eventId: given.event_id,
      name: given.event,
      status: given.status,
      statusCode: given.status_code,
      since: given.since === undefined ? undefined : given.since * 1000,
      until: given.until === undefined ? undefined : given.until * 1000,
    };
  }

  routes.openapi(list, async (c) => {
    const { limit = PAGE, cursor, ...given } = c.req.valid("query");
    const filter = await filterOf(c.get("tenant").id, given);
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

  routes.openapi(replay, async (c) => {
    const { dry_run, ...given } = c.req.valid("json");
    const tenantId = c.get("tenant").id;
    const filter = await filterOf(tenantId, given);
    if (dry_run) {
      const count = await redelivery.count(filter);
      return c.json({ success: true as const, data: { dry_run: true as const, count } }, 200);
    }
    return c.json({ success: true as const, data: replayShapeOf(redelivery.replay(tenantId, filter)) }, 202);
  });

  routes.openapi(replayStatus, (c) => {
    const { id } = c.req.valid("param");
    const found = redelivery.replayOf(c.get("tenant").id, id);
    if (found === undefined) throw new NotFoundError("replay", id);
    return c.json({ success: true as const, data: replayShapeOf(found) }, 200);
  });

  routes.openapi(get, async (c) => {
    const delivery = await redelivery.find(c.get("tenant").id, c.req.valid("param").id);
    const [attempts, sent] = await Promise.all([
      deliveries.attempts(delivery.number),
      payloads.of([delivery]),
    ]);
    const { url, payload } = sent.get(delivery.number) ?? { url: null, payload: null };
    const attempt_log = attempts.map((made) => ({
      attempt: made.attempt,
      started_at: made.startedAt,
      duration_ms: made.durationMs,
      status_code: made.statusCode,
      error: made.error,
      response: made.response,
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

function replayShapeOf({ id, status, replayed, startedAt }: Replay): z.infer<typeof ReplayShape> {
  return { replay_id: id, status, replayed, started_at: secondsOf(startedAt) };
}
