import type { DraftDevice, EventDraft, ReceiptStatus } from "../events/event.ts";
import type { Chat, Jid, Person } from "../events/person.ts";
import type { OutgoingMessage } from "../store/messages.ts";
import { isLid, kindOf, PN_SERVER } from "../whatsapp/jid.ts";

/**
 * The chat that an address means, where nothing else is known of whom it belongs to.
 * @param address A jid, or the digits by which Qiscus is told whom to send to.
 */
export function chatOf(address: string): Chat {
  const jid: Jid = /^\d+$/.test(address) ? `${address}@${PN_SERVER}` : address;
  return isLid(jid) ? { kind: "person", jid, lid: jid } : { kind: kindOf(jid), jid };
}

/** The event of a message that WhatsApp has accepted. */
export function sentDraft(
  message: OutgoingMessage,
  device: DraftDevice | null,
  at: number,
  chat = chatOf(message.to),
): EventDraft {
  return {
    type: "message.sent",
    tenantId: message.tenantId,
    device,
    dedupeKey: `${message.id}/accepted`,
    data: {
      ...message.context,
      messageId: message.id,
      waMessageId: message.waMessageId ?? message.id,
      chat,
      content: message.content,
      sentAt: at,
    },
  };
}

/** What is told of a message's progress besides the status itself. */
export interface Progress {
  readonly status: ReceiptStatus;
  readonly at: number;
  readonly deliveredAt?: number | null;
  readonly readAt?: number | null;
  readonly participant?: Person;
  readonly reason?: { readonly code: number | null; readonly message: string };
  readonly attempts?: number;
}

/** The event of a step of a message that went out through the gateway. */
export function statusDraft(
  message: OutgoingMessage,
  device: DraftDevice | null,
  { status, at, deliveredAt, readAt, participant, reason, attempts }: Progress,
  chat = chatOf(message.to),
): EventDraft {
  const { context } = message;
  return {
    type: "message.status",
    tenantId: message.tenantId,
    device,
    dedupeKey: [message.id, status, ...keyOf(participant), ...roundOf(message, status)].join("/"),
    data: {
      messageId: message.id,
      waMessageId: message.waMessageId,
      chat,
      status,
      statusAt: at,
      ...(deliveredAt == null ? {} : { deliveredAt }),
      ...(readAt == null ? {} : { readAt }),
      ...(participant === undefined ? {} : { participant }),
      ...(reason === undefined ? {} : { reason }),
      ...(attempts === undefined ? {} : { attempts }),
      ...(context.callbackData === undefined ? {} : { callbackData: context.callbackData }),
    },
  };
}

/** What tells failures of one message apart: one that was queued again after it failed has a new WhatsApp id. */
function roundOf(message: OutgoingMessage, status: ReceiptStatus): readonly string[] {
  const { blastId, channel, waMessageId } = message;
  const mayBeQueuedAgain = blastId !== null && channel === "whatsapp";
  return status === "failed" && mayBeQueuedAgain && waMessageId !== null ? [waMessageId] : [];
}

/** What tells a group member's receipt from those of others. */
export function keyOf(participant: Person | undefined): readonly string[] {
  return participant === undefined ? [] : [participant.pn ?? participant.lid ?? ""];
}
