// A person whom the phones write with: has a Signal identity, sends, receives, and remembers both.
import { Buffer } from "node:buffer";
import type { proto } from "@whiskeysockets/baileys";
import {
  editContent,
  type MediaDetails,
  reactionContent,
  revokeContent,
  textContent,
  withContext,
} from "./content.ts";
import { Group } from "./group.ts";
import { jidOf, SERVER } from "./jids.ts";
import type { LinkedDevice } from "./linked_device.ts";
import { type MediaKind, openMedia } from "./media.ts";
import type { Network } from "./network.ts";
import { type BinaryNode, node, unixSeconds } from "./nodes.ts";
import { Opening } from "./opening.ts";
import type {
  Chat,
  ContactOptions,
  ReceiptKind,
  ReceiptSeen,
  Received,
  SendOptions,
  Target,
} from "./chat.ts";
import { Outbox, type Prepared, type SentMessage } from "./outbox.ts";
import type { VirtualPhone } from "./phone.ts";
import { voteContent } from "./poll_vote.ts";
import { mediaOf } from "./reading.ts";
import { receiptStanza, retryStanza } from "./receipts.ts";
import { remember } from "./recent.ts";
import { contextOf, jidIn, keyOf } from "./target.ts";
import {
  type CallDetails,
  callStanza,
  type CallStep,
  presenceStanza,
  type Typing,
  typingStanza,
} from "./signs_of_life.ts";
import { SignalPeer } from "./signal_peer.ts";

export class Contact {
  readonly number: string;
  readonly lid: string;
  name: string;
  addressing: "lid" | "pn";
  readonly signal = new SignalPeer();
  readonly inbox: Received[] = [];
  /** What clients said about messages of this contact: delivered, read, played. */
  readonly receipts: ReceiptSeen[] = [];
  /** Where clients find the profile picture, if there is one. */
  pictureUrl: string | undefined;
  /** Receipts that are sent for every message received. */
  autoReceipts: readonly ReceiptKind[] = [];
  /** What to answer to every message received, if anything. */
  autoReply: ((received: Received) => proto.IMessage | undefined) | undefined;
  /** How often clients asked for a message again. */
  retriesAsked = 0;
  readonly #network: Network;
  readonly #outbox: Outbox;
  readonly #opening: Opening;

