import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "@hono/hono";
import { hexSignatureMatches } from "../../formats/signature.ts";
import { logOf } from "../../log.ts";
import type { ExternalDevices } from "../../receivers/external_devices.ts";
import { UNIVERSAL_EVENTS } from "../../receivers/universal.ts";
import { type ReadEnvelope, readEnvelope, readSessionEnvelope } from "../../receivers/universal_envelope.ts";
import type { SystemLog } from "../../store/system_log.ts";
import { json, NO_KEY } from "../answers.ts";
import type { ClientAddressOf } from "../client_address.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError, tooMany } from "../errors.ts";
import { type Inbound, readInbound } from "./inbound.ts";
import { createWindowLimit } from "./window_limit.ts";

const log = logOf("receivers");

const PER_MINUTE = 100;
/** Where servers put the signature; the first that is there counts. */
const SIGNATURE_HEADERS = ["X-Webhook-Signature", "X-Signature-256", "X-Hub-Signature-256"];

export interface UniversalReceiverDeps {
  readonly externalDevices: Pick<ExternalDevices, "take">;
  readonly systemLog: Pick<SystemLog, "write">;
  readonly clientAddressOf: ClientAddressOf;
  /** `WHATSAPP_WEBHOOK_SECRET`; undefined: signatures are not looked at. */
  readonly secret: string | undefined;
  readonly now: () => number;
  readonly perMinute?: number;
}

const Processed = z.object({ success: z.literal(true), message: z.string() }).openapi("WebhookProcessed");
const Ready = z.object({ success: z.literal(true), message: z.string(), timestamp: z.iso.datetime() })
  .catchall(z.unknown());
const Refused = z.object({ success: z.literal(false), message: z.string(), error: z.string() });
const SessionParam = z.object({
  sessionId: z.string().openapi({ param: { name: "sessionId", in: "path" }, example: "test-session" }),
});
const route = { tags: ["Receivers"], security: NO_KEY };
const answers = {
  200: json("It is stored", Processed),
  400: json("The body is not one of the forms that are taken", Refused),
  401: json("The signature is missing or wrong", Refused),
  409: json("The gateway runs a device of this name itself", Refused),
  413: json("The body is too large", Refused),
  429: json("Too many requests", Refused),
  503: json("The store cannot take anything now; send it again", Refused),
};

const about = createRoute({
  ...route,
  method: "get",
  path: "/api/whatsapp/webhook",
  summary: "Tell that webhooks of other WhatsApp servers can be sent here",
  responses: { 200: json("They can", Ready) },
});

const receive = createRoute({
  ...route,
  method: "post",
  path: "/api/whatsapp/webhook",
  summary: "Take a webhook of another WhatsApp server",
  description:
    "`{sessionId, event, data}`, or `dataType` for `event`. Its sessions become devices of kind `external`.",
  responses: answers,
});

const aboutSession = createRoute({
  ...route,
  method: "get",
  path: "/api/whatsapp/webhook/{sessionId}",
  summary: "Tell that webhooks of a session can be sent here",
  request: { params: SessionParam },
  responses: { 200: json("They can", Ready) },
});

const receiveSession = createRoute({
  ...route,
  method: "post",
  path: "/api/whatsapp/webhook/{sessionId}",
  summary: "Take a webhook of a session of another WhatsApp server",
  description:
    "`{event, data}`, the same with `dataType` or `sessionId`, or a bare object that holds `qr`, `state`, " +
    "`reason` or `message`.",
  request: { params: SessionParam },
  responses: answers,
});

/** Routes that other WhatsApp servers post to. They need no key: a signature and a rate limit protect them. */
export function createUniversalReceiver(deps: UniversalReceiverDeps): OpenAPIHono<HttpEnv> {
  const { externalDevices, systemLog, secret, now } = deps;
  const routes = new OpenAPIHono<HttpEnv>();
  const waitOf = createWindowLimit({ limit: deps.perMinute ?? PER_MINUTE, windowMs: 60_000, now });

  /** Counted before anything else is looked at, so that guessing signatures is bounded too. */
  const limited: MiddlewareHandler<HttpEnv> = async (c, next) => {
    const waitMs = c.req.method === "POST" ? waitOf(deps.clientAddressOf(c)) : 0;
    if (waitMs > 0) {
      throw tooMany("Rate limit exceeded", { headers: { "Retry-After": String(Math.ceil(waitMs / 1000)) } });
    }
    await next();
  };
  routes.use("/api/whatsapp/webhook", limited);
  routes.use("/api/whatsapp/webhook/:sessionId", limited);

  async function take(c: Context<HttpEnv>, read: (body: unknown) => ReadEnvelope): Promise<string> {
    const inbound = await readInbound(c);
    checkSignature(c, inbound, secret);
    if (inbound.json === undefined) throw new HttpError(400, "INVALID_JSON", "The body is not valid JSON");
    const result = read(inbound.json.value);
    if (!result.ok) throw new HttpError(400, "INVALID_INPUT", result.error);
    const { sessionId, event } = result.envelope;
    const line = { source: "whatsapp server", session: sessionId, event };
    const [published] = await Promise.all([
      externalDevices.take(result.envelope),
      systemLog.write({
        level: "info",
        message: `WhatsApp server webhook received: ${event}`,
        metadata: line,
        createdAt: now(),
      }),
    ]);
    log.info("webhook.received", { ...line, published });
    return `Webhook event ${event} processed for session ${sessionId}`;
  }

  routes.openapi(receive, async (c) => {
    const message = await take(c, readEnvelope);
    return c.json({ success: true as const, message }, 200);
  });

  routes.openapi(receiveSession, async (c) => {
    const { sessionId } = c.req.valid("param");
    const message = await take(c, (body) => readSessionEnvelope(body, sessionId));
    return c.json({ success: true as const, message }, 200);
  });

  routes.openapi(about, (c) =>
    c.json({
      success: true as const,
      message: "Universal webhook endpoint ready",
      timestamp: new Date(now()).toISOString(),
      supportedEvents: [...UNIVERSAL_EVENTS],
    }, 200));

  routes.openapi(aboutSession, (c) =>
    c.json({
      success: true as const,
      message: `Webhook endpoint ready for session ${c.req.valid("param").sessionId}`,
      timestamp: new Date(now()).toISOString(),
    }, 200));

  return routes;
}

/** @throws {HttpError} 401, when a secret is set and the body is not signed with it. */
function checkSignature(c: Context<HttpEnv>, { raw }: Inbound, secret: string | undefined): void {
  if (secret === undefined) return;
  const given = SIGNATURE_HEADERS.map((name) => c.req.header(name)).find((value) => value !== undefined);
  if (given === undefined) throw new HttpError(401, "UNAUTHORIZED", "Missing webhook signature");
  if (hexSignatureMatches(given, raw, secret, { prefix: "sha256=" })) return;
  log.warn("webhook.refused", { source: "whatsapp server", why: "signature" });
  throw new HttpError(401, "UNAUTHORIZED", "Invalid webhook signature");
}
