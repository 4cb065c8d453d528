// A phone number of the gateway: its phone (device 0) and the devices that are linked to it.
import type { proto } from "@whiskeysockets/baileys";
import { AppState, type SettingMade } from "./app_state.ts";
import { Archive } from "./archive.ts";
import type {
  Addresses,
  Attrs,
  Companion,
  ContactParty,
  GroupChat,
  HistoryChat,
  KeptMessage,
  Party,
  PhoneParty,
  ReceiptKind,
} from "./chat.ts";
import { timerContent } from "./disappearing.ts";
import {
  historyNotification,
  type HistoryPage,
  jidOf as historyJid,
  lidMigration,
  pastMessage,
} from "./history.ts";
import { type HistoryAnswers, PeerAnswers, type PlaceholderAnswers } from "./peer_answers.ts";
import { typedAttrs, typedCopy, type TypeOptions } from "./typed.ts";
import { jidOf, SERVER } from "../wire/jids.ts";
import type { LinkedDevice } from "./linked_device.ts";
import type { World } from "./world.ts";
import { type BinaryNode, node, unixSeconds } from "../wire/nodes.ts";
import { Opening } from "./opening.ts";
import { receiptStanza, retryStanza } from "./receipts.ts";
import { remember } from "../wire/recent.ts";
import { pad, SignalPeer } from "../wire/signal_peer.ts";

/** A message that reached the phone itself: a copy of what a linked device sent, or one from another phone. */
export interface PhoneCopy {
  readonly id: string;
  readonly message: proto.Message;
}

