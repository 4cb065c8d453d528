import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import type { SendMessage } from "../../messages/send.ts";
import { API_KEY, apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { apiQuery, body } from "../fields.ts";
import { statusOf } from "../v1/message_shape.ts";

const text = createRoute({
  tags: ["Instances"],
  security: API_KEY,
  method: "post",
  path: "/message/send/text",
  summary: "Send a text through an instance",
  request: {
    query: apiQuery({}),
    body: jsonBody(body({
      instanceId: z.string().min(1).max(100),
      to: z.string().min(1).max(100).openapi({ example: "628123456789" }),
      message: z.string().min(1).max(65_536),
      quotedMessageId: z.string().min(1).max(100).optional(),
    })),
  },
  responses: {
    200: json(
      "WhatsApp has accepted it",
      z.object({
        success: z.literal(true),
        data: z.object({
          messageId: z.string().openapi({ description: "WhatsApp's id" }),
          id: z.string().openapi({ description: "Ours" }),
          status: z.string(),
          to: z.string(),
          timestamp: z.iso.datetime(),
        }),
        message: z.string(),
      }),
    ),
    ...apiRefusals(404, 409, 413, 415, 422, 502, 503),
  },
});

export interface InstanceMessageRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly sendMessage: SendMessage;
}

/** Sending for those who call devices instances. */
export function createInstanceMessageRoutes(
  { devices, sendMessage }: InstanceMessageRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(text, async (c) => {
    const tenantId = c.get("tenant").id;
    const { instanceId, to, message, quotedMessageId } = c.req.valid("json");
    const device = await devices.get(tenantId, instanceId);
    const sent = await sendMessage({
      tenantId,
      device,
      to,
      content: { kind: "text", text: message },
      quotedId: quotedMessageId,
      idempotencyKey: c.req.header("Idempotency-Key"),
      wait: true,
    });
    const data = {
      messageId: sent.message.waMessageId ?? sent.message.id,
      id: sent.message.id,
      status: statusOf(sent.message),
      to: sent.message.to,
      timestamp: new Date(sent.message.sentAt ?? sent.message.createdAt).toISOString(),
    };
    return c.json({ success: true as const, data, message: "Message sent successfully" }, 200);
  });

  return routes;
}
