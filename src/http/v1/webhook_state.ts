import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { NotFoundError, RefusedError } from "../../errors.ts";
import type { TenantId, WebhookId } from "../../ids.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { EndpointState } from "../../webhooks/endpoint_state.ts";
import { dataOf, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { idParam } from "../fields.ts";
import { secondsOf } from "../../spans.ts";

const StateShape = z.object({
  webhook_id: z.string(),
  health: z.enum(["ok", "failing", "given_up", "probing", "draining", "paused", "disabled"]).openapi({
    description:
      "failing: requests fail and are tried again as planned; given_up: retries were used up, the " +
      "endpoint is probed from time to time; draining: it works again, what had failed follows in order",
  }),
  since: z.int().nullable().openapi({ description: "When the present trouble began, Unix seconds" }),
  failures_in_a_row: z.int(),
  last_error: z.string().nullable(),
  last_status_code: z.int().nullable(),
  waiting: z.int().openapi({ description: "Deliveries that wait for an attempt" }),
  failed: z.int().openapi({ description: "Deliveries that were given up and not taken since" }),
  oldest_waiting_at: z.int().nullable(),
  next_probe_at: z.int().nullable(),
  probes_left: z.int(),
}).openapi("EndpointState");

const Id = idParam("The webhook's id", "wh_01k8zq4v7n2m5x9c3b6f8h0j1d");
const route = { tags: ["Webhooks"], security: TENANT_KEY };

const state = createRoute({
  ...route,
  method: "get",
  path: "/webhooks/{id}/state",
  summary: "See how a webhook's endpoint does, what waits for it and when it is probed next",
  request: { params: Id },
  responses: { 200: dataOf("The state", StateShape), ...refusals(404) },
});

const probe = createRoute({
  ...route,
  method: "post",
  path: "/webhooks/{id}/probe",
  summary: "Probe an endpoint that was given up now, with its oldest failed delivery",
  request: { params: Id },
  responses: { 202: dataOf("It is being probed", StateShape), ...refusals(404, 409) },
});

/** Routes that show how endpoints do. */
export function createWebhookStateRoutes({ webhooksOf, endpointState, probeNow }: {
  readonly webhooksOf: (tenantId: TenantId) => readonly Webhook[];
  readonly endpointState: (webhook: Webhook) => Promise<EndpointState>;
  readonly probeNow: (webhookId: WebhookId) => boolean;
}): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  function find(tenantId: TenantId, id: string): Webhook {
    const webhook = webhooksOf(tenantId).find((one) => one.id === id);
    if (webhook === undefined) throw new NotFoundError("webhook", id);
    return webhook;
  }

  routes.openapi(state, async (c) => {
    const webhook = find(c.get("tenant").id, c.req.valid("param").id);
    return c.json({ success: true as const, data: shown(webhook, await endpointState(webhook)) }, 200);
  });

  routes.openapi(probe, async (c) => {
    const webhook = find(c.get("tenant").id, c.req.valid("param").id);
    if (!probeNow(webhook.id)) {
      throw new RefusedError(
        "NOTHING_TO_PROBE",
        `Cannot probe "${webhook.id}": no probe is planned. It works, is paused, or failed for longer than three ` +
          `days; what failed is sent again by POST /v1/deliveries/replay`,
      );
    }
    return c.json({ success: true as const, data: shown(webhook, await endpointState(webhook)) }, 202);
  });

  return routes;
}

function shown({ id }: Webhook, state: EndpointState): z.infer<typeof StateShape> {
  return {
    webhook_id: id,
    health: state.health,
    since: orNull(state.since),
    failures_in_a_row: state.failures,
    last_error: state.lastError,
    last_status_code: state.lastStatusCode,
    waiting: state.waiting,
    failed: state.failed,
    oldest_waiting_at: orNull(state.oldestWaitingAt),
    next_probe_at: orNull(state.nextProbeAt),
    probes_left: state.probesLeft,
  };
}

function orNull(atMs: number | null): number | null {
  return atMs === null ? null : secondsOf(atMs);
}
