import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Created, Subscriptions } from "../../webhooks/subscriptions.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, idParam } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import { NEW_WEBHOOK_FIELDS, WEBHOOK_FIELDS, WebhookShape, webhookShown } from "../shapes/webhook.ts";

const KEEP_OLD_SECONDS = 86_400;
const MAX_KEEP_SECONDS = 604_800;

const Id = idParam("The webhook's id", "wh_01k8zq4v7n2m5x9c3b6f8h0j1d");
const Secret = z.string().openapi({ description: "Only when it was made here, and only this once" });
const route = { tags: ["Webhooks"], security: TENANT_KEY };

const create = createRoute({
  ...route,
  method: "post",
  path: "/webhooks",
  summary: "Subscribe a URL to events",
  request: { body: jsonBody(body(NEW_WEBHOOK_FIELDS)) },
  responses: {
    201: dataOf("The webhook", WebhookShape.extend({ secret: Secret.optional() })),
    ...refusals(409, 413, 415, 429, 503),
  },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/webhooks",
  summary: "List webhooks, oldest first",
  responses: {
    200: dataOf("The webhooks", z.object({ webhooks: z.array(WebhookShape), total: z.int() })),
    ...refusals(429),
  },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/webhooks/{id}",
  summary: "Get a webhook",
  request: { params: Id },
  responses: { 200: dataOf("The webhook", WebhookShape), ...refusals(404, 429) },
});

const updates = (["put", "patch"] as const).map((method) =>
  createRoute({
    ...route,
    method,
    path: "/webhooks/{id}",
    summary: "Change a webhook; what is left out stays",
    request: { params: Id, body: jsonBody(body(WEBHOOK_FIELDS)) },
    responses: { 200: dataOf("The webhook", WebhookShape), ...refusals(404, 409, 413, 415, 429, 503) },
  })
);

const remove = createRoute({
  ...route,
  method: "delete",
  path: "/webhooks/{id}",
  summary: "Delete a webhook; what is still to be delivered to it is cancelled",
  request: { params: Id },
  responses: {
    200: dataOf("It is gone", z.object({ webhook_id: z.string(), deleted: z.literal(true) })),
    ...refusals(404, 409, 429, 503),
  },
});

const rotateSecret = createRoute({
  ...route,
  method: "post",
  path: "/webhooks/{id}/rotate-secret",
  summary: "Give a webhook a new secret; for a while both sign",
  request: {
    params: Id,
    body: jsonBody(
      body({
        secret: z.string().optional().openapi({ description: "One is made when it is left out" }),
        keep_old_for: z.int().min(0).max(MAX_KEEP_SECONDS).optional().openapi({
          description: `Seconds for which the old secret signs too, by default ${KEEP_OLD_SECONDS}`,
        }),
      }),
      { required: false },
    ),
  },
  responses: {
    200: dataOf(
      "It is done",
      z.object({
        webhook_id: z.string(),
        secret: Secret.optional(),
        old_secrets_valid_until: z.int().nullable(),
      }),
    ),
    ...refusals(404, 409, 415, 429, 503),
  },
});

/**
 * Routes over a tenant's webhooks. Groups with static segments below `/webhooks/`, such as `/webhooks/failed`, come
 * before this one.
 */
export function createWebhookRoutes(
  { subscriptions }: { readonly subscriptions: Subscriptions },
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(create, async (c) => {
    const created = await subscriptions.create(c.get("tenant").id, c.req.valid("json"));
    const data = { ...webhookShown(created.webhook), ...secretOf(created) };
    return c.json({ success: true as const, data }, 201);
  });

  routes.openapi(list, (c) => {
    const webhooks = subscriptions.list(c.get("tenant").id).map(webhookShown);
    return c.json({ success: true as const, data: { webhooks, total: webhooks.length } }, 200);
  });

  routes.openapi(get, (c) => {
    const webhook = subscriptions.get(c.get("tenant").id, c.req.valid("param").id);
    return c.json({ success: true as const, data: webhookShown(webhook) }, 200);
  });

  for (const update of updates) {
    routes.openapi(update, async (c) => {
      const { id } = c.req.valid("param");
      const webhook = await subscriptions.update(c.get("tenant").id, id, c.req.valid("json"));
      return c.json({ success: true as const, data: webhookShown(webhook) }, 200);
    });
  }

  routes.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    await subscriptions.remove(c.get("tenant").id, id);
    return c.json({ success: true as const, data: { webhook_id: id, deleted: true as const } }, 200);
  });

  routes.openapi(rotateSecret, async (c) => {
    const { id } = c.req.valid("param");
    const { secret, keep_old_for = KEEP_OLD_SECONDS } = c.req.valid("json");
    const rotation = { secret, keepOldSeconds: keep_old_for };
    const rotated = await subscriptions.rotateSecret(c.get("tenant").id, id, rotation);
    const until = rotated.webhook.secrets.flatMap(({ expiresAt }) => expiresAt ?? []);
    const data = {
      webhook_id: id,
      ...secretOf(rotated),
      old_secrets_valid_until: until.length === 0 ? null : secondsOf(Math.max(...until)),
    };
    return c.json({ success: true as const, data }, 200);
  });

  return routes;
}

function secretOf({ secret }: Created): { secret?: string } {
  return secret === undefined ? {} : { secret };
}
