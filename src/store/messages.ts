import type { Content, MessageContext } from "../events/content.ts";
import type { DeviceId, MessageId, TenantId } from "../ids.ts";

/**
 * `queued → processing → sent`, or `failed`. One for later is `scheduled` before, or `cancelled` instead. How far the
 * recipient got is told by `receipt`.
 */
export type MessageStatus = "scheduled" | "queued" | "processing" | "sent" | "failed" | "cancelled";
export type Receipt = "delivered" | "read" | "played";

/** Why a message was not sent, as a word for programs to compare. */
export type FailureReason =
  | "not_on_whatsapp"
  | "unknown_lid"
  | "not_connected"
  | "timed_out"
  | "expired"
  | "refused"
  | "opted_out";

/** What became of a message that was not sent. */
export interface MessageError {
  /** WhatsApp's or the provider's code. */
  readonly code: number | null;
  /** For people. */
  readonly message: string;
  /** Undefined where the provider alone knows. */
  readonly reason?: FailureReason;
}

/** One outgoing message: a row of the table `message_logs`. */
export interface OutgoingMessage {
  readonly id: MessageId;
  readonly tenantId: TenantId;
  /** Null when it goes out through Qiscus. */
  readonly deviceId: DeviceId | null;
  readonly channel: "whatsapp" | "qiscus";
  /** The jid or the number that it is sent to. */
  readonly to: string;
  readonly recipientPhone: string | null;
  readonly recipientName: string | null;
  readonly templateId: string | null;
  readonly templateName: string | null;
  readonly blastId: string | null;
  /** Which row of its list a message of a blast was made of; undefined: nobody knows. */
  readonly listRow?: number;
  readonly content: Content;
  readonly context: MessageContext;
  readonly status: MessageStatus;
  readonly receipt: Receipt | null;
  /** WhatsApp's id, chosen before sending or told by the provider. */
  readonly waMessageId: string | null;
  readonly error: MessageError | null;
  readonly attempts: number;
  readonly idempotencyKey: string | null;
  /** Equal for requests that ask for the same; null without an idempotency key. */
  readonly fingerprint: string | null;
  /** The number that the device had when it was asked for, digits: it leaves from no other. Null when it had none. */
  readonly senderPhone: string | null;
  /** When it is to leave, epoch ms; null: at once. */
  readonly sendAt: number | null;
  /** When the provider says the last status happened, epoch ms. */
  readonly statusAt: number | null;
  readonly sentAt: number | null;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type MessageChange = Partial<
  Pick<
    OutgoingMessage,
    | "status"
    | "receipt"
    | "waMessageId"
    | "error"
    | "attempts"
    | "statusAt"
    | "sentAt"
    | "deliveredAt"
    | "readAt"
    | "sendAt"
  >
>;

/** How far a message that was sent has come, as far as is known: `read` is also `played`. */
export type Reached = "sent" | "delivered" | "read";

export interface MessageFilter {
  readonly tenantId?: TenantId;
  readonly deviceId?: DeviceId;
  readonly blastId?: string;
  readonly channel?: OutgoingMessage["channel"];
  readonly status?: MessageStatus;
  /** Sent, and come this far and no further; quick of one blast only. */
  readonly reached?: Reached;
  readonly recipientPhone?: string;
}

/** Where a page of scheduled messages begins: after this one. */
export type ScheduledAfter = Pick<OutgoingMessage, "id"> & { readonly sendAt: number };

export interface Messages {
  /**
   * Stores a new message. When the tenant has one with the same idempotency key, nothing is stored and that one is
   * returned.
   */
  create(
    message: OutgoingMessage,
    options?: {
      /** Others of the same moment share its commit, and for a few milliseconds it waits for them. */
      readonly unhurried?: boolean;
    },
  ): Promise<{ readonly message: OutgoingMessage; readonly created: boolean }>;
  /** Stores many at once, all or none. */
  createAll(messages: readonly OutgoingMessage[]): Promise<void>;
  get(id: MessageId): Promise<OutgoingMessage | undefined>;
  /**
   * A tenant's messages whose ids begin so, those made last first. Of all tenants' only the newest
   * 500 are looked at: a short beginning finds little.
   */
  beginning(tenantId: TenantId, prefix: string, limit: number): Promise<readonly OutgoingMessage[]>;
  byIdempotencyKey(tenantId: TenantId, key: string): Promise<OutgoingMessage | undefined>;
  byWaMessageId(
    waMessageId: string,
    deviceId: DeviceId | null,
  ): Promise<OutgoingMessage | undefined>;
  /**
   * Reads a message, lets `decide` say what changes (null: nothing), and writes that, in one transaction. This is how
   * statuses that race never go backwards. `decide` may be asked more than once.
   * @param believed The message as it was last seen: where it still is like that, it need not be read.
   */
  change(
    id: MessageId,
    decide: (message: OutgoingMessage) => MessageChange | null,
    now: number,
    believed?: OutgoingMessage,
  ): Promise<{ readonly message: OutgoingMessage; readonly changed: boolean } | undefined>;
  /** Newest first. `before`: only those that were made before this one; none when it is not known. */
  list(
    filter: MessageFilter,
    page: { readonly limit: number; readonly offset?: number; readonly before?: MessageId },
  ): Promise<readonly OutgoingMessage[]>;
  /**
   * A device's messages in these statuses, oldest first: what its outbox still has to do. Those of a blast are left
   * out, as the blast sets their pace.
   */
  waiting(
    deviceId: DeviceId,
    statuses: readonly MessageStatus[],
    limit: number,
  ): Promise<readonly OutgoingMessage[]>;
  /** The scheduled message that leaves first, of all tenants. */
  nextScheduled(): Promise<{ readonly id: MessageId; readonly at: number } | undefined>;
  /** A tenant's scheduled messages, those that leave first at the head. */
  scheduled(
    filter: { readonly tenantId: TenantId; readonly deviceIds?: readonly DeviceId[] },
    page: { readonly limit: number; readonly after?: ScheduledAfter },
  ): Promise<readonly OutgoingMessage[]>;
  /** True when a message that still has to leave has this WhatsApp id. */
  isAwaited(waMessageId: string): Promise<boolean>;
}
