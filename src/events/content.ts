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

/** What surrounds the content of a message. */
export interface MessageContext {
  readonly quoted?: Quoted;
  readonly mentions?: readonly Jid[];
  readonly forwarded?: boolean;
  readonly viewOnce?: boolean;
  /** Disappearing after this many seconds. */
  readonly expiresInSeconds?: number;
}

/** The words of a message: its text or its caption; undefined when it has none. */
export function wordsOf(content: Content): string | undefined {
  switch (content.kind) {
    case "text":
    case "reply":
    case "template":
      return content.text;
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
  return content.kind === "text" || content.kind === "reply" || content.kind === "template"
    ? content.text
    : undefined;
}
