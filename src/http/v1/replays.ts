import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import type { Devices } from "../../store/devices.ts";
import type { Replay } from "../../store/replays.ts";
import type { DryRun, Replaying } from "../../webhooks/replays.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, idParam } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import { deliveryFilterOf } from "../shapes/delivery_filter.ts";

const ReplayShape = z.object({
  replay_id: z.string(),
  status: z.enum(["running", "done", "failed", "stopped"]),
  total: z.int().openapi({ description: "Deliveries that the filter found; at most 1,000,000 are counted" }),
  looked_at: z.int().openapi({ description: "Deliveries that were looked at so far" }),
  replayed: z.int().openapi({ description: "Deliveries made pending again so far" }),
  started_at: z.int(),
  finished_at: z.int().nullable(),
}).openapi("Replay");

const DryRunShape = z.object({
  dry_run: z.literal(true),
  count: z.int().openapi({ description: "At most 1,000,000 are counted" }),
  looked_at: z.int().openapi({ description: "The fields below cover so many of them, the oldest" }),
  by_event: z.array(z.object({ event: z.string(), count: z.int() })),
  by_webhook: z.array(z.object({ webhook_id: z.string(), count: z.int() })),
  skipped: z.object({ pending: z.int(), disabled: z.int() }).openapi({
    description:
      "Deliveries that stay as they are: still pending, or of a webhook that is disabled or removed",
  }),
  chats: z.int().openapi({ description: "Chats that they belong to, where webhooks keep an order by chat" }),
  in_order: z.boolean().openapi({ description: "What belongs together is sent in its old order" }),
  first_at: z.int().nullable(),
  last_at: z.int().nullable(),
  samples: z.array(z.object({
    delivery_id: z.string(),
    webhook_id: z.string(),
    event: z.string(),
    status: z.string(),
    created_at: z.int(),
  })).openapi({ description: "The five oldest" }),
});

const Id = idParam("The replay's id", "rpl_01k8zq4v7n2m5x9c3b6f8h0j1d");
const route = { tags: ["Deliveries"], security: TENANT_KEY };

const begin = createRoute({
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
      dry_run: z.boolean().optional().openapi({ description: "Only count, and show what it would be" }),
    })),
  },
  responses: {
    200: dataOf("What a replay would send", DryRunShape),
    202: dataOf("It has begun", ReplayShape),
    ...refusals(404, 413, 415, 503),
  },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/deliveries/replays",
  summary: "List replays, newest first",
  responses: {
    200: dataOf("The latest hundred", z.object({ replays: z.array(ReplayShape) })),
    ...refusals(),
  },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/deliveries/replay/{id}",
  summary: "See how far a replay is",
  request: { params: Id },
  responses: { 200: dataOf("The replay", ReplayShape), ...refusals(404) },
});

const end = createRoute({
  ...route,
  method: "post",
  path: "/deliveries/replay/{id}/stop",
  summary: "Stop a replay; what it made pending already is sent",
  request: { params: Id },
  responses: { 200: dataOf("The replay as it is now", ReplayShape), ...refusals(404) },
});

/** Routes that send many deliveries again. */
export function createReplayRoutes({ devices, replays }: {
  readonly devices: Pick<Devices, "find">;
  readonly replays: Pick<Replaying, "dryRun" | "begin" | "find" | "list" | "end">;
}): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(begin, async (c) => {
    const { dry_run, ...given } = c.req.valid("json");
    const tenantId = c.get("tenant").id;
    const filter = await deliveryFilterOf(tenantId, given, devices);
    if (dry_run) {
      return c.json({ success: true as const, data: dryRunShown(await replays.dryRun(filter)) }, 200);
    }
    return c.json({ success: true as const, data: shown(await replays.begin(tenantId, filter)) }, 202);
  });

  routes.openapi(list, async (c) => {
    const found = await replays.list(c.get("tenant").id);
    return c.json({ success: true as const, data: { replays: found.map(shown) } }, 200);
  });

  routes.openapi(get, async (c) => {
    const found = await replays.find(c.get("tenant").id, c.req.valid("param").id);
    return c.json({ success: true as const, data: shown(found) }, 200);
  });

  routes.openapi(end, async (c) => {
    const ended = await replays.end(c.get("tenant").id, c.req.valid("param").id);
    return c.json({ success: true as const, data: shown(ended) }, 200);
  });

  return routes;
}

function shown(replay: Replay): z.infer<typeof ReplayShape> {
  return {
    replay_id: replay.id,
    status: replay.status,
    total: replay.total,
    looked_at: replay.looked,
    replayed: replay.replayed,
    started_at: secondsOf(replay.startedAt),
    finished_at: replay.finishedAt === null ? null : secondsOf(replay.finishedAt),
  };
}

function dryRunShown(run: DryRun): z.infer<typeof DryRunShape> {
  return {
    dry_run: true,
    count: run.count,
    looked_at: run.lookedAt,
    by_event: [...run.byEvent],
    by_webhook: run.byWebhook.map(({ webhookId, count }) => ({ webhook_id: webhookId, count })),
    skipped: run.skipped,
    chats: run.chats,
    in_order: run.inOrder,
    first_at: run.firstAt === null ? null : secondsOf(run.firstAt),
    last_at: run.lastAt === null ? null : secondsOf(run.lastAt),
    samples: run.samples.map((delivery) => ({
      delivery_id: deliveryIdOf(delivery.number),
      webhook_id: delivery.webhookId,
      event: delivery.name,
      status: delivery.status,
      created_at: secondsOf(delivery.createdAt),
    })),
  };
}
