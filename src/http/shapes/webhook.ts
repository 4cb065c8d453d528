import { secondsOf } from "../../spans.ts";
import { z } from "@hono/zod-openapi";
import { FORMAT_NAMES, formatNameOf, formatOf } from "../../formats/mod.ts";
import type { Webhook } from "../../store/webhooks.ts";
import { maskedHeaders } from "../../webhooks/request_headers.ts";
import { RETRY_POLICIES } from "../../webhooks/retry.ts";
import { secretSince } from "../../webhooks/secrets.ts";

const POLICIES = Object.keys(RETRY_POLICIES);
const EVENTS = ["message.received", "message.status", "device.connected", "device.disconnected"];

const Url = z.string().min(1).openapi({
  example: "https://shop.example/hooks/whatsapp",
  description: "Used as it is; `{device_id}`, `{sessionId}` and `{event}` in it are filled in",
});
const Events = z.array(z.string(), {
  error: (issue) => issue.code === "invalid_type" ? "must be a list of event names" : undefined,
}).min(1).max(200).openapi({
  example: EVENTS,
  description: "Event names of the format, groups such as `message.*`, or `*`",
});
const Retry = z.union(
  [z.string(), z.array(z.number()).openapi({ maxItems: 20 })],
  "must be the name of a policy or a list of seconds such as [1, 5, 60]",
).openapi({ description: `A policy (${POLICIES.join(", ")}) or the waits in seconds` });
const Timeout = z.number().min(1).max(60).openapi({ description: "Seconds for one request" });
const Format = z.enum(FORMAT_NAMES).openapi({
  description: "How payloads are named, shaped and signed",
});
const Ordering = z.enum(["none", "chat", "device"]).openapi({
  description: "`chat` or `device`: a later event of the same one waits for the outcome of the earlier",
});
const Devices = z.array(z.string()).max(1000).openapi({
  description: "Only events of these devices, by id or alias; null: of all",
});
const Headers = z.record(z.string(), z.string("must be a string")).openapi({
  description: "Sent with every request, at most 20; shown as `***`",
});

/** What `POST` and `PUT` take, but for what `POST` must have. */
export const WEBHOOK_FIELDS = {
  url: Url.optional(),
  events: Events.optional(),
  format: Format.optional(),
  secret: z.string().optional().openapi({
    description: "Signs the requests; one is made, and shown once, when it is left out at creation",
  }),
  retry: Retry.nullable().optional(),
  timeout: Timeout.nullable().optional(),
  headers: Headers.optional(),
  ordering: Ordering.optional(),
  devices: Devices.nullable().optional(),
  recovery: z.boolean().optional().openapi({
    description: "Whether a failing endpoint is probed for days and gets what it missed once it answers",
  }),
  status: z.enum(["active", "paused"]).optional().openapi({
    description: "`paused`: deliveries are kept and wait",
  }),
};

export const NEW_WEBHOOK_FIELDS = {
  ...WEBHOOK_FIELDS,
  url: Url,
  events: Events,
  verify_token: z.string().min(1).max(512).optional().openapi({
    description:
      "The URL is first asked as Meta asks (`hub.mode=subscribe`, `hub.challenge`, `hub.verify_token`): " +
      "the webhook is made only when it answers the challenge. Not kept",
  }),
};

export const WebhookShape = z.object({
  webhook_id: z.string().openapi({ example: "wh_01k8zq4v7n2m5x9c3b6f8h0j1d" }),
  url: z.string(),
  events: z.array(z.string()),
  status: z.enum(["active", "paused", "disabled"]),
  status_reason: z.string().nullable(),
  format: Format,
  signed: z.boolean(),
  secret_created_at: z.int().nullable().openapi({
    description: "Since when its secret signs; null: it has none, or it is older than this field",
  }),
  retry: z.union([z.string(), z.array(z.number())]),
  timeout: z.number(),
  headers: Headers,
  ordering: Ordering,
  devices: z.array(z.string()).nullable(),
  recovery: z.boolean(),
  source: z.enum(["api", "environment", "instance"]),
  created_at: z.int(),
  updated_at: z.int(),
}).openapi("Webhook");

/** A webhook as it is shown: no secret, no header's value. */
export function webhookShown(webhook: Webhook): z.infer<typeof WebhookShape> {
  const secretAt = secretSince(webhook);
  return {
    webhook_id: webhook.id,
    url: webhook.url,
    events: [...webhook.events],
    status: webhook.status,
    status_reason: webhook.statusReason,
    format: formatNameOf(webhook.format),
    signed: webhook.secrets.length > 0,
    secret_created_at: secretAt === null ? null : secondsOf(secretAt),
    retry: retryShown(webhook),
    timeout: (webhook.timeoutMs ?? formatOf(webhook.format).timeoutMs) / 1000,
    headers: maskedHeaders(webhook.headers),
    ordering: webhook.ordering,
    devices: webhook.devices && [...webhook.devices],
    recovery: webhook.recovery,
    source: webhook.source,
    created_at: secondsOf(webhook.createdAt),
    updated_at: secondsOf(webhook.updatedAt),
  };
}

/** The policy's name when the schedule has one, else the waits in seconds: in either case what `retry` takes. */
function retryShown({ retry, format }: Webhook): string | number[] {
  if (retry === null) return format;
  const waits = retry.waitsMs.join();
  const policy = Object.entries(RETRY_POLICIES)
    .find(([, known]) => known.waitsMs.join() === waits && known.jitter === retry.jitter);
  return policy?.[0] ?? retry.waitsMs.map((waitMs) => waitMs / 1000);
}
