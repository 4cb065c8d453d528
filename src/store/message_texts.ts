import type { DeviceId } from "../ids.ts";
import type { InboxMessage } from "./inbox.ts";

/** A message of the inbox with the number of its row: later rows have greater ones. */
export interface NumberedMessage {
  readonly number: number;
  readonly message: InboxMessage;
}

/** The words of a message, as `searchWords` gives them. */
export interface IndexedText {
  readonly number: number;
  readonly deviceId: DeviceId;
  /** Words between single spaces; empty for a message that says nothing. */
  readonly words: string;
  /** Whose message it is, by the name that it carried; null for our own and for those without. */
  readonly author: { readonly person: string; readonly name: string } | null;
  /** The message is of the past: a name that came by itself counts before its author's. */
  readonly past?: boolean;
}

/** What people call themselves, as their messages said it. */
export interface KnownName {
  /** The person's jid. */
  readonly person: string;
  readonly name: string;
}

/**
 * The full-text index over the inbox, and the names that messages carried. It follows the inbox: what is removed there
 * is removed here. Whoever searches brings it up to date first.
 */
export interface MessageTexts {
  /** Messages that are not in the index: those whose content came late, then new ones, then older ones. */
  unread(limit: number): Promise<readonly NumberedMessage[]>;
  /** Puts messages into the index. Those that were removed meanwhile are left out. */
  put(texts: readonly IndexedText[]): Promise<void>;
  /** A device's messages that have all words, each at least by its beginning; those that came last first. */
  find(
    deviceId: DeviceId,
    words: readonly string[],
    page: { readonly limit: number; readonly chat?: string; readonly before?: number },
  ): Promise<readonly NumberedMessage[]>;
  /** A device's people whose name holds a text, whatever its case; by name. */
  named(deviceId: DeviceId, text: string, limit: number): Promise<readonly KnownName[]>;
}
