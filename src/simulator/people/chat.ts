// Who is on the network, as they see each other: parties, their devices, chats; and what is said in those.
import type { proto } from "@whiskeysockets/baileys";
import type { BinaryNode } from "../wire/nodes.ts";
import type { PreKeyBundle } from "../wire/prekeys.ts";
import type { SignalPeer } from "../wire/signal_peer.ts";
import type { AppState } from "./app_state.ts";

/** The two addresses of somebody. */
export interface Addresses {
  readonly pnJid: string;
  readonly lidJid: string;
  /** Nobody is told the number: stanzas name the lid alone. */
  readonly isNumberHidden?: boolean;
}

/** Somebody with a phone number: reachable, addressed in two ways, able to encrypt. */
export interface Party extends Addresses {
  readonly number: string;
  readonly lid: string;
  readonly name: string;
  readonly signal: SignalPeer;
}

/** A linked device of a phone, as those see it who write to it. */
export interface Companion {
  readonly id: number;
  readonly jid: string;
  readonly lidJid: string;
  readonly phone: PhoneParty;
  takeBundle(): PreKeyBundle;
  /** Sends now, or at the next login. */
  deliver(stanza: BinaryNode): void;
  /** Sends only if the client is online. */
  sendLive(stanza: BinaryNode): void;
}

/** A phone number of the gateway. */
export interface PhoneParty extends Party {
  readonly kind: "phone";
  readonly appState: AppState;
  /** Chats that a device gets when it is linked. */
  readonly history: readonly HistoryChat[];
  readonly devices: ReadonlyMap<number, Companion>;
  unlink(device: Companion): void;
  /** Tells linked devices, but the one that made it, that a chat setting changed. */
  tellSettings(collection: string, except?: Companion): void;
  /** The phone itself gets every message, whatever its linked devices get. */
  keep(chat: string, message: KeptMessage): void;
  /** Sends from the phone to one of its own devices: keys, history. */
  sendPeer(device: Companion, message: proto.IMessage): Promise<void>;
}

/** A message of the past. */
export interface HistoryMessage {
  readonly text?: string;
  /** Instead of `text`: any content. */
  readonly message?: proto.IMessage;
  readonly fromMe?: boolean;
  /** Who wrote it, in a group. */
  readonly by?: Party;
  /** Unix seconds; an hour ago when left out. */
  readonly t?: number;
  readonly id?: string;
  /** How far it came, as in `WebMessageInfo`: 2 is sent, 3 delivered, 4 read. */
  readonly status?: number;
  /** As they stand in the message. */
  readonly reactions?: readonly proto.IReaction[];
}

/** A chat of the past, with anybody or a group; messages newest first. */
export interface HistoryChat {
  readonly with: (Addresses & { readonly name: string }) | (GroupChat & { readonly subject: string });
  readonly messages: readonly HistoryMessage[];
  readonly unread?: number;
  readonly isArchived?: boolean;
  readonly disappearAfterS?: number;
  /** The phone has no older messages of this chat. */
  readonly isComplete?: boolean;
}

/** A person whom phones write with. */
export interface ContactParty extends Party {
  readonly kind: "contact";
  /** Lets nobody add them to groups: they get an invitation instead. */
  readonly refusesGroups: boolean;
  readonly addressing: "lid" | "pn";
  /** The address of the chat with this person. */
  readonly jid: string;
  /** What this contact got, oldest first. */
  readonly inbox: readonly Received[];
  /** What this contact sent under an id. */
  sent(id: string): SentMessage | undefined;
  /** @returns The id of the message. */
  send(to: Chat, message: proto.IMessage, options?: SendOptions): Promise<string>;
  /** After how many seconds the messages of the chat with this phone disappear; 0 is never. */
  disappearAfterS(phone: PhoneParty): number;
  /** What this contact encrypts with: on the phone, which is device 0, or on a linked device. */
  signalOf(deviceId: number): SignalPeer;
  /** A message of a client that was encrypted for a whole group. */
  receiveShared(device: Companion, stanza: BinaryNode, enc: BinaryNode): Promise<void>;
  /**
   * A message that another phone sent: of a group that both are in, or typed by the owner of a phone of the gateway.
   */
  hear(from: Person, chat: { readonly jid: string }, id: string, message: proto.IMessage): void;
}

/** Somebody on the network. */
export type Person = PhoneParty | ContactParty;

/** A group, as its members see it. */
export interface GroupChat {
  readonly kind: "group";
  readonly jid: string;
  readonly addressing: "lid" | "pn";
  readonly contacts: readonly ContactParty[];
  readonly phones: readonly PhoneParty[];
  /** Every linked device of every member. */
  readonly devices: readonly Companion[];
  /** Messages disappear after so many seconds; 0 is never. */
  readonly disappearAfterS: number;
  /** How this member is addressed here. */
  jidOf(member: Party): string;
  /** The attributes that name the writer of a stanza in this group. */
  participantAttrs(member: Addresses): Record<string, string | undefined>;
  has(person: Person): boolean;
  /** @throws {GroupRefusal} If the server does not pass it on. */
  admit(writer: Person, message: proto.IMessage): void;
}

