import type { DeviceId } from "../ids.ts";
import type { InboxKey, InboxMessage } from "./inbox.ts";

/** A page of the past that the phone has announced, and that is not taken in yet. */
export interface HistoryPage {
  readonly deviceId: DeviceId;
  /** WhatsApp's id of the message that announced it. */
  readonly messageId: string;
  /** The encoded `HistorySyncNotification` (WhatsApp protobuf): the page itself, or where its file is. */
  readonly payload: Uint8Array;
  readonly cameAt: number;
}

/** How messages of the past are filed. */
export interface Filing {
  /** When the phone handed them over, epoch ms: they are kept as long as a message that came then. */
  readonly at: number;
  /** They are to be told as events. */
  readonly tell: boolean;
}

/** What phones hand over of the past: pages on their way into the inbox, and messages on their way to subscribers. */
export interface History {
  /** Writes pages of one device down. Durable when resolved; the same page twice is one. */
  addPages(pages: readonly HistoryPage[]): Promise<void>;
  /** A device's pages, in the order in which they came. */
  pages(deviceId: DeviceId, limit: number): Promise<readonly HistoryPage[]>;
  /** A page is taken in. */
  removePage(deviceId: DeviceId, messageId: string): Promise<void>;
  /**
   * Files messages of one device in its inbox. A known one stays as it is, but content takes the place of its
   * placeholder.
   * @returns How many of them were not known.
   */
  file(messages: readonly InboxMessage[], filing: Filing): Promise<number>;
  /** Filed messages that are still to be told: chat by chat, the oldest first. */
  untold(deviceId: DeviceId, limit: number): Promise<readonly InboxMessage[]>;
  /** Marks filed messages as told. */
  told(deviceId: DeviceId, messages: readonly InboxKey[]): Promise<void>;
}
