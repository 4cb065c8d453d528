import type { Jid, Person } from "./person.ts";

export type MediaKind = "image" | "video" | "audio" | "voice" | "document" | "sticker";

/** A menu goes out as a poll, the one that every phone can answer. Its sender knows the options by these ids. */
export interface Menu {
  readonly kind: "buttons" | "list";
  readonly ids: readonly string[];
}

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
  /** False: nobody here keeps the file, as another system told of it without its bytes. */
  readonly kept?: false;
}

export interface ContactCard {
  readonly displayName: string;
  readonly vcard: string;
}

/** What a button of a business message does when it is tapped, or a row of its list. */
export interface MessageButton {
  /** `reply` sends an answer; `copy` hands out a code, such as a one-time password; `row` is a row of a list. */
  readonly kind: "reply" | "url" | "call" | "copy" | "row" | "other";
  readonly text: string;
  /** What comes back as `replyId` when it is tapped. */
  readonly id?: string;
  readonly url?: string;
  readonly phoneNumber?: string;
  /** The code that `copy` puts into the clipboard. */
  readonly code?: string;
  readonly description?: string;
}

/** The answers to a form. */
export interface FlowAnswer {
  /** Such as `galaxy_message` or `address_message`. */
  readonly name: string;
  /** The parsed JSON of the answers; the text as it came when it is not JSON. */
  readonly params: unknown;
}

/** The message that another one changes or answers, as far as the source knows whose it is. */
export interface TargetAuthor {
  /** Who wrote it. */
  readonly author?: Person;
  /** Whether it is one of ours. */
  readonly targetFromMe?: boolean;
}

/**
 * Why the content of a message is not known: shown once on the phone only (`view_once`), handled by a business' own
 * server (`hosted`) or a bot (`bot`), kept from linked devices as codes to log in with are (`masked`), the phone did
 * not hand it over (`phone_silent`), too old to be asked for (`too_old`), or it could not be decrypted or decoded
 * (`unreadable`). Somebody has to look at the phone.
 */
export type UnknownReason =
  | "view_once"
  | "hosted"
  | "bot"
  | "masked"
  | "phone_silent"
  | "too_old"
  | "unreadable";

/** What somebody ordered of one product. */
export interface OrderLine {
  /** The shop's own id of the product. */
  readonly id: string;
  readonly quantity: number;
  /** Of one, in the currency's own unit. */
  readonly price?: number;
  /** Three letters, such as IDR. */
  readonly currency?: string;
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
    /** Of a poll that stands for a menu: what its sender knows the options by, in their order. */
    readonly menu?: Menu;
  }
  /**
   * An answer to a poll. `options` is null when the poll is not known and the vote stays sealed, and empty only when
   * the vote was taken back: options that are not known, such as those that were added later, are counted.
   */
  | TargetAuthor & {
    readonly kind: "poll_vote";
    readonly pollMessageId: string;
    readonly options: readonly string[] | null;
    /** Places of `options` in the poll, from 0, in the same order. */
    readonly optionIndexes?: readonly number[];
    /** Of an answer to a menu of ours: what its sender knows `options` by, in the same order. */
    readonly chosen?: Menu;
    readonly unknownOptions?: number;
  }
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
  | TargetAuthor & {
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
    /** With it and the id WhatsApp hands out the lines of the order. */
    readonly token?: string;
    /** Where its source tells them. */
    readonly lines?: readonly OrderLine[];
    /** The catalogue that the lines are from. */
    readonly catalogId?: string;
  }
  /** Another message was pinned in the chat, or is not any more. */
  | TargetAuthor & { readonly kind: "pin"; readonly pinnedMessageId: string; readonly pinned: boolean }
  /** A tap on a button, a list row or a template button, or the answers to a form (`flow`). */
  | {
    readonly kind: "reply";
    readonly text: string;
    readonly replyId?: string;
    readonly flow?: FlowAnswer;
  }
  /** A message of a business: `text` is its body. `name` is empty where WhatsApp tells none. */
  | {
    readonly kind: "template";
    readonly name: string;
    readonly text?: string;
    readonly header?: string;
    readonly footer?: string;
    /** The file in its header. */
    readonly media?: MediaDescriptor;
    readonly buttons?: readonly MessageButton[];
  }
  /** `text` holds whatever words are in it; `reason` is given when the content itself did not come. */
  | {
    readonly kind: "unknown";
    readonly rawType: string;
    readonly text?: string;
    readonly reason?: UnknownReason;
  };

export type ContentKind = Content["kind"];

/** The message that another one answers. */
export interface Quoted {
  readonly messageId: string;
  readonly from: Person | null;
  /** Its text or caption, as far as the answer carries it. */
  readonly text?: string;
  readonly kind?: ContentKind;
  /** Where it stands, when that is another chat: an answer to a status, or in private to a message of a group. */
  readonly chatId?: Jid;
}

/** The file or message that this one belongs to. */
export interface Association {
  /**
   * `hd`: the same photo or video in high definition, a second message for one file. `motion`: the video of a motion
   * photo. `album`: one of the files of an album.
   */
  readonly kind: "hd" | "motion" | "album";
  /** WhatsApp's id of the first copy, the photo, or the album. */
  readonly messageId: string;
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
  /** The LIDs of `mentions` in the same order, null where one is not known: a text may name people by these. */
  readonly mentionLids?: readonly (Jid | null)[];
  /** Everybody in the group is meant ("@all"). */
  readonly mentionsAll?: boolean;
  /** Groups that are mentioned, as in communities. */
  readonly groupMentions?: readonly { readonly group: Jid; readonly subject: string }[];
  readonly forwarded?: boolean;
  /** WhatsApp's id of the message that this one sends on. Only of our own. */
  readonly forwardedId?: string;
  /** What its sender wants to read in each status of it. Only of our own. */
  readonly callbackData?: string;
  readonly viewOnce?: boolean;
  /** Disappearing after this many seconds. */
  readonly expiresInSeconds?: number;
  readonly referral?: Referral;
  readonly association?: Association;
}

/** The words of a message: its text or its caption; undefined when it has none. */
export function wordsOf(content: Content): string | undefined {
  switch (content.kind) {
    case "text":
    case "reply":
    case "template":
    case "group_invite":
    case "order":
    case "unknown":
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
  return "caption" in content ? content.caption : undefined;
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
    case "unknown":
      return content.text;
    default:
      return undefined;
  }
}
