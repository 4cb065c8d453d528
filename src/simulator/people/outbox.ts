// How a contact's messages are encrypted for the linked devices of a chat, and sent again when one cannot read them.
import { Buffer } from "node:buffer";
import type { proto } from "@whiskeysockets/baileys";
import { type BinaryNode, bytes, child, node, unixSeconds } from "../wire/nodes.ts";
import { bundleFromNode } from "../wire/prekeys.ts";
import { rememberKey } from "../wire/recent.ts";
import { pad, type SignalPeer } from "../wire/signal_peer.ts";
import type { Attrs, Chat, Companion, ContactParty, PhoneParty, SendOptions, SentMessage } from "./chat.ts";
import { addressedFrom, messageAttrs, statusAttrs, userOf } from "./message_attrs.ts";

/** Where a status post goes: to everybody. */
export const STATUS_JID = "status@broadcast";

/** A stanza for a device, not sent yet. */
export interface Prepared {
  readonly device: Companion;
  readonly stanza: BinaryNode;
}

/** What is sent, under which id. */
export interface Draft extends SendOptions {
  readonly id: string;
  readonly message: proto.IMessage;
}

export class Outbox {
  readonly #owner: ContactParty;
  readonly #sent = new Map<string, SentMessage>();
  /** Devices that have our sender key, by group and by how we are addressed in it. */
  readonly #introduced = new Map<string, WeakSet<Companion>>();
  /** The address under which each device knows our session, when nothing links it to another one. */
  readonly #knownAs = new WeakMap<Companion, string>();

  constructor(owner: ContactParty) {
    this.#owner = owner;
  }

  find(id: string): SentMessage | undefined {
    return this.#sent.get(id);
  }

  /** The owner has a new identity: nobody has its sender keys any more. */
  forgetIntroductions(): void {
    this.#introduced.clear();
  }

