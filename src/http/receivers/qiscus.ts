import type { Context } from "@hono/hono";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { EventDevice, EventDraft } from "../../events/event.ts";
import { hexSignatureMatches } from "../../formats/signature.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import { logOf } from "../../log.ts";
import type { QiscusStatuses } from "../../messages/qiscus_statuses.ts";
import type { Publish } from "../../publish.ts";
import { type QiscusReport, readQiscus } from "../../receivers/qiscus.ts";
import type { SystemLog } from "../../store/system_log.ts";
import { json, NO_KEY } from "../answers.ts";
import { type ClientAddressOf, isWithin } from "../client_address.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError } from "../errors.ts";
import { type Inbound, readInbound } from "./inbound.ts";
import { createWindowLimit } from "./window_limit.ts";

const log = logOf("receivers");

export interface QiscusReceiverDeps {
  readonly statuses: Pick<QiscusStatuses, "take">;
  readonly publish: Publish;
  /** The line that events of Qiscus are about. */
  readonly device: () => Promise<EventDevice>;
  readonly systemLog: Pick<SystemLog, "write">;
  readonly clientAddressOf: ClientAddressOf;
  /** `QISCUS_WEBHOOK_SECRET`. */
  readonly secret: string | undefined;
  /** `QISCUS_ALLOWED_IPS`; undefined: everybody. */
  readonly allowedIps: readonly string[] | undefined;
  /** `QISCUS_RATE_LIMIT`, requests a minute of one address; undefined: any number. */
  readonly perMinute: number | undefined;
  readonly now: () => number;
}

const Received = z.object({ success: z.literal(true), message: z.string() }).openapi("WebhookReceived");
const Refused = z.object({ success: z.literal(false), message: z.string() }).openapi("WebhookRefused");
const Ready = z.object({ success: z.literal(true), message: z.string() }).catchall(z.unknown());
const route = { tags: ["Receivers"], security: NO_KEY };

const about = createRoute({
  ...route,
  method: "get",
  path: "/webhooks/qiscus",
  summary: "Tell that Qiscus' webhooks can be sent here",
  responses: { 200: json("They can", Ready) },
});

const receive = createRoute({
  ...route,
  method: "post",
  path: "/webhooks/qiscus",
  summary: "Take a webhook of Qiscus",
  description:
    "Takes `{type, payload}` as well as `{statuses}` and `{messages, contacts}`. What cannot be read is " +
    "logged and answered with 200 all the same, so that Qiscus does not send it again.",
  responses: {
    200: json("It is stored", Received),
    401: json("The signature is not this body's", Refused),
    403: json("The address is not one of those that may send", Refused),
    413: json("The body is too large", Refused),
    429: json("Too many requests", Refused),
    503: json("The store cannot take anything now; send it again", Refused),
  },
});

const aboutTest = createRoute({
  ...route,
  method: "get",
  path: "/webhooks/test",
  summary: "Tell that test webhooks can be sent here",
  responses: { 200: json("They can", Ready) },
});

const test = createRoute({
  ...route,
  method: "post",
  path: "/webhooks/test",
  summary: "Echo a body, changing nothing",
  responses: {
    200: json(
      "What came in",
      z.object({ success: z.literal(true), message: z.string(), received: z.unknown() }),
    ),
    400: json("The body is not JSON", Refused),
    429: json("Too many requests", Refused),
  },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/webhooks",
  summary: "List the addresses to which webhooks can be sent",
  responses: { 200: json("They", Ready) },
});

/** Test webhooks that one address may send in a minute: each is a line in the log, and nobody needs a key for it. */
const TESTS_PER_MINUTE = 60;
const MINUTE_MS = 60_000;

