// How a contact's messages are encrypted for the linked devices of a chat, and sent again when one cannot read them.
import { Buffer } from "node:buffer";
import type { proto } from "@whiskeysockets/baileys";
import type { Chat, SendOptions } from "./chat.ts";
import type { Contact } from "./contact.ts";
import { Group } from "./group.ts";
import type { LinkedDevice } from "./linked_device.ts";
import { type BinaryNode, bytes, child, node, unixSeconds } from "./nodes.ts";
import { bundleFromNode } from "./prekeys.ts";
import { stanzaType } from "./reading.ts";
import { rememberKey } from "./recent.ts";
import { pad } from "./signal_peer.ts";

/** Where a status post goes: to everybody. */
export const STATUS_JID = "status@broadcast";

/** A stanza for a device, not sent yet. */
export interface Prepared {
  readonly device: LinkedDevice;
  readonly stanza: BinaryNode;
}

export interface SentMessage {
  readonly message: proto.IMessage;
  readonly to: Chat;
}

/** What is sent, under which id. */
export interface Draft extends SendOptions {
  readonly id: string;
  readonly message: proto.IMessage;
}

export class Outbox {
  readonly #owner: Contact;
  readonly #sent = new Map<string, SentMessage>();
  /** Devices that have our sender key, by group. */
  readonly #introduced = new Map<string, WeakSet<LinkedDevice>>();

  constructor(owner: Contact) {
    this.#owner = owner;
  }

  find(id: string): SentMessage | undefined {
    return this.#sent.get(id);
  }

  /** The owner has a new identity: nobody has its sender keys any more. */
  forgetIntroductions(): void {
    this.#introduced.clear();
  }

  /** Encrypts for every linked device of the chat. */
  async prepare(to: Chat, draft: Draft): Promise<Prepared[]> {
    rememberKey(this.#sent, draft.id, { message: draft.message, to });
    const attrs = {
      ...this.#attrs(to, draft.message),
      id: draft.id,
      t: draft.t ?? unixSeconds(),
      ...draft.attrs,
    };
    if (to instanceof Group) {
      const user = to.addressing === "lid" ? this.#owner.lid : this.#owner.number;
      return await this.#prepareShared(to.jid, user, to.devices, attrs, draft);
    }
    return await Promise.all([...to.devices.values()].map(async (device) => {
      const enc = await this.#seal(device, draft.message);
      if (draft.corrupt) damage(enc);
      return { device, stanza: node("message", attrs, [enc]) };
    }));
  }

  /** Encrypts a status post for the devices of a phone. */
  async prepareStatus(to: Chat, devices: readonly LinkedDevice[], draft: Draft): Promise<Prepared[]> {
    const { lid, lidJid, pnJid } = this.#owner;
    const chat = { from: STATUS_JID, participant: lidJid, participant_pn: pnJid, addressing_mode: "lid" };
    const attrs = { ...this.#attrs(to, draft.message), ...chat, id: draft.id, t: unixSeconds() };
    return await this.#prepareShared(STATUS_JID, lid, devices, attrs, draft);
  }

  /** A client could not decrypt one of our messages and asked for it again. */
  async resend(device: LinkedDevice, receipt: BinaryNode): Promise<void> {
    const { id } = receipt.attrs;
    const sent = this.#sent.get(id);
    if (!sent) return;
    const { number } = device.phone;
    const { signal } = this.#owner;
    const keys = child(receipt, "keys");
    const registrationId = bytes(child(receipt, "registration")).readUInt32BE(0);
    // the old session stays beside the new one: what the client has sent in the meantime is encrypted with it
    await signal.startSession(
      number,
      device.id,
      keys ? bundleFromNode(keys, registrationId) : device.takeBundle(),
    );
    const enc = await this.#seal(device, sent.message);
    enc.attrs.count = child(receipt, "retry")?.attrs.count ?? "1";
    if (sent.to instanceof Group) this.#introduced.get(sent.to.jid)?.delete(device);
    device.deliver(node("message", { ...this.#attrs(sent.to, sent.message), id, t: unixSeconds() }, [enc]));
  }

  #attrs(to: Chat, message: proto.IMessage): Readonly<Record<string, string | undefined>> {
    const { name: notify, addressing, pnJid, lidJid } = this.#owner;
    const common = { notify, type: stanzaType(message) };
    if (to instanceof Group) return { ...common, from: to.jid, ...to.participantAttrs(this.#owner) };
    return addressing === "lid"
      ? { ...common, from: lidJid, addressing_mode: "lid", sender_pn: pnJid }
      : { ...common, from: pnJid, addressing_mode: "pn", sender_lid: lidJid };
  }

  async #prepareShared(
    groupId: string,
    user: string,
    devices: readonly LinkedDevice[],
    attrs: Readonly<Record<string, string | number | undefined>>,
    draft: Draft,
  ): Promise<Prepared[]> {
    const shared = await this.#owner.signal.sealForGroup(groupId, user, pad(draft.message));
    const enc = node("enc", { v: 2, type: "skmsg" }, shared.ciphertext);
    if (draft.corrupt) damage(enc);
    return await Promise.all(devices.map(async (device) => {
      const introduction = await this.#introduce(groupId, device, shared.distribution);
      return { device, stanza: node("message", attrs, [...introduction, enc]) };
    }));
  }

  /** Our sender key, for a device that does not have it yet. */
  async #introduce(groupId: string, device: LinkedDevice, distribution: Buffer): Promise<BinaryNode[]> {
    const introduced = this.#introduced.get(groupId) ?? new WeakSet();
    this.#introduced.set(groupId, introduced);
    if (introduced.has(device)) return [];
    introduced.add(device);
    const introduction = { groupId, axolotlSenderKeyDistributionMessage: distribution };
    return [await this.#seal(device, { senderKeyDistributionMessage: introduction })];
  }

  async #seal(device: LinkedDevice, message: proto.IMessage): Promise<BinaryNode> {
    const { signal } = this.#owner;
    const sealed = await signal.seal(device.phone.number, device.id, pad(message), () => device.takeBundle());
    return node("enc", { v: 2, type: sealed.type }, sealed.ciphertext);
  }
}

function damage(enc: BinaryNode): void {
  if (enc.content instanceof Uint8Array) enc.content[enc.content.length - 12] ^= 0xff;
}
