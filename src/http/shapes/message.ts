import { z } from "@hono/zod-openapi";
import type { OutgoingMessage } from "../../store/messages.ts";
import { PAUSED_AT } from "../../messages/paused.ts";
import { dataOf } from "../answers.ts";
import { wholeNumber } from "../fields.ts";
import { secondsOf } from "../../spans.ts";

const seconds = z.int().nullable();

export const MessageStatusShape = z.enum([
  "scheduled",
  "queued",
  "processing",
  "sent",
  "delivered",
  "read",
  "played",
  "failed",
  "cancelled",
]).openapi("MessageStatus");

/** What was given as recipient, where the number that it was read as is a guess. */
export const NormalizedFrom = z.string().optional().openapi({
  description: "What was given, when the number that it was read as is a guess: check it",
  example: "628000000142.0",
});

export const SentShape = z.object({
  message_id: z.string().openapi({ example: "msg_01k8zq4v7n2m5x9c3b6f8h0j1d" }),
  wa_message_id: z.string().nullable().openapi({ example: "3EB0C767D3F5A2B9E1D4AA" }),
  device_id: z.string().nullable(),
  status: MessageStatusShape,
  to: z.string().openapi({ example: "628000000142@s.whatsapp.net" }),
  timestamp: z.int(),
  send_at: z.int().optional().openapi({
    description: "When it is to leave, where that was asked for or the device's pacing has it wait",
  }),
  normalized_from: NormalizedFrom,
}).openapi("SentMessage");

export const MessageShape = SentShape.omit({ normalized_from: true }).extend({
  id: z.string().openapi({ description: "The same as `message_id`" }),
  type: z.string(),
  attempts: z.int(),
  last_error: z.string().nullable(),
  error_code: z.int().nullable(),
  error_reason: z.string().nullable().openapi({
    description:
      "The error as a word: not_on_whatsapp, unknown_lid, not_connected, timed_out, expired, refused or opted_out; null where " +
      "the provider alone knows",
  }),
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

/** What asks for a page of messages. */
export const pageOfMessages = {
  limit: wholeNumber({ min: 1, max: 500 }).optional(),
  cursor: z.string().max(100).optional().openapi({ description: "`next_cursor` of the page before" }),
};

export const MESSAGE_PAGE = dataOf(
  "A page of messages; `next_cursor` is null on the last one",
  z.object({ messages: z.array(MessageShape), next_cursor: z.string().nullable() }),
);

/** How far a message has come, in one word. */
export function statusOf({ status, receipt }: OutgoingMessage): z.output<typeof MessageStatusShape> {
  return status === "sent" && receipt !== null ? receipt : status;
}

/** The `normalized_from` of an answer; nothing when the recipient was no guess. */
export function guessShown(normalizedFrom: string | undefined): { readonly normalized_from?: string } {
  return normalizedFrom === undefined ? {} : { normalized_from: normalizedFrom };
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
    ...(message.sendAt === null || message.sendAt === PAUSED_AT
      ? {}
      : { send_at: secondsOf(message.sendAt) }),
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
    error_reason: message.error?.reason ?? null,
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
