import type { DeviceId, EventId, TenantId, WebhookId } from "../ids.ts";
import type { Content, MessageContext, TargetAuthor } from "./content.ts";
import type { Chat, Jid, Person } from "./person.ts";

/** How far an outgoing message has come. `played` is a voice note or video that was listened to. */
export type ReceiptStatus = "sent" | "delivered" | "read" | "played" | "failed";

/** Why a device is not connected. */
export type DisconnectReason =
  | "logout"
  | "replaced"
  | "banned"
  | "auth_failure"
  | "pairing_expired"
  | "connection_lost"
  | "restart_required"
  | "stopped";

export type GroupChange =
  | { readonly what: "subject" | "description" | "invite_code"; readonly value: string }
  | { readonly what: "announce" | "locked" | "join_approval"; readonly value: boolean }
  /** Whether every member may add people, not only admins. */
  | { readonly what: "member_add"; readonly value: boolean }
  | { readonly what: "disappearing"; readonly value: number }
  /** WhatsApp has suspended the group, or takes that back. */
  | { readonly what: "suspended"; readonly value: boolean }
  /** A group of this address belongs to the same community from now on, or does not any more. */
  | { readonly what: "linked" | "unlinked"; readonly value: Jid }
  | { readonly what: "picture"; readonly value: null };

/**
 * Which kind of system an event came in through: a session of ours (`whatsapp`), Qiscus, or another WhatsApp server
 * (`universal`).
 */
export type EventSource = "whatsapp" | "qiscus" | "universal";

/** Any event's data can name its source. */
export interface Sourced {
  readonly source?: EventSource;
  /** Marks of the gateways that the event came through; left out: it came straight from its source. */
  readonly passed?: readonly string[];
}

/** Where something was said, and by which of our numbers it was seen. */
interface InChat {
  readonly chat: Chat;
  /** The device's own address: always, where the source knows it. */
  readonly me?: Jid;
}

/** What phones hand over of the past is told as such: nobody has said it just now. */
interface Backfillable {
  readonly backfilled?: true;
}

/** How an endpoint does, as other webhooks of its tenant are told. */
export interface EndpointHealth {
  readonly webhookId: WebhookId;
  readonly url: string;
  /** Failed requests in a row, of the gateway that saw the last one. */
  readonly failures: number;
  /** Epoch ms of the first of them; when it is over, of the trouble that was told. */
  readonly since: number;
  readonly lastError: string;
  readonly statusCode: number | null;
}

/** What somebody wrote about being sent blasts. */
interface OptWish {
  readonly contact: Person;
  readonly word: string;
  /** WhatsApp's id of the message. */
  readonly messageId: string;
  readonly at: number;
}

/**
 * Every fact that Kabar publishes, by its canonical type. Times are epoch milliseconds; payload formats
 * (`src/formats`) turn these into the shapes that subscribers know.
 */
export interface EventData {
  /** A message in a chat of the device: from somebody else, or typed by the owner on the phone (`fromMe`). */
  "message.received": InChat & Backfillable & MessageContext & {
    /** WhatsApp's id of the message. */
    readonly messageId: string;
    readonly from: Person;
    readonly fromMe: boolean;
    readonly sentAt: number;
    /** It came while the gateway was not connected and was handed over after login. */
    readonly offline: boolean;
    readonly content: Content;
  };
  /** A message that went out through the gateway and was accepted by WhatsApp (or by the provider). */
  "message.sent": InChat & MessageContext & {
    readonly messageId: string;
    readonly waMessageId: string;
    readonly content: Content;
    readonly sentAt: number;
  };
  /** A step in the life of an outgoing message. `messageId` is null when it was not sent through the gateway. */
  "message.status": InChat & {
    readonly messageId: string | null;
    readonly waMessageId: string | null;
    readonly status: ReceiptStatus;
    readonly statusAt: number;
    readonly deliveredAt?: number;
    readonly readAt?: number;
    /** Who, in a group. */
    readonly participant?: Person;
    /** Why it failed: the provider's code and a sentence. */
    readonly reason?: {
      readonly code: number | null;
      readonly message: string;
      /** The reason as a word, such as `not_on_whatsapp`. */
      readonly reason?: string;
    };
    /** How often sending was tried, for `failed`. */
    readonly attempts?: number;
    /** What the sender of the message gave along for its statuses. */
    readonly callbackData?: string;
  };
  /**
   * `content` is the whole new content. `author` is whose message it is, as the edit itself claims where the message
   * is not known: compare it with `from`.
   */
  "message.edited": InChat & Backfillable & MessageContext & TargetAuthor & {
    readonly messageId: string;
    readonly from: Person;
    readonly fromMe: boolean;
    readonly editedAt: number;
    readonly content: Content;
  };
  /** Deleted for everybody. `from` deleted it; `author` wrote it: somebody else when an admin deletes. */
  "message.deleted": InChat & Backfillable & TargetAuthor & {
    readonly messageId: string;
    readonly from: Person;
    readonly fromMe: boolean;
    readonly deletedAt: number;
  };
  "message.reaction": InChat & Backfillable & TargetAuthor & {
    /** The message that was reacted to. */
    readonly messageId: string;
    readonly from: Person;
    readonly fromMe: boolean;
    /** Empty when the reaction was taken back. */
    readonly emoji: string;
    readonly reactedAt: number;
  };

