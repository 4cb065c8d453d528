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
import { jidOf, SERVER } from "../wire/jids.ts";
import { type MediaKind, openMedia } from "../wire/media.ts";
import type { World } from "./world.ts";
import { type BinaryNode, node, unixSeconds } from "../wire/nodes.ts";
import { Opening } from "./opening.ts";
import type {
  Chat,
  Companion,
  ContactOptions,
  ContactParty,
  GroupChat,
  Person,
  PhoneParty,
  ReceiptKind,
  ReceiptSeen,
  Received,
  SendOptions,
  SentMessage,
  Target,
} from "./chat.ts";
import { type CallAnswer, type CallDetails, Calls, type CallStep } from "./calls.ts";
import { ContactDevices } from "./contact_devices.ts";
import { timerContent } from "./disappearing.ts";
import { Inbox } from "./inbox.ts";
import { Outbox, type Prepared } from "./outbox.ts";
import { voteContent } from "./poll_vote.ts";
import { mediaOf } from "./reading.ts";
import { contactAddress, receiptStanza, retryStanza } from "./receipts.ts";
import { contextOf, jidIn, keyOf } from "./target.ts";
import { presenceStanza, type Typing, typingStanza } from "./signs_of_life.ts";
import { SignalPeer } from "../wire/signal_peer.ts";

export class Contact implements ContactParty {
  readonly kind = "contact";
  number: string;
  lid: string;
  name: string;
  /** Nobody is told the number until this is false: stanzas and groups name the lid alone. */
  isNumberHidden: boolean;
  addressing: "lid" | "pn";
  /** False is a number that is registered, but has no device that messages could be encrypted for. */
  hasDevices: boolean;
  refusesGroups: boolean;
  readonly signal = new SignalPeer();
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
  /** Devices that are linked to the phone of this contact. */
  readonly devices: ContactDevices;
  readonly #inbox: Inbox;
  readonly #calls: Calls;
  readonly #network: World;
  readonly #outbox: Outbox;
  readonly #opening: Opening;

