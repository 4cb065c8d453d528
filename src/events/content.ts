import type { Jid, Person } from "./person.ts";

export type MediaKind = "image" | "video" | "audio" | "voice" | "document" | "sticker";

/** What is known of a file without fetching it. The keys that decrypt it never leave the store. */
export interface MediaDescriptor {
  /** Names the file on `GET /v1/devices/:id/media/:mediaId`. */
  readonly mediaId: string;
  readonly mimeType: string;
  readonly sizeBytes?: number;
  readonly fileName?: string;
  readonly seconds?: number;
  readonly width?: number;
  readonly height?: number;
  readonly pages?: number;
  readonly animated?: boolean;
  /** SHA-256 of the decrypted file, hex. */
  readonly sha256?: string;
  /** Where another system keeps the file, for messages that it reported. */
  readonly url?: string;
}

export interface ContactCard {
  readonly displayName: string;
  readonly vcard: string;
}

/** What a message says. `unknown` names the raw kind, so that nothing that arrives is lost. */
export type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: MediaKind; readonly media: MediaDescriptor; readonly caption?: string }
  | {
    readonly kind: "location";
    readonly latitude: number;
    readonly longitude: number;
    readonly name?: string;
    readonly address?: string;
    readonly live?: boolean;
  }
  | { readonly kind: "contact"; readonly contacts: readonly ContactCard[] }
  | {
    readonly kind: "poll";
    readonly question: string;
    readonly options: readonly string[];
    readonly selectableCount: number;
  }
  /** An answer to a poll. `options` is null when the poll is not known and the vote stays sealed. */
  | { readonly kind: "poll_vote"; readonly pollMessageId: string; readonly options: readonly string[] | null }
  /** Something to come to. Times in epoch ms. */
  | {
    readonly kind: "event";
    readonly name: string;
    readonly startsAt: number;
    readonly endsAt?: number;
    readonly description?: string;
    /** Where it is: a name, an address, or both. */
    readonly place?: string;
    /** Of the call that it is. */
    readonly link?: string;
    readonly canceled?: boolean;
  }
  /** An answer to an event. `response` is null when the event is not known and the answer stays sealed. */
  | {
    readonly kind: "event_response";
    readonly eventMessageId: string;
    readonly response: "going" | "not_going" | "maybe" | null;
    readonly extraGuests?: number;
  }
  /** An invitation into a group, for who cannot be added. */
  | {
    readonly kind: "group_invite";
    readonly group: Jid;
    readonly name: string;
    readonly code: string;
    readonly expiresAt?: number;
    readonly text?: string;
  }
  /** Something out of a catalogue. Prices in the currency's own unit, such as rupiah. */
  | {
    readonly kind: "product";
    readonly productId: string;
    readonly title: string;
    readonly description?: string;
    readonly price?: number;
    readonly currency?: string;
    readonly url?: string;
    readonly seller?: Jid;
    readonly text?: string;
  }
  /** A cart that somebody sends to a shop. */
  | {
    readonly kind: "order";
    readonly orderId: string;
    readonly itemCount: number;
    readonly title?: string;
    readonly total?: number;
    readonly currency?: string;
    readonly seller?: Jid;
    readonly text?: string;
  }
  /** Another message was pinned in the chat, or is not any more. */
  | { readonly kind: "pin"; readonly pinnedMessageId: string; readonly pinned: boolean }
  /** A tap on a button, a list row or a template button. */
  | { readonly kind: "reply"; readonly text: string; readonly replyId?: string }
  | { readonly kind: "template"; readonly name: string; readonly text?: string }
  | { readonly kind: "unknown"; readonly rawType: string };

export type ContentKind = Content["kind"];

/** The message that another one answers. */
export interface Quoted {
  readonly messageId: string;
  readonly from: Person | null;
  /** Its text or caption, as far as the answer carries it. */
  readonly text?: string;
}

/** The advertisement that made somebody write, in the words of WhatsApp's Cloud API. */
export interface Referral {
  readonly sourceUrl?: string;
  readonly sourceId?: string;
  /** `ad` or `post`. */
  readonly sourceType?: string;
  readonly headline?: string;
  readonly body?: string;
  readonly mediaUrl?: string;
  readonly thumbnailUrl?: string;
  /** Click id, which Meta's Conversions API takes. */
  readonly ctwaClid?: string;
}

/** What surrounds the content of a message. */
export interface MessageContext {
  readonly quoted?: Quoted;
  readonly mentions?: readonly Jid[];
  readonly forwarded?: boolean;
  /** WhatsApp's id of the message that this one sends on. Only of our own. */
  readonly forwardedId?: string;
  readonly viewOnce?: boolean;
  /** Disappearing after this many seconds. */
  readonly expiresInSeconds?: number;
  readonly referral?: Referral;
}

/** The words of a message: its text or its caption; undefined when it has none. */
export function wordsOf(content: Content): string | undefined {
  switch (content.kind) {
    case "text":
    case "reply":
    case "template":
    case "group_invite":
    case "order":
      return content.text;
    case "product":
      return content.text ?? content.title;
    case "event":
      return content.name;
    case "image":
    case "video":
    case "audio":
    case "voice":
    case "document":
    case "sticker":
      return content.caption;
    case "poll":
      return content.question;
    default:
      return undefined;
  }
}

/** The file of a message that has one. */
export function mediaOf(content: Content): MediaDescriptor | undefined {
  return "media" in content ? content.media : undefined;
}

/** The caption of a message that has one. */
export function captionOf(content: Content): string | undefined {
  return "media" in content ? content.caption : undefined;
}

/** What somebody wrote or tapped, without captions. */
export function textOf(content: Content): string | undefined {
  switch (content.kind) {
    case "text":
    case "reply":
    case "template":
    case "group_invite":
    case "product":
    case "order":
      return content.text;
    default:
      return undefined;
  }
}
