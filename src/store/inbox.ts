import type { DeviceId } from "../ids.ts";

/**
 * One message of a device's chats as WhatsApp encodes it: the journal that is written before the delivery receipt
 * leaves, and what quotes, media downloads, retries and history are served from.
 */
export interface InboxMessage {
  readonly deviceId: DeviceId;
  /** WhatsApp's id of the message; unique per chat. */
  readonly messageId: string;
  readonly chat: string;
  /** Author's jid; null for our own. */
  readonly sender: string | null;
  readonly fromMe: boolean;
  /** The encoded `WebMessageInfo` (WhatsApp protobuf). */
  readonly payload: Uint8Array;
  readonly sentAt: number;
}

export interface Inbox {
  /** Writes a message that is not published yet. Durable when resolved; the same message twice is one. */
  journal(message: InboxMessage): Promise<void>;
  /** Keeps a message that needs no publishing (our own, history). A known one is left as it is. */
  keep(messages: readonly InboxMessage[]): Promise<void>;
  /** Marks journaled messages as published. */
  published(deviceId: DeviceId, messages: readonly { chat: string; messageId: string }[]): Promise<void>;
  /** What was journaled but never published (a crash in between), oldest first. */
  unpublished(deviceId: DeviceId, limit: number): Promise<readonly InboxMessage[]>;
  get(deviceId: DeviceId, messageId: string, chat?: string): Promise<InboxMessage | undefined>;
  /** A chat's messages sent before `before` (epoch ms), newest first. */
  history(
    deviceId: DeviceId,
    chat: string,
    page: { readonly limit: number; readonly before?: number },
  ): Promise<readonly InboxMessage[]>;
  /** A device's conversations, the one with the newest message first. Costs as much as there are conversations. */
  chats(
    deviceId: DeviceId,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<readonly { readonly chat: string; readonly lastAt: number }[]>;
  /** Removes at most `limit` messages sent before `before`; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}
