// A phone number of the gateway: its phone (device 0) and the devices that are linked to it.
import type { proto } from "@whiskeysockets/baileys";
import { AppState } from "./app_state.ts";
import type { Contact } from "./contact.ts";
import { stanzaType } from "./reading.ts";
import { Group } from "./group.ts";
import { jidOf, SERVER } from "./jids.ts";
import type { LinkedDevice } from "./linked_device.ts";
import type { Network } from "./network.ts";
import { type BinaryNode, node, unixSeconds } from "./nodes.ts";
import { Opening } from "./opening.ts";
import { retryStanza } from "./receipts.ts";
import { remember } from "./recent.ts";
import { pad, SignalPeer } from "./signal_peer.ts";

/** A chat that the phone hands to a freshly linked device; messages newest first. */
export interface HistoryChat {
  readonly with: Contact;
  readonly messages: readonly {
    readonly text: string;
    readonly fromMe?: boolean;
    /** Unix seconds; an hour ago when left out. */
    readonly t?: number;
    readonly id?: string;
  }[];
}

/** A message that reached the phone itself: a copy of what a linked device sent, or one from another phone. */
export interface PhoneCopy {
  readonly id: string;
  readonly message: proto.Message;
}

export class VirtualPhone {
  readonly number: string;
  readonly lid: string;
  name: string;
  readonly signal = new SignalPeer();
  readonly devices = new Map<number, LinkedDevice>();
  readonly copies: PhoneCopy[] = [];
  /** Chats that a device gets when it is linked. */
  history: readonly HistoryChat[] = [];
  /** The chat settings that linked devices share. */
  readonly appState = new AppState();
  readonly #network: Network;
  readonly #opening: Opening;
  #nextDevice = 1;

  constructor(
    network: Network,
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

  takeDeviceId(): number {
    return this.#nextDevice++;
  }

  /** A message for the phone itself: a copy of what one of its devices sent, or one from another phone. */
  async receive(device: LinkedDevice, stanza: BinaryNode, enc: BinaryNode): Promise<void> {
    const message = await this.#opening.open(device, stanza, enc);
    if (message !== undefined) remember(this.copies, { id: stanza.attrs.id, message });
  }

  /** Sends from the phone to one of its own devices: keys, history. */
  async sendPeer(device: LinkedDevice, message: proto.IMessage): Promise<void> {
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
  async type(to: Contact | Group, message: proto.IMessage): Promise<string> {
    const id = this.#network.messageId();
    const lid = to.addressing === "lid";
    const chat = to instanceof Group ? { from: to.jid, participant: lid ? this.lidJid : this.pnJid } : {
      from: lid ? this.lidJid : this.pnJid,
      recipient: to.jid,
      peer_recipient_pn: lid ? to.pnJid : undefined,
      peer_recipient_lid: lid ? undefined : to.lidJid,
    };
    for (const device of this.devices.values()) {
      const sealed = await this.#seal(device, { deviceSentMessage: { destinationJid: to.jid, message } });
      const attrs = {
        ...chat,
        addressing_mode: to.addressing,
        id,
        t: unixSeconds(),
        type: stanzaType(message),
      };
      device.deliver(
        node("message", { ...attrs, notify: this.name }, [
          node("enc", { v: 2, type: sealed.type }, sealed.ciphertext),
        ]),
      );
    }
    for (const reader of to instanceof Group ? to.contacts : [to]) reader.receiveTyped(this, to, id, message);
    return id;
  }

  #seal(device: LinkedDevice, message: proto.IMessage) {
    return this.signal.seal(this.number, device.id, pad(message), () => device.takeBundle());
  }
}
