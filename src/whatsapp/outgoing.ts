import type { ContactCard, MediaKind, Menu } from "../events/content.ts";
import type { Jid } from "../events/person.ts";

/** Names a message of a chat, for what refers to one. */
export interface MessageRef {
  readonly waMessageId: string;
  readonly fromMe: boolean;
  /** Its author, in a group. */
  readonly participant?: Jid;
}

/** How a file is shown. */
export interface MediaOptions {
  /** The recipient can open it only once. Images, videos, audio and voice notes. */
  readonly viewOnce?: boolean;
  /** A video that plays by itself, over and over, without sound. */
  readonly gifPlayback?: boolean;
}

/**
 * What a new message can hold, from the request to the socket. The stages differ in how a file is named (`File`) and
 * in what a contact is made of (`Card`).
 */
export type Outgoing<File, Card> =
  | { readonly kind: "text"; readonly text: string }
  | File & MediaOptions & {
    readonly caption?: string;
    readonly fileName?: string;
    readonly seconds?: number;
  }
  | {
    readonly kind: "location";
    readonly latitude: number;
    readonly longitude: number;
    readonly name?: string;
    readonly address?: string;
  }
  | { readonly kind: "contact"; readonly contacts: readonly Card[] }
  | {
    readonly kind: "poll";
    readonly question: string;
    readonly options: readonly string[];
    readonly selectableCount: number;
    readonly menu?: Menu;
  }
  /** Another message of the device's chats, as it is: WhatsApp's id, in a request also our own of one that we sent. */
  | { readonly kind: "forward"; readonly messageId: string };

/** A file on this machine: it is streamed, never held in memory. */
export interface LocalFile {
  readonly kind: MediaKind;
  readonly path: string;
  readonly mimeType: string;
}

/** What a session sends: new messages, and what refers to one. */
export type OutgoingContent =
  | Outgoing<LocalFile, ContactCard>
  | { readonly kind: "reaction"; readonly target: MessageRef; readonly emoji: string }
  | { readonly kind: "edit"; readonly target: MessageRef; readonly text: string }
  | { readonly kind: "delete"; readonly target: MessageRef };
