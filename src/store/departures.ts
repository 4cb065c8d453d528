import type { MessageId } from "../ids.ts";

/**
 * What is noted of messages that are handed to another system, in hand by a claim that notes: `left` from before the
 * first byte of their request on, `stayed` before that and after it was refused.
 */
export interface NotedDepartures {
  /** A request begins to leave. Under a lease, refused once that is lost. @throws {LeaseLostError} */
  leave(messageId: MessageId): Promise<void>;
  /** The request was refused: the message is not out after all. */
  returned(messageId: MessageId): Promise<void>;
  /** `unknown`: nothing is noted of it. */
  fateOf(messageId: MessageId): Promise<"left" | "stayed" | "unknown">;
  /** What became of the message is written down elsewhere. */
  forget(messageId: MessageId): Promise<void>;
}