/** Routes that Qiscus posts to. They need no key: a signature and a list of addresses protect them. */
export function createQiscusReceiver(deps: QiscusReceiverDeps): OpenAPIHono<HttpEnv> {
  const { systemLog, secret, allowedIps, perMinute, now } = deps;
  const routes = new OpenAPIHono<HttpEnv>();
  const waitOf = perMinute === undefined
    ? () => 0
    : createWindowLimit({ limit: perMinute, windowMs: MINUTE_MS, now });
  const testWaitOf = createWindowLimit({ limit: TESTS_PER_MINUTE, windowMs: MINUTE_MS, now });

  function refuseHaste(c: Context<HttpEnv>, waitMs: number) {
    c.header("Retry-After", String(Math.ceil(waitMs / 1000)));
    return c.json({ success: false as const, message: "Too many webhook requests" }, 429);
  }

  routes.openapi(receive, async (c) => {
    if (allowedIps !== undefined || perMinute !== undefined) {
      const address = deps.clientAddressOf(c);
      if (allowedIps !== undefined && (address === undefined || !isWithin(address, allowedIps))) {
        log.warn("webhook.refused", { source: "qiscus", address, why: "address not allowed" });
        return c.json({ success: false as const, message: "Forbidden" }, 403);
      }
      const waitMs = waitOf(address);
      if (waitMs > 0) return refuseHaste(c, waitMs);
    }
    const inbound = await readInbound(c);
    if (!isSigned(inbound, c.req.header("X-Qiscus-Signature"), secret)) {
      log.warn("webhook.refused", { source: "qiscus", why: "signature" });
      return c.json({ success: false as const, message: "Invalid signature" }, 401);
    }
    await take(inbound);
    return c.json({ success: true as const, message: "Webhook received" }, 200);
  });

  /** What one request tells is stored in one commit. */
  async function take({ raw, json }: Inbound): Promise<void> {
    const createdAt = now();
    if (json === undefined) {
      log.warn("webhook.received", { source: "qiscus", kind: "not JSON", bytes: raw.length });
      const message = "Qiscus webhook received, but it is not JSON";
      return await systemLog.write({ level: "warn", message, metadata: { bytes: raw.length }, createdAt });
    }
    const report = readQiscus(json.value, createdAt);
    const { kind, statuses, drafts, unusable } = report;
    log.info("webhook.received", {
      source: "qiscus",
      kind,
      statuses: statuses.length,
      messages: drafts.length,
      unusable,
    });
    const device = await deps.device();
    await Promise.all([
      ...drafts.map((draft) => deps.publish({ ...draft, tenantId: DEFAULT_TENANT, device } as EventDraft)),
      statuses.length > 0 ? deps.statuses.take(statuses) : undefined,
      systemLog.write({ level: "info", ...lineOf(report), createdAt }),
    ]);
  }

  routes.openapi(about, (c) =>
    c.json({
      success: true as const,
      message: "Qiscus webhook endpoint is ready",
      method: "POST",
      endpoint: "/webhooks/qiscus",
    }, 200));

  routes.openapi(test, async (c) => {
    const waitMs = testWaitOf(deps.clientAddressOf(c));
    if (waitMs > 0) return refuseHaste(c, waitMs);
    const { raw, json } = await readInbound(c);
    if (json === undefined) throw new HttpError(400, "INVALID_JSON", "The body is not valid JSON");
    const createdAt = now();
    log.info("webhook.received", { source: "test", bytes: raw.length });
    const message = "Test webhook received";
    await systemLog.write({ level: "info", message, metadata: { bytes: raw.length }, createdAt });
    return c.json({
      success: true as const,
      message: "Webhook test successful",
      received: json.value,
      testId: `test-${createdAt}`,
      timestamp: new Date(createdAt).toISOString(),
    }, 200);
  });

  routes.openapi(aboutTest, (c) =>
    c.json({
      success: true as const,
      message: "Webhook test endpoint is ready",
      method: "POST",
      endpoint: "/webhooks/test",
    }, 200));

  routes.openapi(list, (c) =>
    c.json({
      success: true as const,
      message: "Webhooks can be sent to these endpoints",
      endpoints: [
        "/webhooks/qiscus",
        "/webhooks/test",
        "/api/whatsapp/webhook",
        "/api/whatsapp/webhook/{sessionId}",
      ],
    }, 200));

  return routes;
}

/** Qiscus signs what it has serialised; a proxy may have written the same JSON in another way. */
function isSigned({ raw, json }: Inbound, given: string | undefined, secret: string | undefined): boolean {
  if (given === undefined || secret === undefined) return true;
  if (hexSignatureMatches(given, raw, secret)) return true;
  return json !== undefined && hexSignatureMatches(given, JSON.stringify(json.value) ?? "", secret);
}

/** How many of the messages of a request the log names. */
const NAMED = 5;

function lineOf({ kind, statuses, drafts, unusable }: QiscusReport) {
  const [first] = statuses;
  const what = kind === "message_status" && statuses.length === 1 ? `${kind} ${first.status}` : kind;
  return {
    message: `Qiscus webhook received: ${what}`,
    metadata: {
      statuses: statuses.slice(0, NAMED).map(({ waMessageId, status }) => ({ id: waMessageId, status })),
      statusCount: statuses.length,
      messageCount: drafts.length,
      unusable,
    },
  };
}
