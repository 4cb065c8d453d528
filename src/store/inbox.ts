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
  /** The message was announced, or could not be opened: its content may still come, and then takes the row's place. */
  readonly placeholder?: true;
  /** The phone handed it over as history; it did not come by itself. */
  readonly fetched?: true;
  /** Phones do not count it as unread: it changes or answers another message without being one to read. */
  readonly quiet?: true;
}

/** Names a message of a device. */
export type InboxKey = Pick<InboxMessage, "chat" | "messageId">;

/** Where a page of a chat's history begins: before a time (epoch ms), or before one message of that time. */
export type HistoryEnd = number | { readonly sentAt: number; readonly messageId: string };

/** A conversation, and when its newest message was sent, epoch ms. */
export interface ChatAt {
  readonly chat: string;
  readonly lastAt: number;
}

export interface Inbox {
  /**
   * Writes messages of one device that are not published yet, all or none. Durable when resolved; the same message
   * twice is one, but content takes the place of its placeholder.
   */
  journal(messages: readonly InboxMessage[]): Promise<void>;
  /** Keeps a message that needs no publishing (our own, history). A known one is left as it is. */
  keep(messages: readonly InboxMessage[]): Promise<void>;
  /** Marks journaled messages as published; placeholders among them stay as they are. */
  published(deviceId: DeviceId, messages: readonly InboxKey[]): Promise<void>;
  /** What was journaled but never published (a crash in between), oldest first; no placeholders. */
  unpublished(deviceId: DeviceId, limit: number): Promise<readonly InboxMessage[]>;
  /** Placeholders of which nobody was told yet, oldest first. */
  awaited(deviceId: DeviceId, limit: number): Promise<readonly InboxMessage[]>;
  /** Marks placeholders as told: their content is not waited for any more, but still taken. */
  told(deviceId: DeviceId, messages: readonly InboxKey[]): Promise<void>;
  /** Without `chat`, the oldest with this id: a stranger who copies an id never comes first. */
  get(deviceId: DeviceId, messageId: string, chat?: string): Promise<InboxMessage | undefined>;
  /** Those with this id in whatever chat, oldest first: an id is unique per chat only, and its sender's choice. */
  named(deviceId: DeviceId, messageId: string): Promise<readonly InboxMessage[]>;
  /** Removes messages that were not what they claimed to be. */
  forget(deviceId: DeviceId, messages: readonly InboxKey[]): Promise<void>;
  /** Files the messages of a chat under another address of the same person. */
  refile(deviceId: DeviceId, from: string, to: string): Promise<void>;
  /** A chat's messages before `before`, newest first. */
  history(
    deviceId: DeviceId,
    chat: string,
    page: { readonly limit: number; readonly before?: HistoryEnd },
  ): Promise<readonly InboxMessage[]>;
  /** A chat's messages sent at `since` or later, oldest first. */
  oldest(
    deviceId: DeviceId,
    chat: string,
    page: { readonly limit: number; readonly since?: number },
  ): Promise<readonly InboxMessage[]>;
  /**
   * A device's conversations, the one with the newest message first. Costs as much as there are conversations.
   * @param page.after The last one of the page before: what moves up meanwhile makes no page skip any.
   */
  chats(
    deviceId: DeviceId,
    page: { readonly limit: number; readonly offset: number; readonly after?: ChatAt },
  ): Promise<readonly ChatAt[]>;
  /** Removes at most `limit` messages sent, or handed over as history, before `before`; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}
