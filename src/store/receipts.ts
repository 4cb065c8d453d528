import type { MessageId } from "../ids.ts";
import type { Receipt } from "./messages.ts";

/** How far one member of a group got with a message of ours. */
export interface MemberReceipt {
  readonly messageId: MessageId;
  /** The member's jid: the phone number's when it is known. */
  readonly participant: string;
  readonly receipt: Receipt;
  /** Epoch ms, as WhatsApp tells it. */
  readonly deliveredAt: number;
  readonly readAt: number | null;
}

/** The receipts of messages to groups, one row for each member. */
export interface Receipts {
  get(messageId: MessageId, participant: string): Promise<MemberReceipt | undefined>;
  /** Writes how far a member got, over what was known. */
  put(receipt: MemberReceipt): Promise<void>;
  /** How many members got at least so far. */
  counts(messageId: MessageId): Promise<Readonly<Record<Receipt, number>>>;
  /** All of a message, by participant. */
  list(messageId: MessageId, limit: number): Promise<readonly MemberReceipt[]>;
}
