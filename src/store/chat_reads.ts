import type { DeviceId } from "../ids.ts";

/** What is told of how far a conversation was read. */
export type ChatRead =
  /** These messages were read, and with them what came before. Unknown ones say nothing. */
  | {
    readonly what: "messages";
    readonly chat: string;
    /** The other address under which messages of the chat may be filed. */
    readonly lid?: string;
    readonly messageIds: readonly string[];
  }
  /** Everything that was sent until then was read, epoch ms. */
  | { readonly what: "until"; readonly chat: string; readonly at: number }
  /** The owner marked the chat as unread, to come back to it; whatever is read next ends that. */
  | { readonly what: "unread"; readonly chat: string };

/** What of a conversation is not read. */
export interface Unread {
  /** Messages that came in; no more than `MOST_UNREAD` are looked at. */
  readonly count: number;
  /** The owner marked it as unread. */
  readonly marked: boolean;
}

/** So many messages of a chat, the newest, are looked at when unread ones are counted. */
export const MOST_UNREAD = 100;

/**
 * How far the conversations of devices have been read: here, on the phone, or on another linked device. Nothing is
 * written for messages that come in: those that came after what was read last are counted when somebody asks.
 */
export interface ChatReads {
  /** Takes note, in the order given. Reading never goes back: older messages than those read last change nothing. */
  note(deviceId: DeviceId, reads: readonly ChatRead[]): Promise<void>;
  /**
   * What came in after the message that was read last, and after our own newest one. Not counted, as on phones:
   * reactions, edits, deletions, votes and pins; nor what the phone handed over as history, and what is announced while
   * its content is still waited for.
   * @returns Each of `chats`.
   */
  unread(deviceId: DeviceId, chats: readonly string[]): Promise<ReadonlyMap<string, Unread>>;
  /** Removes at most `limit` notes on chats whose messages from before `before` are gone; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}
