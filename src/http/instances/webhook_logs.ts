import { DAY_MS } from "../../spans.ts";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import { InvalidError, NotFoundError } from "../../errors.ts";
import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import { type TenantId } from "../../ids.ts";
import type { Deliveries, Delivery, DeliveryCount } from "../../store/deliveries.ts";
import type { Device, Devices } from "../../store/devices.ts";
import type { Webhook, Webhooks } from "../../store/webhooks.ts";
import type { Decisions } from "../../webhooks/decisions.ts";
import type { Payloads } from "../../webhooks/payloads.ts";
import type { Redelivery } from "../../webhooks/redelivery.ts";
import { API_KEY, apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { apiQuery, body, clampedNumber, filled } from "../fields.ts";
import { maySeeCodes } from "../key_access.ts";
import { parsedIfJson } from "../shapes/parsed_json.ts";

const LogRow = z.object({
  webhookId: z.string().openapi({ description: "The delivery's id", example: "dlv_k7h2m9qx3td" }),
  instanceId: z.string().nullable(),
  url: z.string().nullable(),
  event: z.string(),
  payload: z.unknown(),
  status: z.enum(["pending", "success", "failed", "cancelled"]),
  statusCode: z.int().nullable(),
  response: z.unknown(),
  error: z.string().nullable(),
  attempts: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
}).openapi("WebhookLog");

const Stats = z.object({
  period: z.string().openapi({ example: "7 days" }),
  total: z.int(),
  success: z.int(),
  failed: z.int(),
  successRate: z.string().openapi({ example: "96.67" }),
  topEvents: z.array(z.object({ event: z.string(), _count: z.object({ event: z.int() }) })),
  instanceId: z.string().openapi({ description: "`all` when none was asked for" }),
}).openapi("WebhookStats");

const route = { tags: ["Webhook (instances)"], security: API_KEY };
const success = z.literal(true);
const Id = z.object({
  webhookId: z.string().openapi({ param: { name: "webhookId", in: "path" }, example: "dlv_k7h2m9qx3td" }),
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/webhook/logs",
  summary: "List deliveries of instances and of WEBHOOK_URL, newest first",
  request: {
    query: apiQuery({
      instanceId: filled(),
      status: z.union([
        z.enum(["pending", "success", "failed", "cancelled"]),
        z.literal("").transform(() => undefined),
      ])
        .optional(),
      limit: clampedNumber({ min: 1, max: 500 }),
    }),
  },
  responses: {
    200: json("The newest", z.object({ success, count: z.int(), data: z.array(LogRow) })),
    ...apiRefusals(404),
  },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/webhook/logs/{webhookId}",
  summary: "Get one delivery",
  request: { params: Id, query: apiQuery({}) },
  responses: { 200: json("The delivery", z.object({ success, data: LogRow })), ...apiRefusals(404) },
});

const retry = createRoute({
  ...route,
  method: "post",
  path: "/webhook/retry/{webhookId}",
  summary: "Send a failed delivery again; answers when the outcome is known",
  request: { params: Id, query: apiQuery({}) },
  responses: {
    200: json(
      "What came of it",
      z.object({
        success,
        message: z.string(),
        webhookId: z.string(),
        result: z.object({
          success: z.boolean(),
          webhookId: z.string(),
          statusCode: z.int().nullable(),
          response: z.unknown(),
          error: z.string().nullable(),
        }),
      }),
    ),
    ...apiRefusals(404, 503),
  },
});

const stats = createRoute({
  ...route,
  method: "get",
  path: "/webhook/stats",
  summary: "Count deliveries by outcome and event",
  request: {
    query: apiQuery({
      instanceId: filled(),
      days: clampedNumber({ min: 1, max: 3650 }),
    }),
  },
  responses: { 200: json("The numbers", z.object({ success, data: Stats })), ...apiRefusals(404) },
});

const clear = createRoute({
  ...route,
  method: "delete",
  path: "/webhook/logs",
  summary: "Remove decided deliveries: of one instance, older than some days, or all",
  request: {
    query: apiQuery({}),
    body: jsonBody(
      body({ instanceId: z.string().optional(), days: z.number().min(0).max(3650).optional() }),
      { required: false },
    ),
  },
  responses: {
    200: json("The log rows were removed", z.object({ success, message: z.string(), deletedCount: z.int() })),
    ...apiRefusals(404, 413, 415, 503),
  },
});

const PAGE = 50;
const DEFAULT_DAYS = 7;
const STEP_ROWS = 500;
/** How long a manual retry waits for its outcome. */
const RETRY_WAIT_MS = 15_000;

export interface WebhookLogRoutesDeps {
  readonly deliveries: Pick<Deliveries, "list" | "attempts" | "counts" | "removeDecided">;
  readonly devices: Pick<Devices, "find" | "get">;
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly webhooks: Pick<Webhooks, "removed">;
  readonly redelivery: Pick<Redelivery, "find" | "retry">;
  readonly decisions: Pick<Decisions, "wait">;
  readonly payloads: Payloads;
  readonly now: () => number;
}

/**
 * Routes over the log of deliveries, in the words of those who speak of instances. For one instance they show what went
 * to webhooks of format `instance`, removed ones included; for all of them, what went to WEBHOOK_URL too.
 */
export function createWebhookLogRoutes(deps: WebhookLogRoutesDeps): OpenAPIHono<HttpEnv> {
  const { deliveries, devices, webhooks, redelivery, payloads, now } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  async function scopeOf(tenantId: TenantId, instanceId: string | undefined) {
    const device = instanceId === undefined ? undefined : await deviceOf(tenantId, instanceId);
    const all = [...deps.webhooksOf(tenantId), ...await webhooks.removed(tenantId)];
    const shown = all.filter(({ format }) =>
      format === "instance" || (device === undefined && format === "account")
    );
    return { tenantId, deviceId: device?.id, webhookIds: shown.map(({ id }) => id) };
  }

  async function deviceOf(tenantId: TenantId, instanceId: string): Promise<Device> {
    const device = await devices.find(tenantId, instanceId);
    if (device === undefined) throw new NotFoundError("instance", instanceId);
    return device;
  }

  async function rowsOf(
    c: Context<HttpEnv>,
    page: readonly Delivery[],
  ): Promise<z.infer<typeof LogRow>[]> {
    const sent = await payloads.of(page, { codes: maySeeCodes(c.get("access")) });
    return await Promise.all(page.map(async (delivery) => {
      const { url, payload } = sent.get(delivery.number) ?? { url: null, payload: null };
      const device = delivery.deviceId === null ? undefined : await devices.get(delivery.deviceId);
      const attempts = await deliveries.attempts(delivery.number);
      return {
        webhookId: deliveryIdOf(delivery.number),
        // what was sent for an instance is shown for as long as it is kept, also when the instance is gone
        instanceId: device === undefined ? null : device.alias ?? device.id,
        url,
        event: delivery.name,
        payload,
        status: delivery.status,
        statusCode: delivery.statusCode,
        response: parsedIfJson(attempts.at(-1)?.response ?? null),
        error: delivery.error,
        attempts: delivery.attempts,
        createdAt: new Date(delivery.createdAt).toISOString(),
        updatedAt: new Date(delivery.updatedAt).toISOString(),
      };
    }));
  }

  routes.openapi(list, async (c) => {
    const { instanceId, status, limit = PAGE } = c.req.valid("query");
    const scope = await scopeOf(c.get("tenant").id, instanceId);
    const page = scope.webhookIds.length === 0 ? [] : await deliveries.list({ ...scope, status }, { limit });
    return c.json({ success: true as const, count: page.length, data: await rowsOf(c, page) }, 200);
  });

  routes.openapi(get, async (c) => {
    const delivery = await redelivery.find(c.get("tenant").id, c.req.valid("param").webhookId);
    const [data] = await rowsOf(c, [delivery]);
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(retry, async (c) => {
    const { webhookId } = c.req.valid("param");
    const tenantId = c.get("tenant").id;
    const delivery = await redelivery.find(tenantId, webhookId);
    if (delivery.status === "success") {
      throw new InvalidError("webhookId", `Invalid webhook ID or already successful: "${webhookId}"`);
    }
    const decided = deps.decisions.wait(delivery.number, RETRY_WAIT_MS, delivery.attempts);
    await redelivery.retry(tenantId, webhookId);
    const decision = await decided;
    const result = {
      success: decision?.status === "success",
      webhookId,
      statusCode: decision?.statusCode ?? null,
      response: parsedIfJson(decision?.response ?? null),
      error: decision === undefined ? "Not delivered yet; retries go on in the background" : decision.error,
    };
    return c.json({ success: true as const, message: "Webhook retry initiated", webhookId, result }, 200);
  });

  routes.openapi(stats, async (c) => {
    const { instanceId, days = DEFAULT_DAYS } = c.req.valid("query");
    const { webhookIds, deviceId } = await scopeOf(c.get("tenant").id, instanceId);
    const since = now() - days * DAY_MS;
    const counts = webhookIds.length === 0 ? [] : await deliveries.counts({ webhookIds, deviceId, since });
    const data = {
      period: `${days} days`,
      ...totalsOf(counts),
      topEvents: topEventsOf(counts),
      instanceId: instanceId ?? "all",
    };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(clear, async (c) => {
    const { instanceId, days } = c.req.valid("json") ?? {};
    const scope = await scopeOf(c.get("tenant").id, instanceId);
    const until = days === undefined ? undefined : now() - days * DAY_MS;
    let deletedCount = 0;
    let step = scope.webhookIds.length === 0 ? 0 : STEP_ROWS;
    while (step === STEP_ROWS) {
      step = await deliveries.removeDecided({ ...scope, until }, STEP_ROWS);
      deletedCount += step;
    }
    return c.json({ success: true as const, message: "Webhook logs cleared", deletedCount }, 200);
  });

  return routes;
}

function totalsOf(counts: readonly DeliveryCount[]) {
  const sum = (status: Delivery["status"]) =>
    counts.filter((row) => row.status === status).reduce((total, row) => total + row.count, 0);
  const success = sum("success");
  const failed = sum("failed");
  const total = success + failed;
  const successRate = (total === 0 ? 0 : success / total * 100).toFixed(2);
  return { total, success, failed, successRate };
}

function topEventsOf(counts: readonly DeliveryCount[]) {
  const byName = new Map<string, number>();
  for (const { name, status, count } of counts) {
    if (status === "success" || status === "failed") byName.set(name, (byName.get(name) ?? 0) + count);
  }
  return [...byName].sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
    .map(([event, count]) => ({ event, _count: { event: count } }));
}
