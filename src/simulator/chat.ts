// What contacts say and hear, and where.
import type { proto } from "@whiskeysockets/baileys";
import type { Contact } from "./contact.ts";
import type { Group } from "./group.ts";
import type { LinkedDevice } from "./linked_device.ts";
import type { BinaryNode } from "./nodes.ts";
import type { VirtualPhone } from "./phone.ts";

/** Where a contact writes: to a phone of the gateway, or into a group. */
export type Chat = VirtualPhone | Group;

export interface ContactOptions {
  /** How this person's own messages are addressed; current WhatsApp uses lids. */
  readonly addressing?: "lid" | "pn";
  readonly lid?: string;
}

/** A message that a contact got. */
export interface Received {
  readonly id: string;
  /** The address that the client used: phone-number jid, lid, or group. */
  readonly to: string;
  readonly from: VirtualPhone;
  readonly message: proto.IMessage;
  /** "pkmsg", "msg", "skmsg"; "phone" when the owner typed it on the phone itself. */
  readonly encType: string;
  readonly at: number;
  readonly device?: LinkedDevice;
  readonly node?: BinaryNode;
}

/** A message that is reacted to or quoted; `by` is its writer, the contact itself when left out. */
export interface Target {
  readonly id: string;
  readonly by?: VirtualPhone | Contact;
}

export interface SendOptions {
  readonly id?: string;
  readonly quoted?: Target;
  readonly mentions?: readonly (VirtualPhone | Contact)[];
  /** Damages the ciphertext, so that the client must ask for a retry. */
  readonly corrupt?: boolean;
  /** Unix seconds; now when left out. */
  readonly t?: number;
  readonly attrs?: Readonly<Record<string, string>>;
}

export type ReceiptKind = "delivered" | "read" | "played";

/** What a client said about messages that it got. */
export interface ReceiptSeen {
  readonly ids: readonly string[];
  readonly by: VirtualPhone;
  /** As in the stanza: "inactive" is delivered to a client that is not shown as online. */
  readonly type: string;
  readonly at: number;
}

/** Somebody on the network. */
export type Person = VirtualPhone | Contact;