/** Where a contact writes: to a phone of the gateway, or into a group. */
export type Chat = PhoneParty | GroupChat;

export interface ContactOptions {
  /** How this person's own messages are addressed; current WhatsApp uses lids. */
  readonly addressing?: "lid" | "pn";
  readonly lid?: string;
  /** Nobody is told the number. */
  readonly isNumberHidden?: boolean;
  /** False is a number that is registered, but has no device that messages could be encrypted for. */
  readonly hasDevices?: boolean;
  /** Lets nobody add them to groups: they get an invitation instead. */
  readonly refusesGroups?: boolean;
  /**
   * Other numbers under which a look-up finds this person; those of Brazil, Mexico and Argentina are found by
   * themselves.
   */
  readonly alsoFoundAs?: readonly string[];
}

/** A message that a contact got. */
export interface Received {
  readonly id: string;
  /** The address that the client used: phone-number jid, lid, or group. */
  readonly to: string;
  readonly from: Person;
  readonly message: proto.IMessage;
  /** "pkmsg", "msg", "skmsg"; "phone" when it came from another phone and no client encrypted it. */
  readonly encType: string;
  readonly at: number;
  readonly device?: Companion;
  readonly node?: BinaryNode;
  /**
   * The chat's messages disappear, but this one does not say so: phones show "This message will not disappear from the
   * chat. The sender may be on an old version of WhatsApp".
   */
  readonly willNotDisappear?: boolean;
}

/** A message that a contact sent. */
export interface SentMessage {
  readonly message: proto.IMessage;
  readonly to: Chat;
  /** How it was sent, and is sent again when it could not be read. */
  readonly options?: SendOptions;
}

/** A message as a phone keeps it, and hands it to its linked devices. */
export interface KeptMessage {
  readonly key: proto.IMessageKey & { readonly id: string };
  readonly message: proto.IMessage;
  /** What the message was encrypted from, when that is not its encoding. */
  readonly plaintext?: Uint8Array;
  /** Unix seconds. */
  readonly t: number;
  /** Who wrote it calls themselves so. */
  readonly pushName: string;
}

/** A message that is reacted to or quoted; `by` is its writer, the contact itself when left out. */
export interface Target {
  readonly id: string;
  readonly by?: Person;
}

/** Attributes of a stanza; undefined takes away what would be there. */
export type Attrs = Readonly<Record<string, string | undefined>>;

/** A linked device that somebody writes from. */
export interface SendingDevice {
  readonly id: number;
  /** A business whose messages are hosted by somebody else: its addresses end in @hosted or @hosted.lid. */
  readonly hosted?: boolean;
}

export interface SendOptions {
  readonly id?: string;
  readonly quoted?: Target;
  readonly mentions?: readonly Person[];
  /** Damages the ciphertext, so that the client must ask for a retry. */
  readonly corrupt?: boolean;
  /** Unix seconds; now when left out. */
  readonly t?: number;
  /** How the writer is addressed in this message, whatever is usual. */
  readonly addressing?: "lid" | "pn";
  /** False states that address alone, without the other one beside it. */
  readonly bothAddresses?: boolean;
  /** The id of a broadcast list that the message comes through, without @broadcast. */
  readonly broadcast?: string;
  /** Writes from a linked device instead of the phone. */
  readonly device?: SendingDevice;
  readonly attrs?: Attrs;
  /** Attributes of every `<enc>`, such as `decrypt-fail`. */
  readonly enc?: Attrs;
  /** Nodes beside the encrypted ones, such as `<bot>` or `<meta>`. */
  readonly nodes?: readonly BinaryNode[];
  /**
   * Linked devices get `<unavailable>` with these attributes instead of the content, which only the phone has: `{}`,
   * `{type: "view_once"}`, `{hosted: "true"}`.
   */
  readonly unavailable?: Attrs;
  /** What is encrypted, instead of the encoded message: bytes that no protobuf here can say. */
  readonly plaintext?: Uint8Array;
}

/**
 * What a receipt says; "delivered" has no type on the wire.
 * @see whatsmeow types/presence.go `ReceiptType`
 */
export type ReceiptKind =
  | "delivered"
  | "read"
  | "played"
  | "inactive"
  | "sender"
  | "read-self"
  | "played-self"
  | "server-error"
  | "peer_msg"
  | "hist_sync";

/** What a client said about messages that it got. */
export interface ReceiptSeen {
  readonly ids: readonly string[];
  readonly by: PhoneParty;
  /** As in the stanza: "inactive" is delivered to a client that is not shown as online. */
  readonly type: string;
  readonly at: number;
}
