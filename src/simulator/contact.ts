// A person whom the phones write with: has a Signal identity, sends, receives, and remembers both.
import { Buffer } from "node:buffer";
import { proto } from "@whiskeysockets/baileys";
import {
  editContent,
  mediaContent,
  type MediaDetails,
  mediaOf,
  reactionContent,
  revokeContent,
  stanzaType,
  textContent,
} from "./content.ts";
import { Group } from "./group.ts";
import { jidOf, SERVER } from "./jids.ts";
import type { LinkedDevice } from "./linked_device.ts";
import { type MediaKind, openMedia, sealMedia } from "./media.ts";
import type { Network } from "./network.ts";
import { type BinaryNode, bytes, child, node, unixSeconds } from "./nodes.ts";
import type { VirtualPhone } from "./phone.ts";
import { bundleFromNode } from "./prekeys.ts";
import { remember, rememberKey } from "./recent.ts";
import { pad, SignalPeer, unpad } from "./signal_peer.ts";
import { bigEndian } from "./keys.ts";

/** Whom a contact writes to: a phone of the gateway, or a group. */
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
  readonly device?: LinkedDevice;
  readonly node?: BinaryNode;
}

export interface SendOptions {
  readonly id?: string;
  /** Damages the ciphertext, so that the client must ask for a retry. */
  readonly corrupt?: boolean;
  /** Unix seconds; now when left out. */
  readonly t?: number;
  readonly attrs?: Readonly<Record<string, string>>;
}

/** A message that is reacted to, edited, revoked or quoted; `by` is its writer, the contact itself when left out. */
export interface Target {
  readonly id: string;
  readonly by?: VirtualPhone | Contact;
}

/** A stanza for a device, not sent yet. */
export interface Prepared {
  readonly device: LinkedDevice;
  readonly stanza: BinaryNode;
}

export type ReceiptKind = "delivered" | "read" | "played";

export class Contact {
  readonly number: string;
  readonly lid: string;
  readonly name: string;
  addressing: "lid" | "pn";
  readonly signal = new SignalPeer();
  readonly inbox: Received[] = [];
  /** Receipts that are sent for every message received. */
  autoReceipts: readonly ReceiptKind[] = [];
  /** How often clients asked for a message again. */
  retriesAsked = 0;
  readonly #network: Network;
  /** Plain messages that were sent, for retries. */
  readonly #outbox = new Map<string, { readonly message: proto.IMessage; readonly to: Chat }>();
  /** Devices that have our sender key, by group. */
  readonly #keyed = new Map<string, WeakSet<LinkedDevice>>();

  constructor(
    network: Network,
    who: ContactOptions & { readonly number: string; readonly lid: string; readonly name: string },
  ) {
    this.#network = network;
    this.number = who.number;
    this.lid = who.lid;
    this.name = who.name;
    this.addressing = who.addressing ?? "lid";
  }

  get pnJid(): string {
    return jidOf(this.number, SERVER);
  }

  get lidJid(): string {
    return jidOf(this.lid, "lid");
  }

  /** The address of the chat with this person. */
  get jid(): string {
    return this.addressing === "lid" ? this.lidJid : this.pnJid;
  }

  // ---- sending ----

