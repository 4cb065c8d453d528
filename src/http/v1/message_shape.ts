import { z } from "@hono/zod-openapi";
import type { OutgoingMessage } from "../../store/messages.ts";
import { secondsOf } from "../fields.ts";

const seconds = z.int().nullable();

export const MessageStatusShape = z.enum([
  "queued",
  "processing",
  "sent",
  "delivered",
  "read",
  "played",
  "failed",
]).openapi("MessageStatus");

export const SentShape = z.object({
  message_id: z.string().openapi({ example: "msg_01k8zq4v7n2m5x9c3b6f8h0j1d" }),
  wa_message_id: z.string().nullable().openapi({ example: "3EB0C767D3F5A2B9E1D4AA" }),
  device_id: z.string().nullable(),
  status: MessageStatusShape,
  to: z.string().openapi({ example: "628123456789@s.whatsapp.net" }),
  timestamp: z.int(),
}).openapi("SentMessage");

export const MessageShape = SentShape.extend({
  id: z.string().openapi({ description: "The same as `message_id`" }),
  type: z.string(),
  attempts: z.int(),
  last_error: z.string().nullable(),
  error_code: z.int().nullable(),
  sent_at: seconds,
  delivered_at: seconds,
  read_at: seconds,
  created_at: z.int(),
  updated_at: z.int(),
  group: z.object({
    delivered_count: z.int(),
    read_count: z.int(),
    played_count: z.int(),
  }).optional().openapi({ description: "How many members of the group have got it, read it, played it" }),
}).openapi("Message");

/** How far a message has come, in one word. */
export function statusOf({ status, receipt }: OutgoingMessage): z.output<typeof MessageStatusShape> {
  return status === "sent" && receipt !== null ? receipt : status;
}

/** What the sender of a message is told. */
export function sentShown(message: OutgoingMessage): z.output<typeof SentShape> {
  return {
    message_id: message.id,
    wa_message_id: message.waMessageId,
    device_id: message.deviceId,
    status: statusOf(message),
    to: message.to,
    timestamp: secondsOf(message.sentAt ?? message.createdAt),
  };
}

/** All that is known of a message. */
export function messageShown(message: OutgoingMessage): z.output<typeof MessageShape> {
  return {
    ...sentShown(message),
    id: message.id,
    type: message.content.kind,
    attempts: message.attempts,
    last_error: message.error?.message ?? null,
    error_code: message.error?.code ?? null,
    sent_at: orNull(message.sentAt),
    delivered_at: orNull(message.deliveredAt),
    read_at: orNull(message.readAt),
    created_at: secondsOf(message.createdAt),
    updated_at: secondsOf(message.updatedAt),
  };
}

function orNull(atMs: number | null): number | null {
  return atMs === null ? null : secondsOf(atMs);
}