  /** Encrypts for every linked device of the chat; the phones themselves get it as well. */
  async prepare(to: Chat, draft: Draft): Promise<Prepared[]> {
    const { message, id, plaintext, t = unixSeconds() } = draft;
    rememberKey(this.#sent, id, { message, to, options: draft });
    const attrs = { ...messageAttrs(this.#owner, to, draft), id, t: String(t), ...draft.attrs };
    this.#keep(to, { key: { id }, message, plaintext, t, pushName: this.#owner.name });
    if (draft.unavailable !== undefined) return this.#prepareNothing(to, attrs, draft);
    if (to.kind === "group") {
      return await this.#prepareShared(to.jid, userOf(this.#owner, to, draft), to.devices, attrs, draft);
    }
    return await Promise.all([...to.devices.values()].map(async (device) => {
      await this.#meetAs(device, draft);
      const enc = await this.#seal(device, plaintext ?? message, draft);
      if (draft.corrupt) damage(enc);
      return { device, stanza: node("message", attrs, [enc, ...draft.nodes ?? []]) };
    }));
  }

  /** Encrypts a status post for the devices of a phone. */
  async prepareStatus(to: PhoneParty, devices: readonly Companion[], draft: Draft): Promise<Prepared[]> {
    const { id, t = unixSeconds() } = draft;
    const attrs = { ...statusAttrs(this.#owner, STATUS_JID, draft), id, t: String(t), ...draft.attrs };
    const key = { id, remoteJid: STATUS_JID, participant: this.#owner.lidJid, fromMe: false };
    const { message, plaintext } = draft;
    to.keep(STATUS_JID, { key, message, plaintext, t, pushName: this.#owner.name });
    if (draft.unavailable !== undefined) return this.#prepareNothing(to, attrs, draft);
    return await this.#prepareShared(STATUS_JID, this.#owner.lid, devices, attrs, draft);
  }

  /** A client could not decrypt one of our messages and asked for it again. */
  async resend(device: Companion, receipt: BinaryNode): Promise<void> {
    const { id } = receipt.attrs;
    const sent = this.#sent.get(id);
    if (!sent) return;
    const options = sent.options ?? {};
    const keys = child(receipt, "keys");
    const registrationId = bytes(child(receipt, "registration")).readUInt32BE(0);
    // the old session stays beside the new one: what the client has sent in the meantime is encrypted with it
    await this.#signal(options).startSession(
      device.phone.number,
      device.id,
      keys ? bundleFromNode(keys, registrationId) : device.takeBundle(),
    );
    const enc = await this.#seal(device, options.plaintext ?? sent.message, options);
    enc.attrs.count = child(receipt, "retry")?.attrs.count ?? "1";
    const draft = { ...options, id, message: sent.message };
    if (sent.to.kind === "group") this.#introduced.get(introductionKey(sent.to.jid, draft))?.delete(device);
    const attrs = { ...messageAttrs(this.#owner, sent.to, draft), id, t: unixSeconds(), ...options.attrs };
    device.deliver(node("message", attrs, [enc, ...options.nodes ?? []]));
  }

  #keep(to: Chat, kept: Parameters<PhoneParty["keep"]>[1]): void {
    if (to.kind === "phone") {
      const remoteJid = this.#owner.jid;
      return to.keep(remoteJid, { ...kept, key: { ...kept.key, remoteJid, fromMe: false } });
    }
    const key = { ...kept.key, remoteJid: to.jid, participant: to.jidOf(this.#owner), fromMe: false };
    for (const phone of to.phones) phone.keep(to.jid, { ...kept, key });
  }

  #prepareNothing(to: Chat, attrs: Attrs, draft: Draft): Prepared[] {
    const content = [node("unavailable", draft.unavailable), ...draft.nodes ?? []];
    return [...to.devices.values()].map((device) => ({ device, stanza: node("message", attrs, content) }));
  }

  async #prepareShared(
    groupId: string,
    user: string,
    devices: readonly Companion[],
    attrs: Attrs,
    draft: Draft,
  ): Promise<Prepared[]> {
    const plain = pad(draft.plaintext ?? draft.message);
    const shared = await this.#signal(draft).sealForGroup(groupId, user, plain);
    const enc = node("enc", { v: "2", type: "skmsg", ...draft.enc }, shared.ciphertext);
    if (draft.corrupt) damage(enc);
    return await Promise.all(devices.map(async (device) => {
      const introduction = await this.#introduce(groupId, device, shared.distribution, draft);
      return { device, stanza: node("message", attrs, [...introduction, enc, ...draft.nodes ?? []]) };
    }));
  }

  /** Our sender key, for a device that does not have it yet. */
  async #introduce(
    groupId: string,
    device: Companion,
    distribution: Buffer,
    draft: Draft,
  ): Promise<BinaryNode[]> {
    const key = introductionKey(groupId, draft);
    const introduced = this.#introduced.get(key) ?? new WeakSet();
    this.#introduced.set(key, introduced);
    if (introduced.has(device)) return [];
    introduced.add(device);
    const introduction = { groupId, axolotlSenderKeyDistributionMessage: distribution };
    return [await this.#seal(device, { senderKeyDistributionMessage: introduction }, draft)];
  }

  /** Starts anew with a device that knows us under another address, and has no way to know that both are ours. */
  async #meetAs(device: Companion, draft: Draft): Promise<void> {
    const alone = draft.bothAddresses === false ? addressedFrom(this.#owner, draft) : undefined;
    const known = this.#knownAs.get(device);
    if (alone === undefined) return void this.#knownAs.delete(device);
    this.#knownAs.set(device, alone);
    const signal = this.#signal(draft);
    const { number } = device.phone;
    if (known === alone || !signal.hasSession(number, device.id)) return;
    await signal.startSession(number, device.id, device.takeBundle());
  }

  #signal({ device }: SendOptions): SignalPeer {
    return this.#owner.signalOf(device?.id ?? 0);
  }

  async #seal(
    device: Companion,
    message: proto.IMessage | Uint8Array,
    options: SendOptions,
  ): Promise<BinaryNode> {
    const { number } = device.phone;
    const signal = this.#signal(options);
    const sealed = await signal.seal(number, device.id, pad(message), () => device.takeBundle());
    return node("enc", { v: "2", type: sealed.type, ...options.enc }, sealed.ciphertext);
  }
}

function introductionKey(groupId: string, { addressing, device }: SendOptions): string {
  return `${groupId} ${addressing ?? ""} ${device?.id ?? 0}`;
}

function damage(enc: BinaryNode): void {
  if (enc.content instanceof Uint8Array) enc.content[enc.content.length - 12] ^= 0xff;
}
