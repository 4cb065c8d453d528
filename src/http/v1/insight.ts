import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { deliveryIdOf } from "../../webhooks/delivery_id.ts";
import type { TenantId } from "../../ids.ts";
import type { Attention } from "../../insight/attention.ts";
import type { Found } from "../../insight/find.ts";
import type { EventTrace, MessageTrace, Tracing } from "../../insight/trace.ts";
import type { Attempt } from "../../store/deliveries.ts";
import { dataOf, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { idParam, query } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import { MessageShape, messageShown } from "../shapes/message.ts";

const route = { tags: ["Insight"], security: TENANT_KEY };

const AttentionShape = z.object({
  what: z.enum([
    "device_ended",
    "webhook_disabled",
    "webhook_given_up",
    "device_reconnecting",
    "webhook_failing",
    "blast_paused",
  ]),
  id: z.string().openapi({ description: "The device's, the webhook's or the blast's" }),
  name: z.string().openapi({ description: "A device's name, or a webhook's host" }),
  reason: z.string().nullable(),
  waiting: z.int().openapi({ description: "Messages or deliveries that wait because of it" }),
  since: z.int().openapi({ description: "Unix seconds" }),
});

const AttemptShape = z.object({
  attempt: z.int(),
  started_at: z.int().openapi({ description: "Unix milliseconds" }),
  duration_ms: z.number(),
  status_code: z.int().nullable(),
  error: z.string().nullable(),
});

const EventTraceShape = z.object({
  event_id: z.string(),
  type: z.string(),
  at: z.int().openapi({ description: "Unix milliseconds" }),
  device_id: z.string().nullable(),
  deliveries: z.array(z.object({
    delivery_id: z.string(),
    webhook_id: z.string(),
    event: z.string(),
    status: z.string(),
    attempts: z.array(AttemptShape),
  })),
});

const attention = createRoute({
  ...route,
  method: "get",
  path: "/attention",
  summary: "What needs a person now, worst first",
  responses: {
    200: dataOf("Empty when all is well", z.object({ attention: z.array(AttentionShape) })),
    ...refusals(),
  },
});

const find = createRoute({
  ...route,
  method: "get",
  path: "/find",
  summary:
    "Find what a text means: an id, WhatsApp's id of a message, a phone number, a part of a name or address",
  request: { query: query({ q: z.string().min(1).max(200).openapi({ example: "628000000142" }) }) },
  responses: {
    200: dataOf(
      "At most twenty of each kind, by their ids",
      z.object({
        devices: z.array(z.string()),
        webhooks: z.array(z.string()),
        events: z.array(z.string()),
        deliveries: z.array(z.string()),
        messages: z.array(z.string()),
        blasts: z.array(z.string()),
      }),
    ),
    ...refusals(),
  },
});

const traceEvent = createRoute({
  ...route,
  method: "get",
  path: "/events/{id}/trace",
  summary: "Follow an event to each webhook",
  request: { params: idParam("The event's id", "evt_01k8zq4v7n2m5x9c3b6f8h0j1d") },
  responses: { 200: dataOf("The event's deliveries and attempts", EventTraceShape), ...refusals(404) },
});

const traceMessage = createRoute({
  ...route,
  method: "get",
  path: "/messages/{id}/trace",
  summary: "Follow an outgoing message: its steps, its readers, and what was told of it to which webhook",
  request: { params: idParam("Our id of the message", "msg_01k8zq4v7n2m5x9c3b6f8h0j1d") },
  responses: {
    200: dataOf(
      "The message's life",
      z.object({
        message: MessageShape,
        members: z.array(z.object({
          participant: z.string(),
          receipt: z.string(),
          delivered_at: z.int(),
          read_at: z.int().nullable(),
        })),
        events: z.array(EventTraceShape),
      }),
    ),
    ...refusals(404),
  },
});

export interface InsightRoutesDeps {
  readonly attention: (tenantId: TenantId) => Promise<readonly Attention[]>;
  readonly find: (tenantId: TenantId, text: string) => Promise<Found>;
  readonly tracing: Tracing;
}

/** Routes that answer an operator's questions: what is wrong, where is it, what became of it. */
export function createInsightRoutes(deps: InsightRoutesDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(attention, async (c) => {
    const found = await deps.attention(c.get("tenant").id);
    return c.json({ success: true as const, data: { attention: found.map(attentionShown) } }, 200);
  });

  routes.openapi(find, async (c) => {
    const found = await deps.find(c.get("tenant").id, c.req.valid("query").q);
    const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);
    const data = {
      devices: ids(found.devices),
      webhooks: ids(found.webhooks),
      events: ids(found.events),
      deliveries: found.deliveries.map(({ number }) => deliveryIdOf(number)),
      messages: ids(found.messages),
      blasts: ids(found.blasts),
    };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(traceEvent, async (c) => {
    const trace = await deps.tracing.event(c.get("tenant").id, c.req.valid("param").id);
    return c.json({ success: true as const, data: eventTraceShown(trace) }, 200);
  });

  routes.openapi(traceMessage, async (c) => {
    const trace = await deps.tracing.message(c.get("tenant").id, c.req.valid("param").id);
    return c.json({ success: true as const, data: messageTraceShown(trace) }, 200);
  });

  return routes;
}

function attentionShown(one: Attention): z.infer<typeof AttentionShape> {
  const { what } = one;
  const since = secondsOf(one.at);
  if ("device" in one) {
    const { id, label, lastError } = one.device;
    return { what, id, name: label, reason: lastError, waiting: one.waiting, since };
  }
  if ("webhook" in one) {
    const { id, url, statusReason } = one.webhook;
    const reason = one.state.lastError ?? statusReason;
    return { what, id, name: hostOf(url), reason, waiting: one.state.waiting + one.state.failed, since };
  }
  return { what, id: one.blastId, name: one.blastId, reason: one.reason, waiting: 0, since };
}

/** The host of a webhook's address; an address with placeholders in its host as it is. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function eventTraceShown({ event, deliveries }: EventTrace): z.infer<typeof EventTraceShape> {
  return {
    event_id: event.id,
    type: event.type,
    at: event.at,
    device_id: event.device?.id ?? null,
    deliveries: deliveries.map(({ delivery, attempts }) => ({
      delivery_id: deliveryIdOf(delivery.number),
      webhook_id: delivery.webhookId,
      event: delivery.name,
      status: delivery.status,
      attempts: attempts.map(attemptShown),
    })),
  };
}

function attemptShown({ attempt, startedAt, durationMs, statusCode, error }: Attempt) {
  return { attempt, started_at: startedAt, duration_ms: durationMs, status_code: statusCode, error };
}

function messageTraceShown({ message, members, events }: MessageTrace) {
  return {
    message: messageShown(message),
    members: members.map(({ participant, receipt, deliveredAt, readAt }) => ({
      participant,
      receipt,
      delivered_at: secondsOf(deliveredAt),
      read_at: readAt === null ? null : secondsOf(readAt),
    })),
    events: events.map(eventTraceShown),
  };
}
