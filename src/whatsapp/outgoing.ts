import type { ContactCard, MediaKind } from "../events/content.ts";
import type { Jid } from "../events/person.ts";

/** Names a message of a chat, for what refers to one. */
export interface MessageRef {
  readonly waMessageId: string;
  readonly fromMe: boolean;
  /** Its author, in a group. */
  readonly participant?: Jid;
}

/** What can be sent. Files are named by a path on this machine: they are streamed, never held in memory. */
export type OutgoingContent =
  | { readonly kind: "text"; readonly text: string }
  | {
    readonly kind: MediaKind;
    readonly path: string;
    readonly mimeType: string;
    readonly caption?: string;
    readonly fileName?: string;
    readonly seconds?: number;
    /** The recipient can open it only once. Images, videos, audio and voice notes. */
    readonly viewOnce?: boolean;
    /** A video that plays by itself, over and over, without sound. */
    readonly gifPlayback?: boolean;
  }
  | {
    readonly kind: "location";
    readonly latitude: number;
    readonly longitude: number;
    readonly name?: string;
    readonly address?: string;
  }
  | { readonly kind: "contact"; readonly contacts: readonly ContactCard[] }
  | {
    readonly kind: "poll";
    readonly question: string;
    readonly options: readonly string[];
    readonly selectableCount: number;
  }
  /** Another message of the device's chats, as it is. */
  | { readonly kind: "forward"; readonly messageId: string }
  | { readonly kind: "reaction"; readonly target: MessageRef; readonly emoji: string }
  | { readonly kind: "edit"; readonly target: MessageRef; readonly text: string }
  | { readonly kind: "delete"; readonly target: MessageRef };
