import type { EventDevice, EventDraft, ReceiptStatus } from "../events/event.ts";
import type { Chat, Jid, Person } from "../events/person.ts";
import type { Device } from "../store/devices.ts";
import type { OutgoingMessage } from "../store/messages.ts";
import { isLid, kindOf } from "../whatsapp/jid.ts";

/** The chat that an address means. */
export function chatOf(jid: Jid): Chat {
  return isLid(jid) ? { kind: "person", jid, lid: jid } : { kind: kindOf(jid), jid };
}

/** A device as events name it. */
export function eventDeviceOf({ id, alias }: Device): EventDevice {
  return { id, alias };
}

/** The event of a message that WhatsApp has accepted. */
export function sentDraft(message: OutgoingMessage, device: EventDevice | null, at: number): EventDraft {
  return {
    type: "message.sent",
    tenantId: message.tenantId,
    device,
    dedupeKey: `${message.id}/accepted`,
    data: {
      ...message.context,
      messageId: message.id,
      waMessageId: message.waMessageId ?? message.id,
      chat: chatOf(message.to),
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
  device: EventDevice | null,
  { status, at, deliveredAt, readAt, participant, reason, attempts }: Progress,
): EventDraft {
  return {
    type: "message.status",
    tenantId: message.tenantId,
    device,
    dedupeKey: [message.id, status, ...keyOf(participant)].join("/"),
    data: {
      messageId: message.id,
      waMessageId: message.waMessageId,
      chat: chatOf(message.to),
      status,
      statusAt: at,
      ...(deliveredAt == null ? {} : { deliveredAt }),
      ...(readAt == null ? {} : { readAt }),
      ...(participant === undefined ? {} : { participant }),
      ...(reason === undefined ? {} : { reason }),
      ...(attempts === undefined ? {} : { attempts }),
    },
  };
}

/** What tells a group member's receipt from those of others. */
export function keyOf(participant: Person | undefined): readonly string[] {
  return participant === undefined ? [] : [participant.pn ?? participant.lid ?? ""];
}
