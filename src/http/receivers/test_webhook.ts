import { MINUTE_MS } from "../../spans.ts";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { CounterOf } from "../../async/hit_counter.ts";
import { logOf } from "../../log.ts";
import type { SystemLog } from "../../store/system_log.ts";
import { json, NO_KEY } from "../answers.ts";
import type { ClientAddressOf } from "../client_address.ts";
import type { HttpEnv } from "../context.ts";
import { HttpError } from "../errors.ts";
import { readBody } from "./inbound.ts";
import { createWindowLimit } from "./window_limit.ts";

const log = logOf("receivers");

const PATH = "/webhooks/test";
/** Test webhooks that one address may send in a minute: each is a line in the log, and nobody needs a key for it. */
const TESTS_PER_MINUTE = 60;
const MAX_BODY_BYTES = 5 * 1_048_576;

const Ready = z.object({ success: z.literal(true), message: z.string() }).catchall(z.unknown());
const Refused = z.object({ success: z.literal(false), message: z.string(), error: z.string().optional() })
  .openapi("TestWebhookRefused");
const route = { tags: ["Receivers"], security: NO_KEY };

const about = createRoute({
  ...route,
  method: "get",
  path: PATH,
  summary: "See that test webhooks can be sent here",
  responses: { 200: json("Ready", Ready) },
});

const test = createRoute({
  ...route,
  method: "post",
  path: PATH,
  summary: "Echo a body, changing nothing",
  request: {
    body: {
      required: true,
      content: { "application/json": { schema: z.unknown(), example: { test: "data" } } },
    },
  },
  responses: {
    200: json(
      "What came in",
      z.object({ success: z.literal(true), message: z.string(), received: z.unknown() }),
    ),
    400: json("The body is not JSON", Refused),
    413: json("The body is too large", Refused),
    429: json("Too many requests", Refused),
  },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/webhooks",
  summary: "List the addresses to which webhooks can be sent",
  responses: { 200: json("The addresses", Ready) },
});

export interface TestWebhookDeps {
  readonly systemLog: Pick<SystemLog, "write">;
  readonly clientAddressOf: ClientAddressOf;
  /** Where other systems may post. */
  readonly paths: readonly string[];
  /** Where requests are counted; left out: here alone. */
  readonly counterOf?: CounterOf;
  readonly now: () => number;
}

/** Routes with which an integrator tries out whether webhooks come through. */
export function createTestWebhookRoutes(
  { systemLog, clientAddressOf, paths, counterOf, now }: TestWebhookDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();
  const waitOf = createWindowLimit({
    limit: TESTS_PER_MINUTE,
    windowMs: MINUTE_MS,
    hits: counterOf?.("receiver test", MINUTE_MS),
    now,
  });

  // Only described here: the validator would read the body before it is bounded.
  routes.openAPIRegistry.registerPath(test);
  routes.post(test.getRoutingPath(), async (c) => {
    const waitMs = waitOf(clientAddressOf(c));
    if (waitMs > 0) {
      c.header("Retry-After", String(Math.ceil(waitMs / 1000)));
      return c.json({ success: false as const, message: "Too many webhook requests" }, 429);
    }
    const { packed, inbound } = await readBody(c, MAX_BODY_BYTES);
    if (inbound.json === undefined) throw new HttpError(400, "INVALID_JSON", "The body is not valid JSON");
    const createdAt = now();
    const metadata = { bytes: packed.length };
    log.info("webhook.received", { source: "test", ...metadata });
    await systemLog.write({ level: "info", message: "Test webhook received", metadata, createdAt });
    return c.json({
      success: true as const,
      message: "Webhook test successful",
      received: inbound.json.value,
      testId: `test-${createdAt}`,
      timestamp: new Date(createdAt).toISOString(),
    }, 200);
  });

  routes.openapi(about, (c) =>
    c.json({
      success: true as const,
      message: "Webhook test endpoint is ready",
      method: "POST",
      endpoint: PATH,
    }, 200));

  routes.openapi(list, (c) =>
    c.json({
      success: true as const,
      message: "Webhooks can be sent to these endpoints",
      endpoints: [...paths, PATH],
    }, 200));

  return routes;
}