  constructor(
    network: World,
    who: ContactOptions & { readonly number: string; readonly lid: string; readonly name: string },
  ) {
    this.#network = network;
    this.#inbox = new Inbox(network);
    this.#calls = new Calls(this, network);
    const complain = (what: string) => network.complain(`${who.name}: ${what}`);
    this.devices = new ContactDevices(this, network);
    this.#outbox = new Outbox(this);
    this.#opening = new Opening({
      signal: this.signal,
      ask: (device, { attrs: { id, to } }, count) => this.askRetry(device, id, to, count),
      complain,
    });
    this.number = who.number;
    this.lid = who.lid;
    this.name = who.name;
    this.addressing = who.addressing ?? "lid";
    this.isNumberHidden = who.isNumberHidden === true;
    this.hasDevices = who.hasDevices !== false;
    this.refusesGroups = who.refusesGroups === true;
  }

  /** How often this contact asked for each message that it could not open, by the message's id. */
  get asked(): ReadonlyMap<string, number> {
    return this.#opening.asked;
  }

  get inbox(): Received[] {
    return this.#inbox.received;
  }

  /** What clients did with calls of this contact. */
  get callAnswers(): readonly CallAnswer[] {
    return this.#calls.answers;
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

  disappearAfterS(phone: PhoneParty): number {
    return this.#inbox.timerOf(phone);
  }

  // ---- sending ----

  /** Messages of the chat with this phone disappear after so many seconds; 0 turns that off. */
  setDisappearing(phone: PhoneParty, seconds: number): Promise<string> {
    this.#inbox.setTimer(phone, seconds);
    return this.send(phone, timerContent(seconds, unixSeconds()));
  }

  /** Encrypts for every linked device of the chat, without sending: the caller delivers the stanzas. */
  prepare(to: Chat, message: proto.IMessage, options: SendOptions = {}): Promise<Prepared[]> {
    const id = options.id ?? this.#network.messageId();
    return this.#outbox.prepare(to, {
      ...options,
      id,
      message: withContext(message, contextOf(this, to, options)),
    });
  }

  /**
   * @returns The id of the message.
   * @throws {GroupRefusal} If it goes into a group that this contact may not write to.
   */
  async send(to: Chat, message: proto.IMessage, options: SendOptions = {}): Promise<string> {
    const id = options.id ?? this.#network.messageId();
    if (to.kind === "group") to.admit(this, message);
    for (const { device, stanza } of await this.prepare(to, message, { ...options, id })) {
      device.deliver(stanza);
    }
    if (to.kind === "group") this.#tellOthers(to, id);
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

  /** @param by Who wrote it, if not this contact: phones do not believe that, but it can be sent. */
  edit(to: Chat, id: string, words: string, by?: Person): Promise<string> {
    return this.send(to, editContent(keyOf(this, to, { id, by }), words), { attrs: { edit: "1" } });
  }

  /**
   * @param by Who wrote it, if not this contact: admins delete what others wrote in their groups.
   * @see whatsmeow types/message.go `EditAttributeSenderRevoke`, `EditAttributeAdminRevoke`
   */
  revoke(to: Chat, id: string, by?: Person): Promise<string> {
    const isAdmins = by !== undefined && by !== this;
    const content = revokeContent(keyOf(this, to, { id, by }));
    return this.send(to, content, { attrs: { edit: isAdmins ? "8" : "7" } });
  }

  /** Votes in a poll that this contact got or made; no options take the vote back. */
  async vote(to: Chat, pollId: string, options: readonly string[]): Promise<string> {
    const got = this.inbox.findLast((received) => received.id === pollId);
    const [poll, by] = got ? [got.message, got.from] : [this.sent(pollId)?.message, this];
    const secret = poll?.messageContextInfo?.messageSecret;
    if (!secret) throw new Error(`Cannot vote in ${pollId}: ${this.name} got no such poll`);
    const [creatorJid, voterJid] = [jidIn(to, this, by), jidIn(to, this, this)];
    const key = keyOf(this, to, { id: pollId, by });
    return await this.send(to, voteContent({ pollId, creatorJid, voterJid, secret }, key, options));
  }

  /** Posts a status, seen by the devices of this phone. */
  async postStatus(to: PhoneParty, message: proto.IMessage, options: SendOptions = {}): Promise<string> {
    const draft = { ...options, id: options.id ?? this.#network.messageId(), message };
    const prepared = await this.#outbox.prepareStatus(to, [...to.devices.values()], draft);
    for (const { device, stanza } of prepared) device.deliver(stanza);
    return draft.id;
  }

  /** What this contact sent under an id. */
  sent(id: string): SentMessage | undefined {
    return this.#outbox.find(id);
  }

  // ---- receiving ----

  /** A message that was encrypted for this person alone: for the phone, or a linked device of theirs. */
  async receive(device: Companion, stanza: BinaryNode, enc: BinaryNode, deviceId = 0): Promise<void> {
    if (deviceId !== 0) return await this.devices.receive(deviceId, device, stanza, enc);
    const message = await this.#opening.open(device, stanza, enc);
    if (message !== undefined) this.#take(device, stanza, message, enc.attrs.type);
  }

  /** A message that was encrypted for a whole group. */
  async receiveShared(device: Companion, stanza: BinaryNode, enc: BinaryNode): Promise<void> {
    const message = await this.#opening.openShared(device, stanza, enc);
    if (message !== undefined) this.#take(device, stanza, message, "skmsg");
  }

  hear(from: Person, chat: { readonly jid: string }, id: string, message: proto.IMessage): void {
    this.#inbox.take({ id, to: chat.jid, from, message, encType: "phone", at: Date.now() });
    this.#network.touch();
  }

  /** A client could not decrypt one of our messages and asked for it again. */
  async resend(device: Companion, receipt: BinaryNode): Promise<void> {
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
   * @param deviceId The linked device of this contact that says so; the phone when left out.
   */
  sendReceipt(
    phone: PhoneParty,
    id: string | readonly string[],
    kind: ReceiptKind,
    chat?: string,
    deviceId = 0,
  ): void {
    const ids = typeof id === "string" ? [id] : id;
    const from = chat ?? this.inbox.findLast((received) => received.id === ids[0])?.to ?? this.jid;
    const address = contactAddress(this, from, this.#network.groups.get(from), deviceId);
    const stanza = receiptStanza(address, ids, kind);
    for (const device of phone.devices.values()) device.deliver(stanza);
  }

  /** Asks for a message again, as when it could not be opened: the client must send it once more. */
  askRetry(device: Companion, id: string, chat = this.jid, count = 1): void {
    const participant = this.#network.groups.get(chat)?.jidOf(this);
    device.deliver(retryStanza({ from: chat, participant }, id, this.signal, count));
  }

  // ---- signs of life ----

  setOnline(phone: PhoneParty, online: boolean, lastSeen?: number): void {
    for (const device of phone.devices.values()) device.sendLive(presenceStanza(this, online, lastSeen));
  }

  setTyping(phone: PhoneParty, typing: Typing, group?: GroupChat): void {
    for (const device of phone.devices.values()) device.sendLive(typingStanza(this, typing, group?.jid));
  }

  /** A client answered a call of this contact. */
  hearCall(device: Companion, callId: string, step: string): void {
    this.#calls.hear(device, callId, step);
  }

  call(phone: PhoneParty, callId: string, step: CallStep, details: CallDetails = {}): void {
    this.#calls.tell(phone.devices.values(), callId, step, details);
  }

  // ---- devices and keys ----

  signalOf(id: number): SignalPeer {
    return id === 0 ? this.signal : this.devices.signalOf(id);
  }

  /** Has a new identity and no sessions from now on, of which nobody is told. */
  forgetSessions(): void {
    this.signal.reset();
    this.#outbox.forgetIntroductions();
  }

  /** Installs WhatsApp anew: a new identity, of which the phones are told. */
  reinstall(phones: readonly PhoneParty[]): void {
    this.forgetSessions();
    const attrs = { from: this.jid, type: "encrypt", id: this.#network.nextId("identity"), t: unixSeconds() };
    for (const device of phones.flatMap((phone) => [...phone.devices.values()])) {
      device.deliver(node("notification", attrs, [node("identity")]));
    }
  }

  /** Contacts in a group get what others write in it; nothing between them is encrypted here. */
  #tellOthers(group: GroupChat, id: string): void {
    const message = this.#outbox.find(id)?.message;
    if (message === undefined) return;
    for (const reader of group.contacts) if (reader !== this) reader.hear(this, group, id, message);
  }

  #take(device: Companion, stanza: BinaryNode, message: proto.IMessage, encType: string): void {
    const { id, to } = stanza.attrs;
    const received = { id, to, from: device.phone, message, encType, at: Date.now(), device, node: stanza };
    this.#inbox.take(received);
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
