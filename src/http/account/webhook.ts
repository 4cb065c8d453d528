import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { InvalidError } from "../../errors.ts";
import type { TenantId } from "../../ids.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { Guard } from "../../net/guard.ts";
import type { TestDeliveries, TestDeliveryResult } from "../../webhooks/test_delivery.ts";
import type { TryUrl } from "../../webhooks/url_test_request.ts";
import { API_KEY, apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { apiQuery } from "../fields.ts";
import { parsedIfJson } from "../shapes/parsed_json.ts";

const Data = z.record(z.string(), z.unknown());
const EventName = z.string().trim().min(1).max(200);

const Result = z.object({
  success: z.boolean(),
  status: z.int().optional().openapi({ description: "The receiver's answer" }),
  attempt: z.int().optional().openapi({ description: "Which request got through" }),
  error: z.string().optional(),
}).openapi("WebhookResult");

const Sent = z.object({ success: z.literal(true), message: z.string(), result: Result });
const UrlTested = z.object({
  success: z.literal(true),
  message: z.string(),
  statusCode: z.int(),
  response: z.unknown(),
});
const UrlTestFailed = z.object({
  success: z.literal(false),
  message: z.string(),
  error: z.string(),
  details: z.string().optional(),
  statusCode: z.int().optional().openapi({ description: "0 when there was no answer" }),
});

const route = { tags: ["Webhook (WEBHOOK_URL)"], security: API_KEY };

const status = createRoute({
  ...route,
  method: "get",
  path: "/webhook/status",
  summary: "Tell whether WEBHOOK_URL is set",
  request: { query: apiQuery({}) },
  responses: {
    200: json(
      "How it is set",
      z.object({
        success: z.literal(true),
        data: z.object({
          enabled: z.boolean(),
          webhookUrl: z.string().optional(),
          timestamp: z.iso.datetime(),
        }),
      }),
    ),
    ...apiRefusals(),
  },
});

const test = createRoute({
  ...route,
  method: "post",
  path: "/webhook/test",
  summary:
    "Send a test event: to `url` when it is given, else to WEBHOOK_URL; answers when the outcome is known",
  request: {
    query: apiQuery({}),
    body: jsonBody(
      z.looseObject({
        url: z.string().optional(),
        event: EventName.optional(),
        eventType: EventName.optional(),
        data: Data.optional(),
      }),
      { required: false },
    ),
  },
  responses: {
    200: json("It was sent", z.union([Sent, UrlTested])),
    ...apiRefusals(413, 415, 503),
    400: json("The URL is not acceptable, or did not take the event", UrlTestFailed),
  },
});

const send = createRoute({
  ...route,
  method: "post",
  path: "/webhook/send",
  summary: "Send an event of your own to WEBHOOK_URL; answers when the outcome is known",
  request: {
    query: apiQuery({}),
    body: jsonBody(z.looseObject({ eventType: EventName, data: z.unknown().optional() })),
  },
  responses: { 200: json("It was sent", Sent), ...apiRefusals(413, 415, 503) },
});

export interface WebhookEventRoutesDeps {
  /** The webhook made from WEBHOOK_URL, where the tenant has one. */
  readonly environmentWebhook: (tenantId: TenantId) => Webhook | undefined;
  readonly testDeliveries: Pick<TestDeliveries, "send">;
  readonly tryUrl: TryUrl;
  readonly guard: Pick<Guard, "checkUrl">;
  readonly now: () => number;
}

/** Routes over WEBHOOK_URL: how it is set, and sending events to it by hand. */
export function createWebhookEventRoutes(deps: WebhookEventRoutesDeps): OpenAPIHono<HttpEnv> {
  const { environmentWebhook, testDeliveries, tryUrl, guard, now } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(status, (c) => {
    const webhook = environmentWebhook(c.get("tenant").id);
    const data = { enabled: webhook !== undefined, webhookUrl: webhook?.url, timestamp: isoOf(now()) };
    return c.json({ success: true as const, data }, 200);
  });

  async function sendTo(tenantId: TenantId, name: string, payload: unknown): Promise<z.infer<typeof Result>> {
    const webhook = environmentWebhook(tenantId);
    if (webhook === undefined) return { success: false, error: "Webhook disabled: WEBHOOK_URL is not set" };
    return resultOf(await testDeliveries.send(webhook, name, payload));
  }

  routes.openapi(test, async (c) => {
    const tenantId = c.get("tenant").id;
    const { url, event, eventType, data } = c.req.valid("json") ?? {};
    if (url !== undefined && url !== "") {
      guard.checkUrl(url, tenantId);
      const outcome = await tryUrl(
        url,
        { name: event ?? eventType ?? "webhook.test", data: data ?? {} },
        tenantId,
      );
      const statusCode = outcome.statusCode ?? 0;
      if (!outcome.ok) {
        const message = "Webhook test failed";
        return c.json({
          success: false as const,
          message,
          error: message,
          details: outcome.error,
          statusCode,
        }, 400);
      }
      const response = parsedIfJson(outcome.response);
      return c.json(
        { success: true as const, message: "Webhook test successful", statusCode, response },
        200,
      );
    }
    if (environmentWebhook(tenantId) === undefined && eventType === undefined && data === undefined) {
      throw new InvalidError("url", "Webhook URL is required: give `url`, or set WEBHOOK_URL");
    }
    const payload = { ...data, test: true, timestamp: isoOf(now()) };
    const result = await sendTo(tenantId, eventType ?? event ?? "test", payload);
    return c.json({ success: true as const, message: "Webhook test completed", result }, 200);
  });

  routes.openapi(send, async (c) => {
    const { eventType, data } = c.req.valid("json");
    const result = await sendTo(c.get("tenant").id, eventType, data ?? {});
    return c.json({ success: true as const, message: "Custom webhook sent", result }, 200);
  });

  return routes;
}

function resultOf({ decision }: TestDeliveryResult): z.infer<typeof Result> {
  if (decision === undefined) {
    return { success: false, error: "Not delivered yet; retries go on in the background" };
  }
  if (decision.status !== "success") {
    const last = decision.error === null ? "" : `: ${decision.error}`;
    return { success: false, error: `All retry attempts failed${last}` };
  }
  return { success: true, status: decision.statusCode ?? 0, attempt: decision.attempts };
}

function isoOf(atMs: number): string {
  return new Date(atMs).toISOString();
}
