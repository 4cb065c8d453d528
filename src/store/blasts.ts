import type { DeviceId, MessageId, TenantId } from "../ids.ts";
import type { FailureReason, OutgoingMessage, Receipt } from "./messages.ts";

/**
 * `accepting`: its recipients are still being stored; `scheduled`: its time has not come; `paused`: by its owner, or
 * by itself (then `reason` says why); `completed`: nothing is left to send.
 */
export type BlastStatus = "accepting" | "scheduled" | "running" | "paused" | "completed" | "cancelled";

/** Why messages failed that were not sent when their blast was cancelled. */
export const CANCELLED = "The blast was cancelled before this message was sent";

/** Blasts whose messages may be queued again. */
export const SENDS_AGAIN: ReadonlySet<BlastStatus> = new Set(["running", "paused", "completed"]);

/** Hours of the day in which a blast may send, `HH:MM`. `from` after `to` spans midnight. */
export interface SendingWindow {
  readonly from: string;
  readonly to: string;
  /** An IANA name, such as `Asia/Jakarta`. */
  readonly timeZone: string;
}

/** How fast each device of a blast sends. Null: no bound. */
export interface Pace {
  /** The pause between two messages of a device is drawn between these two. */
  readonly minGapMs: number;
  readonly maxGapMs: number;
  readonly perHour: number | null;
  readonly perDay: number | null;
  readonly window: SendingWindow | null;
}

/** Many messages from one request, sent one after another. Its recipients are messages with its id. */
export interface Blast {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly status: BlastStatus;
  readonly reason: string | null;
  readonly via: "qiscus" | "devices";
  readonly deviceIds: readonly DeviceId[];
  /** Why devices do not take part any more. */
  readonly stopped: Readonly<Record<DeviceId, string>>;
  readonly templateId: string | null;
  readonly templateName: string | null;
  readonly pace: Pace;
  /** Messages to send. */
  readonly total: number;
  /** Recipients that were in the list more than once. */
  readonly duplicates: number;
  readonly createdAt: number;
  /** When it was told to begin; null: at once. */
  readonly scheduledAt: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly updatedAt: number;
}

export type BlastChange = Partial<
  Pick<
    Blast,
    "status" | "reason" | "stopped" | "total" | "duplicates" | "startedAt" | "finishedAt"
  >
>;

/**
 * Why a blast was paused, or went on. `person`: somebody asked for it; `device`: a device cannot send; `whatsapp`:
 * WhatsApp restricts a device; `provider`: Qiscus takes no messages; `suspension`: the tenant is suspended.
 */
export type TurnCause = "person" | "device" | "whatsapp" | "provider" | "suspension";

/** As many turns of a blast are kept, the newest ones. */
export const MOST_TURNS = 100;

/**
 * A moment at which the sending of a blast stopped or went on. `device_stopped`: it goes on without that device;
 * `again`: it was completed, and sends again to those who failed.
 */
export interface BlastTurn {
  readonly at: number;
  readonly what: "paused" | "resumed" | "cancelled" | "device_stopped" | "again";
  readonly cause: TurnCause;
  /** The id of a named key, or where else somebody asked for it; null: the gateway did it. */
  readonly by: "own_key" | "dashboard" | "operator" | string | null;
  readonly deviceId: DeviceId | null;
  /** The gateway's reason, for people. */
  readonly reason: string | null;
}

/** What is changed of a blast, and the turn that this is; without one nothing stops or goes on. */
export type BlastDecision = BlastChange & { readonly turn?: Omit<BlastTurn, "at"> };

/** A request for a blast that is to be met once, however often it is made. */
export interface BlastRequest {
  readonly idempotencyKey: string;
  /** Equal for requests that say the same. */
  readonly digest: string;
}

/** What whoever asked for a blast is told besides what the blast itself says. */
export interface BlastAnswer {
  /** The messages' ids, at most 10,000. */
  readonly messageIds: readonly MessageId[];
  /** Addresses that came more than once, at most 100. */
  readonly duplicates: readonly string[];
  /** Whether the template is one that Qiscus knows. */
  readonly qiscusEnabled: boolean;
  /** Recipients whose number is a guess, at most 100; undefined: there is none. */
  readonly normalized?: readonly NormalizedRecipient[];
}

/** A recipient's number that was read in one of the ways in which it can be meant. */
export interface NormalizedRecipient {
  /** Place in the list, from 0. */
  readonly index: number;
  readonly from: string;
  /** Digits, or a jid. */
  readonly to: string;
}

/** A message of a blast, and what is sent to the provider for it besides the address. */
export interface BlastMessage {
  readonly message: OutgoingMessage;
  /** Null: the message's content says it all. */
  readonly payload: string | null;
}

/** How many messages of a blast stand where. */
export interface BlastCounts {
  readonly queued: number;
  readonly processing: number;
  /** Those of `processing` that nobody has confirmed taking over. */
  readonly unconfirmed: number;
  readonly sent: number;
  readonly failed: number;
  /** How many of `sent` got so far, each counted once. */
  readonly receipts: Readonly<Record<Receipt, number>>;
  /** The most frequent reasons of `failed`. */
  readonly failures: readonly {
    readonly reason: string;
    /** The reason as a word; null where the provider alone knows. */
    readonly word: FailureReason | null;
    readonly count: number;
  }[];
}