  /** `code` is the text to draw as a QR code. */
  "device.qr": { readonly code: string; readonly expiresAt: number };
  "device.connecting": { readonly percent?: number; readonly message?: string };
  "device.authenticated": Sourced;
  "device.connected": {
    /** Digits only; null when an external server did not tell. */
    readonly phoneNumber: string | null;
    readonly jid: Jid | null;
    readonly lid?: Jid;
    readonly name?: string;
  };
  "device.disconnected": {
    readonly reason: DisconnectReason;
    /** A sentence for people: what happened and what to do. */
    readonly message?: string;
    /** True when the gateway does not try again by itself. */
    readonly final: boolean;
  };
  /** It connects and drops again and again. */
  "device.unstable": { readonly disconnects: number; readonly withinMs: number; readonly message: string };
  /** It cannot connect through its proxy; there is no direct connection instead. Told once until it works again. */
  "device.proxy_failed": {
    /** Without user name and password. */
    readonly proxy: string;
    readonly message: string;
    readonly failedAt: number;
  };
  /** A state that an external server reported in its own word. */
  "device.state": { readonly state: string };

  "call.received": {
    readonly callId: string;
    /** The device's own address, as in messages. */
    readonly me?: Jid;
    readonly from: Person;
    readonly kind: "voice" | "video";
    readonly group?: Jid;
    readonly calledAt: number;
    readonly offline: boolean;
  };
  "call.ended": {
    readonly callId: string;
    readonly me?: Jid;
    readonly from: Person;
    readonly outcome: "accepted" | "rejected" | "missed" | "terminated";
    readonly endedAt: number;
  };

  "group.created": {
    readonly group: Jid;
    readonly subject: string;
    readonly participants: readonly Person[];
    readonly by: Person | null;
  };
  "group.join": {
    readonly group: Jid;
    readonly participants: readonly Person[];
    readonly by: Person | null;
  };
  /** Somebody left (`by` is themselves or null) or was removed (`by` is who did it). */
  "group.leave": {
    readonly group: Jid;
    readonly participants: readonly Person[];
    readonly by: Person | null;
  };
  "group.promote": {
    readonly group: Jid;
    readonly participants: readonly Person[];
    readonly by: Person | null;
  };
  "group.demote": {
    readonly group: Jid;
    readonly participants: readonly Person[];
    readonly by: Person | null;
  };
  "group.updated": { readonly group: Jid; readonly change: GroupChange; readonly by: Person | null };
  /** `reason` is WhatsApp's own word, when it gives one. */
  "group.deleted": { readonly group: Jid; readonly by: Person | null; readonly reason?: string };
  /** People ask to be let in (`requested`), take that back (`withdrawn`) or are refused (`rejected`, by an admin). */
  "group.join_request": {
    readonly group: Jid;
    readonly participants: readonly Person[];
    /** Who asked for them, or refused them; null when it was themselves or is not known. */
    readonly by: Person | null;
    readonly state: "requested" | "withdrawn" | "rejected";
    /** WhatsApp's word for the way: `invite_link`, `linked_group_join` or `non_admin_add`. */
    readonly method?: string;
  };