  /** Encrypts for every linked device of the chat, without sending: the caller delivers the stanzas. */
  async prepare(to: Chat, message: proto.IMessage, options: SendOptions = {}): Promise<Prepared[]> {
    const id = options.id ?? this.#network.messageId();
    const attrs = {
      id,
      type: stanzaType(message),
      t: options.t ?? unixSeconds(),
      notify: this.name,
      ...this.#fromAttrs(to),
      ...options.attrs,
    };
    rememberKey(this.#outbox, id, { message, to });
    if (!(to instanceof Group)) {
      return await Promise.all([...to.devices.values()].map(async (device) => {
        const enc = await this.#seal(device, message);
        if (options.corrupt) damage(enc);
        return { device, stanza: node("message", attrs, [enc]) };
      }));
    }
    const user = to.addressing === "lid" ? this.lid : this.number;
    const shared = await this.signal.sealForGroup(to.jid, user, pad(message));
    const enc = node("enc", { v: 2, type: "skmsg" }, shared.ciphertext);
    if (options.corrupt) damage(enc);
    return await Promise.all(to.devices.map(async (device) => {
      const introduction = await this.#introduce(to.jid, device, shared.distribution);
      return { device, stanza: node("message", attrs, [...introduction, enc]) };
    }));
  }

  /** @returns The id of the message. */
  async send(to: Chat, message: proto.IMessage, options: SendOptions = {}): Promise<string> {
    const id = options.id ?? this.#network.messageId();
    for (const { device, stanza } of await this.prepare(to, message, { ...options, id })) {
      device.deliver(stanza);
    }
    return id;
  }

  sendText(to: Chat, words: string, options: SendOptions = {}): Promise<string> {
    return this.send(to, textContent(words), options);
  }

  sendMedia(
    to: Chat,
    kind: MediaKind,
    file: Uint8Array,
    options: SendOptions & MediaDetails = {},
  ): Promise<string> {
    const { media } = this.#network;
    const sealed = sealMedia(file, kind);
    const details = { ...options, host: media.host };
    return this.send(to, mediaContent(kind, sealed, media.put(sealed.blob), details), options);
  }

  react(to: Chat, target: Target, emoji: string): Promise<string> {
    return this.send(to, reactionContent(this.#keyOf(to, target), emoji));
  }

  edit(to: Chat, id: string, words: string): Promise<string> {
    return this.send(to, editContent(this.#keyOf(to, { id }), words), { attrs: { edit: "1" } });
  }

  revoke(to: Chat, id: string): Promise<string> {
    return this.send(to, revokeContent(this.#keyOf(to, { id })), { attrs: { edit: "7" } });
  }

  // ---- receiving ----

  /** A message that was encrypted for this person alone. */
  async receive(device: LinkedDevice, stanza: BinaryNode, enc: BinaryNode): Promise<void> {
    const { number } = device.phone;
    const message = unpad(await this.signal.open(number, device.id, enc.attrs.type, bytes(enc)));
    const introduced = message.senderKeyDistributionMessage;
    if (introduced?.axolotlSenderKeyDistributionMessage && introduced.groupId) {
      const { groupId, axolotlSenderKeyDistributionMessage } = introduced;
      await this.signal.learnSenderKey(groupId, number, device.id, axolotlSenderKeyDistributionMessage);
      const rest = Object.keys(proto.Message.toObject(message)).filter((key) => key !== "messageContextInfo");
      if (rest.length === 1) return;
    }
    this.#take(device, stanza, message, enc.attrs.type);
  }

  /** A message that was encrypted for a whole group. */
  async receiveShared(device: LinkedDevice, stanza: BinaryNode, enc: BinaryNode): Promise<void> {
    const plain = await this.signal.openFromGroup(
      stanza.attrs.to,
      device.phone.number,
      device.id,
      bytes(enc),
    );
    this.#take(device, stanza, unpad(plain), "skmsg");
  }

  /** A message that the owner of a phone typed on the phone itself. */
  receiveTyped(from: VirtualPhone, chat: Contact | Group, id: string, message: proto.IMessage): void {
    remember(this.inbox, { id, to: chat.jid, from, message, encType: "phone" });
    this.#network.touch();
  }

  waitMessage(check: (received: Received) => boolean, timeoutMs?: number): Promise<Received> {
    return this.#network.until(() => this.inbox.find(check), `a message to ${this.name}`, timeoutMs);
  }

  /** Fetches and decrypts the file of a message that a client sent. */
  openMedia(message: proto.IMessage): Buffer {
    const file = mediaOf(message);
    const blob = this.#network.media.get(file?.part.directPath ?? file?.part.url ?? "");
    if (!file?.part.mediaKey || !blob) throw new Error("Cannot open media: it was not uploaded");
    return openMedia(blob, file.part.mediaKey, file.kind);
  }

  /**
   * Tells the phone's devices that messages of theirs arrived, were read or played.
   * @param chat The address that the messages were sent to; looked up when left out.
   */
  sendReceipt(phone: VirtualPhone, id: string | readonly string[], kind: ReceiptKind, chat?: string): void {
    const [first, ...rest] = typeof id === "string" ? [id] : id;
    const from = chat ?? this.inbox.findLast((received) => received.id === first)?.to ?? this.jid;
    const attrs = {
      ...this.#receiptFrom(from),
      id: first,
      t: unixSeconds(),
      type: kind === "delivered" ? undefined : kind,
    };
    const more = rest.length > 0 ? [node("list", {}, rest.map((id) => node("item", { id })))] : undefined;
    for (const device of phone.devices.values()) device.deliver(node("receipt", attrs, more));
  }

  /** Pretends that a message could not be decrypted: the client must send it again. */
  askRetry(device: LinkedDevice, id: string, chat = this.jid, count = 1): void {
    const t = unixSeconds();
    device.deliver(
      node("receipt", { ...this.#receiptFrom(chat), id, t, type: "retry" }, [
        node("retry", { count, id, t, v: 1 }),
        node("registration", {}, bigEndian(this.signal.registrationId, 4)),
      ]),
    );
  }

  /** A client could not decrypt a message of ours and asked for it again. */
  async resend(device: LinkedDevice, receipt: BinaryNode): Promise<void> {
    this.retriesAsked++;
    const { id } = receipt.attrs;
    const sent = this.#outbox.get(id);
    if (!sent) return;
    const keys = child(receipt, "keys");
    const registrationId = bytes(child(receipt, "registration")).readUInt32BE(0);
    const { number } = device.phone;
    this.signal.forget(number, device.id);
    const bundle = keys ? bundleFromNode(keys, registrationId) : device.takeBundle();
    await this.signal.startSession(number, device.id, bundle);
    const enc = await this.#seal(device, sent.message);
    enc.attrs.count = child(receipt, "retry")?.attrs.count ?? "1";
    if (sent.to instanceof Group) this.#keyed.get(sent.to.jid)?.delete(device);
    const attrs = {
      id,
      type: stanzaType(sent.message),
      t: unixSeconds(),
      notify: this.name,
      ...this.#fromAttrs(sent.to),
    };
    device.deliver(node("message", attrs, [enc]));
  }

  // ---- the rest ----

  #take(device: LinkedDevice, stanza: BinaryNode, message: proto.IMessage, encType: string): void {
    const { id, to } = stanza.attrs;
    remember(this.inbox, { id, to, from: device.phone, message, encType, device, node: stanza });
    for (const kind of this.autoReceipts) this.sendReceipt(device.phone, id, kind, to);
    this.#network.touch();
  }

  #fromAttrs(to: Chat): Readonly<Record<string, string | undefined>> {
    if (to instanceof Group) return { from: to.jid, ...to.participantAttrs(this) };
    return this.addressing === "lid"
      ? { from: this.lidJid, addressing_mode: "lid", sender_pn: this.pnJid }
      : { from: this.pnJid, addressing_mode: "pn", sender_lid: this.lidJid };
  }

  #receiptFrom(chat: string): Readonly<Record<string, string | undefined>> {
    const group = this.#network.groups.get(chat);
    return { from: chat, participant: group?.jidOf(this) };
  }

  #keyOf(to: Chat, { id, by = this }: Target): proto.IMessageKey {
    const group = to instanceof Group;
    const remoteJid = group ? to.jid : to.pnJid;
    return {
      remoteJid,
      fromMe: by === this,
      id,
      participant: group && by !== this ? to.jidOf(by) : undefined,
    };
  }

  async #seal(device: LinkedDevice, message: proto.IMessage): Promise<BinaryNode> {
    const sealed = await this.signal.seal(
      device.phone.number,
      device.id,
      pad(message),
      () => device.takeBundle(),
    );
    return node("enc", { v: 2, type: sealed.type }, sealed.ciphertext);
  }

  /** Our sender key for a device that does not have it yet. */
  async #introduce(groupId: string, device: LinkedDevice, distribution: Buffer): Promise<BinaryNode[]> {
    const keyed = this.#keyed.get(groupId) ?? new WeakSet();
    this.#keyed.set(groupId, keyed);
    if (keyed.has(device)) return [];
    keyed.add(device);
    const introduction = { groupId, axolotlSenderKeyDistributionMessage: distribution };
    return [await this.#seal(device, { senderKeyDistributionMessage: introduction })];
  }
}

function damage(enc: BinaryNode): void {
  if (enc.content instanceof Uint8Array) enc.content[enc.content.length - 12] ^= 0xff;
}
