import type { Content, MessageContext } from "../events/content.ts";
import type { DeviceId, MessageId, TenantId } from "../ids.ts";

/** `queued → processing → sent`, or `failed`. How far the recipient got is told by `receipt`. */
export type MessageStatus = "queued" | "processing" | "sent" | "failed";
export type Receipt = "delivered" | "read" | "played";

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
  readonly content: Content;
  readonly context: MessageContext;
  readonly status: MessageStatus;
  readonly receipt: Receipt | null;
  /** WhatsApp's id, chosen before sending or told by the provider. */
  readonly waMessageId: string | null;
  readonly error: { readonly code: number | null; readonly message: string } | null;
  readonly attempts: number;
  readonly idempotencyKey: string | null;
  /** Equal for requests that ask for the same; null without an idempotency key. */
  readonly fingerprint: string | null;
  /** The number that the device had when it was asked for, digits: it leaves from no other. Null when it had none. */
  readonly senderPhone: string | null;
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
  >
>;

export interface MessageFilter {
  readonly tenantId?: TenantId;
  readonly deviceId?: DeviceId;
  readonly blastId?: string;
  readonly channel?: OutgoingMessage["channel"];
  readonly status?: MessageStatus;
  readonly recipientPhone?: string;
}

export interface Messages {
  /**
   * Stores a new message. When the tenant has one with the same idempotency key, nothing is stored and that one is
   * returned.
   */
  create(message: OutgoingMessage): Promise<{ readonly message: OutgoingMessage; readonly created: boolean }>;
  /** Stores many at once, all or none. */
  createAll(messages: readonly OutgoingMessage[]): Promise<void>;
  get(id: MessageId): Promise<OutgoingMessage | undefined>;
  byIdempotencyKey(tenantId: TenantId, key: string): Promise<OutgoingMessage | undefined>;
  byWaMessageId(
    waMessageId: string,
    deviceId: DeviceId | null,
  ): Promise<OutgoingMessage | undefined>;
  /**
   * Reads a message, lets `decide` say what changes (null: nothing), and writes that, in one transaction. This is how
   * statuses that race never go backwards. `decide` may be asked more than once.
   */
  change(
    id: MessageId,
    decide: (message: OutgoingMessage) => MessageChange | null,
    now: number,
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
}