  "contact.updated": {
    readonly contact: Person;
    readonly name?: string;
    readonly pictureChanged?: boolean;
  };
  "presence.updated": InChat & {
    readonly person: Person;
    readonly presence: "available" | "unavailable" | "composing" | "recording" | "paused";
    readonly lastSeenAt?: number;
  };
  /** Somebody has changed how a chat between two people works; groups have `group.updated`. */
  "chat.updated": InChat & {
    /** WhatsApp's id of the message that says so. */
    readonly messageId: string;
    readonly from: Person;
    readonly fromMe: boolean;
    /** After so many seconds messages disappear; 0: they stay. */
    readonly change: { readonly what: "disappearing"; readonly value: number };
    readonly changedAt: number;
  };
  /** Somebody wants no more blasts, or wants them again: they wrote `word`, and nothing else. */
  "contact.opted_out": OptWish;
  "contact.opted_in": OptWish;
  /** A hidden identity turned out to be this phone number. */
  "identity.resolved": { readonly pn: Jid; readonly lid: Jid };

  /** A person changed the phone number: `person` is who they are now. The LID mostly stays. */
  "identity.changed": {
    readonly person: Person;
    /** Before; at least one address is another one than in `person`. */
    readonly previous: Person;
    /** Where it was told, if in a group. */
    readonly group?: Jid;
    readonly changedAt: number;
  };

  /** An external server sent the file of a message. */
  "media.received": {
    readonly messageId: string | null;
    readonly mimeType?: string;
    readonly fileName?: string;
    /** There when the file came along and is kept here for a day: its size. */
    readonly keptBytes?: number;
  };
  "media.uploaded": { readonly messageId: string | null };

  "webhook.test": { readonly message: string };
  "webhook.failing": EndpointHealth;
  "webhook.disabled": EndpointHealth;
  "webhook.recovered": EndpointHealth;
  /** More messages failed within an hour than the operator allows. */
  "alert.messages_failed": { readonly failed: number; readonly limit: number; readonly withinMs: number };
  /** An event that the operator made up: sent under this name, with this data, as it is. */
  "custom": { readonly name: string; readonly payload: unknown };
}

export type EventType = keyof EventData;

/** The device that an event is about. The alias is the name that an external system calls it by. */
export interface EventDevice {
  readonly id: DeviceId;
  readonly alias: string | null;
}

/** A device as a draft names it: `withOrigin` moves what it tells into the event's data. */
export interface DraftDevice extends EventDevice {
  /** The device's own address; null when it is not known. */
  readonly me?: Jid | null;
  readonly source?: EventSource;
  /** As `Sourced.passed`; needs `source`. */
  readonly passed?: readonly string[];
}

/** What a stored event and a draft have in common: all that decides how a payload format names it. */
export type EventFacts = {
  readonly [T in EventType]: {
    readonly type: T;
    readonly device: EventDevice | null;
    readonly data: EventData[T] & Sourced;
  };
}[EventType];

/** An event as a source reports it, before it is stored. */
export type EventDraft = {
  readonly [T in EventType]: {
    readonly type: T;
    readonly tenantId: TenantId;
    readonly device: DraftDevice | null;
    readonly data: EventData[T] & Sourced;
    /** Facts with the same key are one event; the first wins. Unique within the tenant. */
    readonly dedupeKey?: string;
    /** Only these webhooks get it, whatever they subscribe to. */
    readonly only?: readonly WebhookId[];
    /** What must be handled in order for a subscriber that asks for it; default: the chat, else the device. */
    readonly orderingKey?: string;
  };
}[EventType];

/** One immutable fact, as stored. */
export type KabarEvent = {
  readonly [T in EventType]: {
    /** Increasing in the store; gaps are possible. */
    readonly seq: number;
    /** Increasing by one within the tenant, so that a subscriber can see a gap. */
    readonly tenantSeq: number;
    readonly id: EventId;
    readonly type: T;
    readonly tenantId: TenantId;
    readonly device: EventDevice | null;
    /** When the gateway recorded it, epoch ms. */
    readonly at: number;
    readonly data: EventData[T] & Sourced;
  };
}[EventType];

export type EventOf<T extends EventType> = Extract<KabarEvent, { type: T }>;
