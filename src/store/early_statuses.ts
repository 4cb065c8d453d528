import type { ReceiptStatus } from "../events/event.ts";

/** A provider's status of a message that we do not know (yet): it can come before the answer to our own request. */
export interface EarlyStatus {
  /** Increasing in the store. */
  readonly number: number;
  readonly waMessageId: string;
  readonly status: ReceiptStatus;
  /** When it happened, as the provider tells it, epoch ms. */
  readonly statusAt: number | null;
  readonly recipient: string | null;
  readonly error: { readonly code: number | null; readonly message: string } | null;
  /** Subscribers know of it already. */
  readonly announced: boolean;
  readonly receivedAt: number;
}

export type NewEarlyStatus = Omit<EarlyStatus, "number">;

export interface EarlyStatuses {
  /**
   * Keeps a status, unless a message with its id has come to be known meanwhile: then false, and nothing is kept. The
   * same status of the same message is kept once.
   */
  keep(orphan: NewEarlyStatus): Promise<boolean>;
  /** Those of one message, in the order in which they came. */
  of(waMessageId: string): Promise<readonly EarlyStatus[]>;
  /** Those whose message is known by now, the oldest first. */
  claimed(limit: number): Promise<readonly EarlyStatus[]>;
  /** Those that came before `before`, tell their recipient, and that subscribers do not know of, the oldest first. */
  unannounced(before: number, limit: number): Promise<readonly EarlyStatus[]>;
  announced(numbers: readonly number[]): Promise<void>;
  remove(numbers: readonly number[]): Promise<void>;
  /** Removes at most `limit` that came before `before`; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}
