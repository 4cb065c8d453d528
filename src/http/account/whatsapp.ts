import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DefaultDevice } from "../../devices/default_device.ts";
import type { DeviceService, Lines } from "../../devices/devices.ts";
import { guessShown, NormalizedFrom } from "../shapes/message.ts";
import { qrImage } from "../../formats/qr_image.ts";
import type { SendMessage } from "../../messages/request.ts";
import type { BulkRequest, SendAll } from "../../messages/send_all.ts";
import { API_KEY, apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { apiQuery, body } from "../fields.ts";
import { maySeeCodes } from "../key_access.ts";
import { idempotencyKeyOf } from "../shapes/message_bodies.ts";
import { BulkResults, bulkShown, BulkSummary, MOST_BULK } from "../shapes/bulk.ts";

const QR_WAIT_MS = 20_000;

const route = { tags: ["WhatsApp (device `default`)"], security: API_KEY };
const success = z.literal(true);
const query = apiQuery({});

const Message = body({
  to: z.string().min(1).max(100).openapi({ example: "628000000142" }),
  message: z.string().min(1).max(4_096),
  options: z.looseObject({
    quotedMessageId: z.string().min(1).max(100).optional(),
    mentions: z.array(z.string().min(1).max(100)).max(1_024).optional(),
  }).optional(),
});
type MessageFields = z.output<typeof Message>;

export const WhatsAppSent = json(
  "WhatsApp has accepted it",
  z.object({ success, messageId: z.string(), message: z.string(), normalized_from: NormalizedFrom }),
);

const status = createRoute({
  ...route,
  method: "get",
  path: "/whatsapp/status",
  summary: "See whether the account is connected",
  request: { query },
  responses: {
    200: json(
      "How it does",
      z.object({
        success,
        data: z.object({
          isConnected: z.boolean(),
          qrCode: z.string().nullable().openapi({ description: "Only for keys with the scope `manage`" }),
          phoneNumber: z.string().nullable(),
          deviceId: z.string(),
        }),
      }),
    ),
    ...apiRefusals(503),
  },
});

const qr = createRoute({
  ...route,
  method: "get",
  path: "/whatsapp/qr",
  summary: "Get the QR code to scan",
  request: { query },
  responses: {
    200: json(
      "The code",
      z.object({
        success,
        qrCode: z.string().openapi({ description: "A data URL of a PNG" }),
        qr: z.string().openapi({ description: "The text that it draws" }),
      }),
    ),
    ...apiRefusals(409, 503),
  },
});

const send = createRoute({
  ...route,
  method: "post",
  path: "/whatsapp/send-message",
  summary: "Send a text",
  request: { query, body: jsonBody(Message) },
  responses: { 200: WhatsAppSent, ...apiRefusals(404, 409, 413, 415, 422, 502, 503) },
});

const bulk = createRoute({
  ...route,
  method: "post",
  path: "/whatsapp/send-bulk",
  summary: `Send up to ${MOST_BULK} texts, one a second; a blast takes more and does not keep you waiting`,
  request: { query, body: jsonBody(body({ messages: z.array(Message).min(1).max(MOST_BULK) })) },
  responses: {
    200: json(
      "What became of each",
      z.object({ success, message: z.string(), summary: BulkSummary, results: BulkResults }),
    ),
    ...apiRefusals(409, 413, 415, 503),
  },
});

const logout = createRoute({
  ...route,
  method: "post",
  path: "/whatsapp/logout",
  summary: "Unlink the account from its phone",
  request: { query },
  responses: { 200: json("It is done", z.object({ success, message: z.string() })), ...apiRefusals(503) },
});

export interface WhatsAppRouteDeps {
  readonly devices: Pick<DeviceService, "qr" | "logout">;
  readonly defaultDevice: DefaultDevice;
  readonly lines: Pick<Lines, "qr">;
  readonly sendMessage: SendMessage;
  readonly sendAll: SendAll;
}

/** Routes for those who know one account only: the device `default`, which is made when it is first asked for. */
export function createWhatsAppRoutes(deps: WhatsAppRouteDeps): OpenAPIHono<HttpEnv> {
  const { devices, defaultDevice, lines, sendMessage, sendAll } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(status, async (c) => {
    const device = await defaultDevice(c.get("tenant").id);
    const code = maySeeCodes(c.get("access")) ? (await lines.qr(device.id))?.code : undefined;
    const data = {
      isConnected: device.status === "connected",
      qrCode: code === undefined ? null : qrImage(code),
      phoneNumber: device.phoneNumber,
      deviceId: device.id,
    };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(qr, async (c) => {
    const tenantId = c.get("tenant").id;
    const device = await defaultDevice(tenantId);
    const { code } = await devices.qr(tenantId, device.id, QR_WAIT_MS);
    return c.json({ success: true as const, qrCode: qrImage(code), qr: code }, 200);
  });

  routes.openapi(send, async (c) => {
    const tenantId = c.get("tenant").id;
    const device = await defaultDevice(tenantId);
    const { message, normalizedFrom } = await sendMessage({
      ...requestOf(c.req.valid("json")),
      tenantId,
      device,
      idempotencyKey: idempotencyKeyOf(c.req.header("Idempotency-Key")),
      wait: true,
    });
    const messageId = message.waMessageId ?? message.id;
    const said = { messageId, message: "Message sent successfully", ...guessShown(normalizedFrom) };
    return c.json({ success: true as const, ...said }, 200);
  });

  routes.openapi(bulk, async (c) => {
    const tenantId = c.get("tenant").id;
    const device = await defaultDevice(tenantId);
    const { messages } = c.req.valid("json");
    const idempotencyKey = idempotencyKeyOf(c.req.header("Idempotency-Key"));
    const outcomes = await sendAll({ tenantId, device, idempotencyKey }, messages.map(requestOf));
    const { summary, results } = bulkShown(messages, outcomes);
    return c.json({ success: true as const, message: "Bulk messages processed", summary, results }, 200);
  });

  routes.openapi(logout, async (c) => {
    const tenantId = c.get("tenant").id;
    await devices.logout(tenantId, (await defaultDevice(tenantId)).id);
    return c.json({ success: true as const, message: "Logged out successfully" }, 200);
  });

  return routes;
}

function requestOf(
  { to, message, options }: MessageFields,
): BulkRequest {
  return {
    to,
    content: { kind: "text", text: message },
    quotedId: options?.quotedMessageId,
    mentions: options?.mentions,
  };
}
