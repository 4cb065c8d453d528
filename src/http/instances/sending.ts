import { z } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import type { DeviceService } from "../../devices/devices.ts";
import type { NewContent, SendMessage } from "../../messages/request.ts";
import { API_KEY, apiRefusals, json } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { urlOwnerOf } from "../key_access.ts";
import { idempotencyKeyOf } from "../shapes/message_bodies.ts";
import { guessShown, NormalizedFrom, statusOf } from "../shapes/message.ts";

/** What every message of an instance says besides its content. */
export const INSTANCE_FIELDS = {
  instanceId: z.string().min(1).max(100),
  to: z.string().min(1).max(100).openapi({ example: "628000000142" }),
  quotedMessageId: z.string().min(1).max(100).optional(),
};
export type InstanceFields = z.output<z.ZodObject<typeof INSTANCE_FIELDS>>;

export const INSTANCE_ROUTE = { tags: ["Instances"], security: API_KEY, method: "post" as const };

export const INSTANCE_SENT = {
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
        normalized_from: NormalizedFrom,
      }),
      message: z.string(),
    }),
  ),
  ...apiRefusals(404, 409, 413, 415, 422, 502, 503),
};

export interface InstanceSendingDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly sendMessage: SendMessage;
}

/** Sends a message through an instance, and says what it is answered with. */
export async function sendThrough(
  { devices, sendMessage }: InstanceSendingDeps,
  c: Context<HttpEnv>,
  { instanceId, to, quotedMessageId }: InstanceFields,
  content: NewContent,
  said = "Message sent successfully",
) {
  const tenantId = c.get("tenant").id;
  const { message, normalizedFrom } = await sendMessage({
    tenantId,
    device: await devices.get(tenantId, instanceId),
    to,
    content,
    urlOwner: urlOwnerOf(tenantId, c.get("access")),
    quotedId: quotedMessageId,
    idempotencyKey: idempotencyKeyOf(c.req.header("Idempotency-Key")),
    wait: true,
  });
  const data = {
    messageId: message.waMessageId ?? message.id,
    id: message.id,
    status: statusOf(message),
    to: message.to,
    timestamp: new Date(message.sentAt ?? message.createdAt).toISOString(),
    ...guessShown(normalizedFrom),
  };
  return { success: true as const, data, message: said };
}