  constructor(
    network: Network,
    who: ContactOptions & { readonly number: string; readonly lid: string; readonly name: string },
  ) {
    this.#network = network;
    this.#outbox = new Outbox(this);
    this.#opening = new Opening({
      signal: this.signal,
      ask: (device, { attrs: { id, to } }, count) => this.askRetry(device, id, to, count),
      complain: (what) => network.complain(`${who.name}: ${what}`),
    });
    this.number = who.number;
    this.lid = who.lid;
    this.name = who.name;
    this.addressing = who.addressing ?? "lid";
  }

  /** How often this contact asked for each message that it could not open, by the message's id. */
  get asked(): ReadonlyMap<string, number> {
    return this.#opening.asked;
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
  prepare(to: Chat, message: proto.IMessage, options: SendOptions = {}): Promise<Prepared[]> {
    const id = options.id ?? this.#network.messageId();
    return this.#outbox.prepare(to, {
      ...options,
      id,
      message: withContext(message, contextOf(this, to, options)),
    });
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
    return this.send(to, this.media(kind, file, options), options);
  }

  /** Puts a file on the media host, and makes the message that carries it. */
  media(kind: MediaKind, file: Uint8Array, details: MediaDetails = {}): proto.IMessage {
    return this.#network.mediaContent(kind, file, details);
  }

  /** An empty emoji takes the reaction back. */
  react(to: Chat, target: Target, emoji: string): Promise<string> {
    return this.send(to, reactionContent(keyOf(this, to, target), emoji));
  }

  edit(to: Chat, id: string, words: string): Promise<string> {
    return this.send(to, editContent(keyOf(this, to, { id }), words), { attrs: { edit: "1" } });
  }

  revoke(to: Chat, id: string): Promise<string> {
    return this.send(to, revokeContent(keyOf(this, to, { id })), { attrs: { edit: "7" } });
  }

  /** Votes in a poll that this contact got; no options take the vote back. */
  async vote(to: Chat, pollId: string, options: readonly string[]): Promise<string> {
    const poll = this.inbox.findLast((received) => received.id === pollId);
    const secret = poll?.message.messageContextInfo?.messageSecret;
    if (!poll || !secret) throw new Error(`Cannot vote in ${pollId}: ${this.name} got no such poll`);
    const [creatorJid, voterJid] = [jidIn(to, this, poll.from), jidIn(to, this, this)];
    const key = keyOf(this, to, { id: pollId, by: poll.from });
    return await this.send(to, voteContent({ pollId, creatorJid, voterJid, secret }, key, options));
  }

  /** Posts a status, seen by the devices of this phone. */
  async postStatus(to: VirtualPhone, message: proto.IMessage): Promise<string> {
    const draft = { id: this.#network.messageId(), message };
    const prepared = await this.#outbox.prepareStatus(to, [...to.devices.values()], draft);
    for (const { device, stanza } of prepared) device.deliver(stanza);
    return draft.id;
  }

  /** What this contact sent under an id. */
  sent(id: string): SentMessage | undefined {
    return this.#outbox.find(id);
  }

  // ---- receiving ----

  /** A message that was encrypted for this person alone. */
  async receive(device: LinkedDevice, stanza: BinaryNode, enc: BinaryNode): Promise<void> {
    const message = await this.#opening.open(device, stanza, enc);
    if (message !== undefined) this.#take(device, stanza, message, enc.attrs.type);
  }

  /** A message that was encrypted for a whole group. */
  async receiveShared(device: LinkedDevice, stanza: BinaryNode, enc: BinaryNode): Promise<void> {
    const message = await this.#opening.openShared(device, stanza, enc);
    if (message !== undefined) this.#take(device, stanza, message, "skmsg");
  }

  /** A message that the owner of a phone typed on the phone itself. */
  receiveTyped(from: VirtualPhone, chat: Contact | Group, id: string, message: proto.IMessage): void {
    remember(this.inbox, { id, to: chat.jid, from, message, encType: "phone", at: Date.now() });
    this.#network.touch();
  }

  /** A client could not decrypt one of our messages and asked for it again. */
  async resend(device: LinkedDevice, receipt: BinaryNode): Promise<void> {
    this.retriesAsked++;
    await this.#outbox.resend(device, receipt);
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
    const ids = typeof id === "string" ? [id] : id;
    const from = chat ?? this.inbox.findLast((received) => received.id === ids[0])?.to ?? this.jid;
    const stanza = receiptStanza(from, this.#network.groups.get(from)?.jidOf(this), ids, kind);
    for (const device of phone.devices.values()) device.deliver(stanza);
  }

  /** Asks for a message again, as when it could not be opened: the client must send it once more. */
  askRetry(device: LinkedDevice, id: string, chat = this.jid, count = 1): void {
    const participant = this.#network.groups.get(chat)?.jidOf(this);
    device.deliver(retryStanza({ from: chat, participant }, id, this.signal, count));
  }

  // ---- signs of life ----

  setOnline(phone: VirtualPhone, online: boolean, lastSeen?: number): void {
    for (const device of phone.devices.values()) device.sendLive(presenceStanza(this, online, lastSeen));
  }

  setTyping(phone: VirtualPhone, typing: Typing, group?: Group): void {
    for (const device of phone.devices.values()) device.sendLive(typingStanza(this, typing, group?.jid));
  }

  call(phone: VirtualPhone, callId: string, step: CallStep, details: CallDetails = {}): void {
    const id = this.#network.nextId("call");
    for (const device of phone.devices.values()) device.deliver(callStanza(this, id, callId, step, details));
  }

  /** Has a new identity and no sessions from now on, of which nobody is told. */
  forgetSessions(): void {
    this.signal.reset();
    this.#outbox.forgetIntroductions();
  }

  /** Installs WhatsApp anew: a new identity, of which the phones are told. */
  reinstall(phones: readonly VirtualPhone[]): void {
    this.forgetSessions();
    const attrs = { from: this.jid, type: "encrypt", id: this.#network.nextId("identity"), t: unixSeconds() };
    for (const device of phones.flatMap((phone) => [...phone.devices.values()])) {
      device.deliver(node("notification", attrs, [node("identity")]));
    }
  }

  #take(device: LinkedDevice, stanza: BinaryNode, message: proto.IMessage, encType: string): void {
    const { id, to } = stanza.attrs;
    const received = { id, to, from: device.phone, message, encType, at: Date.now(), device, node: stanza };
    remember(this.inbox, received);
    for (const kind of this.autoReceipts) this.sendReceipt(device.phone, id, kind, to);
    const reply = message.protocolMessage || message.reactionMessage ? undefined : this.autoReply?.(received);
    if (reply) {
      this.#network.inBackground(
        "auto reply",
        this.send(this.#network.groups.get(to) ?? device.phone, reply),
      );
    }
    this.#network.touch();
  }
}