export class VirtualPhone implements PhoneParty {
  readonly kind = "phone";
  readonly number: string;
  readonly lid: string;
  name: string;
  readonly signal = new SignalPeer();
  readonly devices = new Map<number, LinkedDevice>();
  readonly copies: PhoneCopy[] = [];
  /** The account's chats with people had moved to lids before a device is linked, which is told so. */
  lidMigrated = false;
  /** Chats that a device gets when it is linked. */
  history: readonly HistoryChat[] = [];
  /** The chat settings that linked devices share. */
  readonly appState = new AppState();
  /** What the phone itself has of its chats. */
  readonly archive = new Archive();
  readonly #network: World;
  readonly #opening: Opening;
  readonly #answers = new PeerAnswers({
    archive: this.archive,
    chatOf: (jid) => this.#chatOf(jid),
    send: (device, message) => this.#network.inBackground("peer answer", this.sendPeer(device, message)),
  });
  #nextDevice = 1;

  constructor(
    network: World,
    who: { readonly number: string; readonly lid: string; readonly name: string },
  ) {
    this.#network = network;
    this.number = who.number;
    this.lid = who.lid;
    this.name = who.name;
    this.#opening = new Opening({
      signal: this.signal,
      ask: (device, { attrs: { id, to, recipient } }, count) => {
        const address = device.phone === this
          ? { from: this.pnJid, recipient: recipient ?? to }
          : { from: to };
        device.deliver(retryStanza(address, id, this.signal, count));
      },
      complain: (what) => network.complain(`${who.name}: ${what}`),
    });
  }

  get pnJid(): string {
    return jidOf(this.number, SERVER);
  }

  get lidJid(): string {
    return jidOf(this.lid, "lid");
  }

  unlink({ id }: Companion): void {
    this.devices.delete(id);
  }

  /** How requests for messages that linked devices got as placeholders are answered. */
  get placeholders(): PlaceholderAnswers {
    return this.#answers.placeholders;
  }

  set placeholders(answers: PlaceholderAnswers) {
    this.#answers.placeholders = answers;
  }

  /** How requests for older messages of a chat are answered. */
  get historyAnswers(): HistoryAnswers {
    return this.#answers.history;
  }

  set historyAnswers(answers: HistoryAnswers) {
    this.#answers.history = answers;
  }

  keep(chat: string, message: KeptMessage): void {
    this.archive.keep(this.#chatOf(chat), message);
  }

  /**
   * Tells a linked device a page of the past.
   * @param options `asFile` puts the page on the media host, as big ones are.
   */
  async sendHistory(device: Companion, page: HistoryPage, { asFile = false } = {}): Promise<void> {
    const messageId = () => this.#network.messageId();
    const chats = page.chats?.map((chat) => ({
      ...chat,
      messages: chat.messages.map((message) => ({ ...message, id: message.id ?? messageId() })),
    }));
    for (const chat of chats ?? []) {
      this.archive.prepend(
        this.#chatOf(historyJid(chat)),
        chat.messages.map((message) => pastMessage(chat, message, message.id)),
      );
    }
    const media = asFile ? this.#network.media : undefined;
    await this.sendPeer(device, historyNotification({ ...page, chats }, messageId, media));
  }

  /** A chat has one archive, by whichever address it is named. */
  #chatOf(jid: string): string {
    return this.#network.find(jid)?.lidJid ?? jid;
  }

  takeDeviceId(): number {
    return this.#nextDevice++;
  }

  /** A message for the phone itself: a copy of what one of its devices sent, or one from another phone. */
  async receive(device: Companion, stanza: BinaryNode, enc: BinaryNode): Promise<void> {
    const message = await this.#opening.open(device, stanza, enc);
    if (message === undefined) return;
    const { id } = stanza.attrs;
    remember(this.copies, { id, message });
    if (device.phone === this) this.#hear(device, id, message);
  }

  /** What one of its own linked devices sent: to somebody, or as a request to the phone. */
  #hear(device: Companion, id: string, { deviceSentMessage, ...direct }: proto.IMessage): void {
    const message = deviceSentMessage?.message ?? direct;
    const asked = message.protocolMessage?.peerDataOperationRequestMessage;
    if (asked) return this.#answers.take(device, id, asked);
    const to = deviceSentMessage?.destinationJid;
    if (!to || message.protocolMessage) return;
    const key = { remoteJid: to, fromMe: true, id };
    this.keep(to, { key, message, t: unixSeconds(), pushName: this.name });
  }

  /** The owner read or played messages on the phone, or another device of theirs did: linked devices are told. */
  sendReceipt(chat: ContactParty | GroupChat, ids: readonly string[], kind: ReceiptKind): void {
    const own = chat.addressing === "lid" ? this.lidJid : this.pnJid;
    const address = chat.kind === "group"
      ? { from: chat.jid, participant: own }
      : { from: own, recipient: chat.jid };
    for (const device of this.devices.values()) device.deliver(receiptStanza(address, ids, kind));
  }

  /**
   * The owner opens a chat on the phone and reads what is new in it. Linked devices are told by a receipt: `read-self`
   * of those who tell nobody what they read.
   * @returns The ids of what was read.
   * @see whatsmeow types/presence.go `ReceiptTypeReadSelf`, Baileys lib/Socket/messages-recv.js `handleReceipt`
   */
  read(chat: ContactParty | GroupChat, kind: "read" | "read-self" = "read"): readonly string[] {
    const ids = this.archive.read(this.#chatOf(chat.jid)).map(({ key }) => key.id);
    if (ids.length > 0) this.sendReceipt(chat, ids, kind);
    return ids;
  }

  /**
   * The owner marks a chat as read or as unread in the list of chats, without opening it: a setting of the chat.
   * @see whatsmeow appstate/encode.go `BuildMarkChatAsRead`
   */
  async markChat(chat: ContactParty | GroupChat, read: boolean): Promise<void> {
    const newest = this.archive.newest(this.#chatOf(chat.jid));
    const messageRange = newest && {
      lastMessageTimestamp: newest.t,
      messages: [{ key: newest.key, timestamp: newest.t }],
    };
    await this.changeSetting("regular_low", {
      index: ["markChatAsRead", chat.jid],
      value: { markChatAsReadAction: { read, messageRange } },
      apiVersion: 3,
    });
  }

  /** The account moves its chats to lids: the phone tells its devices whose number belongs to which. */
  async migrateToLids(people: readonly Party[]): Promise<void> {
    this.lidMigrated = true;
    const message = lidMigration(people);
    await Promise.all([...this.devices.values()].map((device) => this.sendPeer(device, message)));
  }

  /** Sends from the phone to one of its own devices: keys, history. */
  async sendPeer(device: Companion, message: proto.IMessage): Promise<void> {
    const sealed = await this.#seal(device, message);
    const id = this.#network.messageId();
    const attrs = {
      from: this.pnJid,
      id,
      t: unixSeconds(),
      type: "text",
      category: "peer",
      notify: this.name,
    };
    device.deliver(node("message", attrs, [node("enc", { v: 2, type: sealed.type }, sealed.ciphertext)]));
  }

  /**
   * The owner types a message on the phone itself: linked devices get a copy, marked as theirs.
   * @returns The id of the message.
   */
  async type(
    to: ContactParty | GroupChat,
    message: proto.IMessage,
    options: TypeOptions = {},
  ): Promise<string> {
    const { id = this.#network.messageId(), t = unixSeconds(), plaintext, unavailable } = options;
    const attrs = { ...typedAttrs(this, to, message), id, t: String(t), ...options.attrs };
    const key = { remoteJid: to.jid, fromMe: true, id };
    this.keep(to.jid, { key, message, plaintext, t, pushName: this.name });
    const copy = typedCopy(to.jid, message, plaintext);
    for (const device of this.devices.values()) {
      const content = unavailable === undefined
        ? await this.#enc(device, copy, options.enc)
        : node("unavailable", unavailable);
      device.deliver(node("message", attrs, [content, ...options.nodes ?? []]));
    }
    for (const reader of to.kind === "group" ? to.contacts : [to]) reader.hear(this, to, id, message);
    return id;
  }

  /** The owner saves somebody in the phone's address book; linked devices learn it as a chat setting. */
  async saveContact(
    person: Addresses,
    names: { readonly fullName: string; readonly firstName?: string },
  ): Promise<void> {
    const contactAction = { ...names, lidJid: person.lidJid, saveOnPrimaryAddressbook: true };
    await this.changeSetting("critical_unblock_low", {
      index: ["contact", person.pnJid],
      value: { contactAction },
    });
  }

  /** The owner changes a chat setting on the phone; linked devices are told that there is something new. */
  async changeSetting(collection: string, change: SettingMade): Promise<void> {
    await this.appState.put(collection, change);
    this.tellSettings(collection);
  }

  /** Tells linked devices, but the one that made it, that a chat setting changed. */
  tellSettings(collection: string, except?: Companion): void {
    const changed = node("collection", { name: collection, version: this.appState.version(collection) });
    for (const device of this.devices.values()) {
      if (device === except) continue;
      const attrs = { from: SERVER, type: "server_sync", id: this.#network.nextId("sync"), t: unixSeconds() };
      device.deliver(node("notification", attrs, [changed]));
    }
  }

  /** The owner sets on the phone after how many seconds messages of this chat disappear; 0 turns that off. */
  setDisappearing(contact: ContactParty, seconds: number): Promise<string> {
    return this.type(contact, timerContent(seconds, unixSeconds()));
  }

  async #enc(
    device: Companion,
    message: proto.IMessage | Uint8Array,
    attrs: Attrs = {},
  ): Promise<BinaryNode> {
    const sealed = await this.#seal(device, message);
    return node("enc", { v: "2", type: sealed.type, ...attrs }, sealed.ciphertext);
  }

  #seal(device: Companion, message: proto.IMessage | Uint8Array) {
    return this.signal.seal(this.number, device.id, pad(message), () => device.takeBundle());
  }
}
