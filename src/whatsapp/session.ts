import type { DisconnectReason, EventDraft } from "../events/event.ts";
import type { Chat, Jid, Person } from "../events/person.ts";
import type { DeviceId } from "../ids.ts";
import type { ResolvedProxy } from "../net/proxy.ts";
import type { ChatRead } from "../store/chat_reads.ts";
import type { FailureReason } from "../store/messages.ts";
import type { Actions } from "./actions.ts";
import type { OutgoingContent } from "./outgoing.ts";

/**
 * Why a connection ended. `final` ones are not tried again: the owner has to act, and `message` says how.
 */
export interface SessionEnd {
  readonly reason: DisconnectReason;
  readonly final: boolean;
  /** WhatsApp's status code, where there was one. */
  readonly code: number | null;
  readonly message: string;
  /** WhatsApp refused the login: when it does so again and again, it is for good. */
  readonly refused?: true;
  /** The device's proxy did not let it through; the message says why. */
  readonly proxyFailed?: true;
  /** It is not worth trying before, epoch ms. */
  readonly until?: number;
}

/** A receipt of one of our messages, before it is matched with what we stored. */
export interface SessionReceipt {
  readonly waMessageId: string;
  readonly chat: Chat;
  readonly status: "sent" | "delivered" | "read" | "played" | "failed";
  readonly at: number;
  readonly participant?: Person;
  readonly reason?: { readonly code: number | null; readonly message: string };
}

/** What a phone has handed over of the past. */
export interface PastAnswer {
  /** What `askHistory` gave; null: it came by itself. */
  readonly requestId: string | null;
  /** How many messages there were, and how many of them were not known. */
  readonly messages: number;
  readonly added: number;
  readonly oldest: { readonly messageId: string; readonly sentAt: number } | null;
  /** The phone has nothing older of these conversations. */
  readonly isComplete: boolean;
}

/** Which of its pairing's QR codes one is: WhatsApp gives all of them when the pairing begins. */
export interface QrPlace {
  /** From 1. */
  readonly number: number;
  /** Null: it is not known how many there are. */
  readonly total: number | null;
}

/**
 * What a session reports. Plain data only: sessions will run in workers. Every report that must not be lost is
 * acknowledged: the session holds back what it owes WhatsApp until the returned promise resolves.
 */
export interface SessionEvents {
  qr(code: string, expiresAt: number, place: QrPlace): void;
  connecting(): void;
  /** The phone has linked the device; WhatsApp ends this connection next, with reason `restart_required`. */
  paired(): void;
  /** WhatsApp knows the device and lets it in; `connected` follows when it is ready. */
  authenticated(): void;
  connected(me: { readonly jid: Jid; readonly lid: Jid | null; readonly pushName: string | null }): void;
  ended(end: SessionEnd): void;
  /** Something happened in a chat, a group, a call. Resolves when it is stored. */
  happened(drafts: readonly SessionDraft[]): Promise<void>;
  receipts(receipts: readonly SessionReceipt[]): Promise<void>;
  /** Chats were read: here, on the phone or on another linked device. Resolves when that is stored. */
  chatsRead(reads: readonly ChatRead[]): Promise<void>;
  /** A page of the past is filed in the inbox. Resolves when that is taken note of; it may be told twice. */
  pastCame(answer: PastAnswer): Promise<void>;
}

type WithoutOwner<T> = T extends unknown ? Omit<T, "tenantId" | "device"> : never;
/** An event of the session's device; whose it is, is known to who listens. */
export type SessionDraft = WithoutOwner<EventDraft>;

/** What `send` was told. */
export type SendOutcome =
  | {
    readonly ok: true;
    readonly acceptedAt: number;
    /** Where it went, when WhatsApp knows the recipient by another number than the one that was asked for. */
    readonly to?: Jid;
  }
  | {
    readonly ok: false;
    readonly code: number | null;
    readonly message: string;
    readonly reason?: FailureReason;
    readonly retryable: boolean;
  };

/** A connection of one device to WhatsApp. One object lives from `open` to its `ended` event. */
export interface Session extends Actions {
  readonly deviceId: DeviceId;
  /** Asks WhatsApp for an 8-character code to type into the phone. `phone` is digits only. */
  pairingCode(phone: string): Promise<string>;
  /**
   * Sends one message under an id chosen before and waits for the server's answer, at most `timeoutMs`. Nothing of it
   * leaves before what the store was asked to write before the call is on disk.
   * A failed send is a value, never an exception.
   */
  send(
    message: {
      readonly waMessageId: string;
      readonly to: Jid;
      readonly content: OutgoingContent;
      readonly quotedId?: string;
      readonly mentions?: readonly Jid[];
      /** Everybody in the group is meant. */
      readonly mentionsAll?: boolean;
    },
    options: { readonly timeoutMs: number },
  ): Promise<SendOutcome>;
  /** Resolves when every message that was told so far is in the inbox. */
  journaled(): Promise<void>;
  /** Removes this device from the phone's list, then ends. */
  logout(): Promise<void>;
  /** Closes the connection and ends with reason `stopped`. */
  stop(): Promise<void>;
}

export interface OpenOptions {
  /** Introduces itself to WhatsApp as a plain browser: some phones refuse pairing codes of any other name. */
  readonly plainName?: boolean;
  /** Everything goes through it, or nothing does: there is no direct connection instead. */
  readonly proxy?: ResolvedProxy;
}

/** Opens sessions. The one seam behind which Baileys lives. */
export interface Sessions {
  open(deviceId: DeviceId, events: SessionEvents, options?: OpenOptions): Promise<Session>;
}