/** How a blast went, for charts. */
export interface BlastActivity {
  /** `at`: when the minute began, epoch ms. */
  readonly minutes: readonly { readonly at: number; readonly sent: number; readonly failed: number }[];
  /** Null: through Qiscus, or not taken in hand by a device. */
  readonly devices: readonly {
    readonly deviceId: DeviceId | null;
    readonly sent: number;
    readonly failed: number;
  }[];
}

/** What the people of a blast did after their messages. */
export interface BlastReplies {
  /** Wrote back, whatever it was. */
  readonly replied: number;
  /** Asked by a message of theirs for no more blasts. */
  readonly optedOut: number;
}

export interface Blasts {
  /**
   * Who answered after their message of this blast was sent. Costs a look at the conversation of each whose message was
   * sent.
   */
  replies(id: string): Promise<BlastReplies>;
  /**
   * @param request Kept as long as the blast is.
   * @throws {ConflictError} If the tenant's key was used before.
   */
  create(blast: Blast, request?: BlastRequest): Promise<void>;
  /** All of it is stored: it begins, now or later. `answer` is kept with the request, if it is one to be met once. */
  accept(
    id: string,
    change: Pick<Blast, "status" | "total" | "duplicates" | "startedAt">,
    answer: BlastAnswer,
    now: number,
  ): Promise<Blast | undefined>;
  get(id: string): Promise<Blast | undefined>;
  /**
   * A tenant's blasts whose ids begin so, those made last first. Of all tenants' only the newest
   * 500 are looked at: a short beginning finds little.
   */
  beginning(tenantId: TenantId, prefix: string, limit: number): Promise<readonly Blast[]>;
  /** What was asked for under this key; `answer` is null until all of it is stored. */
  byIdempotencyKey(
    tenantId: TenantId,
    key: string,
  ): Promise<
    { readonly blast: Blast; readonly digest: string; readonly answer: BlastAnswer | null } | undefined
  >;
  /** The scheduled blast whose time comes first. */
  nextScheduled(): Promise<{ readonly id: string; readonly at: number } | undefined>;
  /** Newest first. */
  list(
    tenantId: TenantId,
    page: { readonly limit: number; readonly offset?: number },
  ): Promise<readonly Blast[]>;
  /** Those in these statuses, oldest first. */
  inStatus(statuses: readonly BlastStatus[]): Promise<readonly Blast[]>;
  /** As `Messages.change`; keeps the turn. */
  change(
    id: string,
    decide: (blast: Blast) => BlastDecision | null,
    now: number,
  ): Promise<{ readonly blast: Blast; readonly changed: boolean } | undefined>;

  /**
   * Stores messages of one blast. One to an address that the blast has already, in whatever spelling of the number,
   * is left out.
   * @returns The ids of those that were stored.
   */
  add(messages: readonly BlastMessage[]): Promise<ReadonlySet<MessageId>>;
  /** Removes at most `limit` blasts that ended before `before` and whose messages are gone. */
  prune(before: number, limit: number): Promise<number>;
  /** Removes a blast with its messages: one that never began. */
  discard(id: string): Promise<void>;
  /**
   * Takes the next queued message of a running blast in hand: it is `processing` when this resolves, under the id that
   * is given for it. None is, once the blast was stopped, by whomever.
   * `noted`: it is noted among the departures that it has not left.
   */
  claim(
    id: string,
    by: {
      readonly deviceId: DeviceId | null;
      readonly waMessageId: string | null;
      readonly noted?: boolean;
      readonly now: number;
    },
  ): Promise<BlastMessage | undefined>;
  /** Messages in hand whose fate the store does not tell, oldest first. */
  inHand(id: string, limit: number, after?: MessageId): Promise<readonly BlastMessage[]>;
  /** Some message is in hand, at whichever gateway, and not given up as unconfirmed. */
  hasInHand(id: string): Promise<boolean>;
  /**
   * Puts a message that was in hand back into the queue. It was not sent; or it may have been (`tried`): then it keeps
   * its device and its WhatsApp id, and has them again when that device claims it. Of a blast that was cancelled
   * meanwhile it has failed.
   */
  putBack(messageId: MessageId, now: number, fate?: { readonly tried: boolean }): Promise<void>;
  /** Marks queued messages failed for this reason, at most `limit`; returns how many. */
  giveUp(id: string, reason: string, now: number, limit: number): Promise<number>;
  /**
   * Queues messages that failed again, unless WhatsApp took them after all; a blast that was completed runs again.
   * None is, of a blast that was cancelled or has not begun.
   * @param by Who asks, as in a turn.
   */
  queueAgain(
    id: string,
    messageIds: readonly MessageId[],
    now: number,
    by: BlastTurn["by"],
  ): Promise<{ readonly blast: Blast; readonly queued: readonly MessageId[] } | undefined>;
  /** When and why it was paused and went on, oldest first: the latest `MOST_TURNS`. */
  turns(id: string): Promise<readonly BlastTurn[]>;
  /** Completes a running blast of which nothing is queued; undefined: it is none, or something is. */
  complete(id: string, now: number): Promise<Blast | undefined>;
  counts(id: string): Promise<BlastCounts>;
  /** What was sent and what failed, in the last `limit` minutes in which something was, oldest first; and by device. */
  activity(id: string, limit: number): Promise<BlastActivity>;
  /** How many messages of blasts a device took in hand since, to five minutes. */
  claimedSince(deviceId: DeviceId, since: number): Promise<number>;
}
