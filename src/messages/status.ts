import type { SendOutcome } from "../whatsapp/session.ts";
import type { ReceiptStatus } from "../events/event.ts";
import type {
  MessageChange,
  MessageError,
  MessageStatus,
  OutgoingMessage,
  Receipt,
} from "../store/messages.ts";

/** News of an outgoing message, from WhatsApp or from a provider. */
export interface StatusStep {
  readonly status: ReceiptStatus;
  /** When it happened as the provider tells it, epoch ms; null when it does not tell. */
  readonly at: number | null;
  readonly reason?: MessageError;
}

/** Statuses of a message that is not decided yet. */
export const OPEN_STATUSES: readonly MessageStatus[] = ["queued", "processing"];

/** Statuses of a message that can still leave. */
export const UNSENT_STATUSES: readonly MessageStatus[] = ["scheduled", ...OPEN_STATUSES];

/** The message is not decided yet. */
export function isOpen({ status }: Pick<OutgoingMessage, "status">): boolean {
  return OPEN_STATUSES.includes(status);
}

const RECEIPT_RANK: Readonly<Record<Receipt, number>> = { delivered: 1, read: 2, played: 3 };

/**
 * What news changes in a message: null when it tells nothing new, or of something earlier.
 *
 * A receipt proves that the message went out, whatever was believed before. A failure counts for a WhatsApp message
 * only while nobody has got it; Qiscus' reports count in the order of their own times, the last one wins where these
 * are equal or missing.
 * @param now What stands in for a time that was not told, epoch ms.
 */
export function advance(message: OutgoingMessage, step: StatusStep, now: number): MessageChange | null {
  const at = step.at ?? now;
  if (message.status === "cancelled") return null;
  switch (step.status) {
    case "sent":
      if (message.status === "sent" || (message.status === "failed" && isOlder(step, message))) return null;
      return { status: "sent", error: null, sentAt: message.sentAt ?? at, statusAt: step.at };
    case "failed":
      if (message.status === "failed" || !mayFail(message, step)) return null;
      return {
        status: "failed",
        error: step.reason ?? { code: null, message: "Delivery failed" },
        statusAt: step.at,
      };
    case "delivered":
    case "read":
    case "played":
      return afterReceipt(message, step.status, step, at);
  }
}

/** What beginning to send changes: a message that has come further is left as it is. */
export function begin(message: OutgoingMessage, attempts: number): MessageChange | null {
  return isOpen(message) ? { status: "processing", attempts } : null;
}

function afterReceipt(
  message: OutgoingMessage,
  receipt: Receipt,
  step: StatusStep,
  at: number,
): MessageChange | null {
  const before = message.receipt === null ? 0 : RECEIPT_RANK[message.receipt];
  if (RECEIPT_RANK[receipt] <= before) return null;
  if (message.status === "failed" && isOlder(step, message)) return null;
  return {
    status: "sent",
    receipt,
    error: null,
    statusAt: step.at,
    sentAt: message.sentAt ?? at,
    deliveredAt: message.deliveredAt ?? at,
    ...(receipt === "delivered" ? {} : { readAt: message.readAt ?? at }),
  };
}

function mayFail(message: OutgoingMessage, step: StatusStep): boolean {
  if (message.channel === "whatsapp") return message.receipt === null;
  return message.status !== "sent" || !isOlder(step, message);
}

/** Reports of one message race within seconds; times further apart are not those of one clock, and tell nothing. */
const LONGEST_RACE_MS = 24 * 3_600_000;

/** Only a provider's own times are compared: those of WhatsApp are whole seconds, ours are not. */
function isOlder(step: StatusStep, message: OutgoingMessage): boolean {
  if (message.channel === "whatsapp" || step.at === null || message.statusAt === null) return false;
  return step.at < message.statusAt && message.statusAt - step.at < LONGEST_RACE_MS;
}

/** What is kept of a send that failed. */
export function errorOf(
  { code, message, reason }: Extract<SendOutcome, { readonly ok: false }>,
): MessageError {
  return { code, message, ...(reason === undefined ? {} : { reason }) };
}
