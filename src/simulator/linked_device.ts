// A companion device as the server knows it: keys, backlog, and the ways to lose its connection.
import { Buffer } from "node:buffer";
import type { Connection } from "./connection.ts";
import { jidOf, SERVER } from "./jids.ts";
import { type BinaryNode, node, unixSeconds } from "./nodes.ts";
import type { VirtualPhone } from "./phone.ts";
import type { PreKeyBundle, SignedPreKey } from "./prekeys.ts";

const FEW_PREKEYS = 5;

/** A stanza that the client sent: a message, or the answer to a call. */
export interface SentStanza {
  readonly id: string;
  readonly to: string;
  readonly node: BinaryNode;
  readonly at: number;
}

/** What a client states about itself when it pairs. */
export interface CompanionKeys {
  readonly noiseStatic: Buffer;
  readonly registrationId: number;
  readonly identity: Buffer;
  readonly signedPreKey: SignedPreKey;
}

/** Receipts of several people, or of several kinds, have the id of the message that they are about. */
function pendingKey(tag: string, { id, participant = "", type = "" }: BinaryNode["attrs"]): string {
  return tag === "message" ? `message ${id}` : `${tag} ${id} ${participant} ${type}`;
}

/** A linked device of a phone: the client under test, seen from the server. */
export class LinkedDevice {
  readonly phone: VirtualPhone;
  readonly id: number;
  readonly noiseStatic: Buffer;
  readonly registrationId: number;
  readonly identity: Buffer;
  signedPreKey: SignedPreKey;
  /** One-time prekeys by id: public halves that nobody has used yet. */
  readonly preKeys = new Map<number, Buffer>();
  connection: Connection | undefined;
  /** The client said that it wants live stanzas. */
  active = false;
  logins = 0;
  historySent = false;
  /** The connection on which the backlog has gone out; until then new stanzas join the backlog. */
  caughtUpOn: Connection | undefined;
  /** The device identity that passed its checks last: checking it once is enough. */
  checkedIdentity = "";
  /** Stanzas that the client has not settled by a receipt or ack, oldest first; sent again at its next login. */
  readonly pending = new Map<string, BinaryNode>();
  readonly receipts: BinaryNode[] = [];
  readonly acks: BinaryNode[] = [];
  readonly sent: SentStanza[] = [];
  readonly presence: BinaryNode[] = [];

  constructor(phone: VirtualPhone, id: number, keys: CompanionKeys) {
    this.phone = phone;
    this.id = id;
    this.noiseStatic = keys.noiseStatic;
    this.registrationId = keys.registrationId;
    this.identity = keys.identity;
    this.signedPreKey = keys.signedPreKey;
  }

  get jid(): string {
    return jidOf(this.phone.number, SERVER, this.id);
  }

  get lidJid(): string {
    return jidOf(this.phone.lid, "lid", this.id);
  }

  get online(): boolean {
    return this.active && this.connection !== undefined && !this.connection.closed;
  }

  /** Takes one one-time prekey, as a key query does; asks the client for more when few are left. */
  takeBundle(): PreKeyBundle {
    const { registrationId, identity, signedPreKey } = this;
    const [first] = this.preKeys;
    if (first) this.preKeys.delete(first[0]);
    if (this.online && this.preKeys.size < FEW_PREKEYS) this.announcePreKeyCount();
    return { registrationId, identity, signedPreKey, preKey: first && { id: first[0], pub: first[1] } };
  }

  announcePreKeyCount(): void {
    const count = node("count", { value: this.preKeys.size });
    const t = unixSeconds();
    // Baileys wants this `from` with the @, unlike that of other stanzas of the server
    this.connection?.send(
      node("notification", { from: `@${SERVER}`, type: "encrypt", id: `prekeys-${t}`, t }, [count]),
    );
  }

  /** Sends now if the client is online and has its backlog; otherwise keeps it for the next login. */
  deliver(stanza: BinaryNode): void {
    this.hold(stanza);
    if (this.online && this.caughtUpOn === this.connection) this.connection?.send(stanza);
  }

  /** Sends only if the client is online: presence and typing are not kept. */
  sendLive(stanza: BinaryNode): void {
    if (this.online) this.connection?.send(stanza);
  }

  /** Keeps a stanza for the next login, without sending it now. */
  hold(stanza: BinaryNode): void {
    this.pending.set(pendingKey(stanza.tag, stanza.attrs), stanza);
  }

  /** The client has this message: it sent a receipt for it. */
  settleMessage(id: string): void {
    this.pending.delete(pendingKey("message", { id }));
  }

  /** The client acknowledged a stanza. */
  settle(ack: BinaryNode): void {
    this.pending.delete(pendingKey(ack.attrs.class, ack.attrs));
  }

  /** Tells the client that live stanzas begin, and how many it missed. */
  goActive(): void {
    this.active = true;
    const count = this.pending.size;
    const preview = { count, message: count, receipt: 0, notification: 0, call: 0, appdata: 0 };
    this.connection?.send(node("ib", { from: SERVER }, [node("offline_preview", preview)]));
  }

  /** Sends what the client missed, marked as offline. */
  sendBacklog(): void {
    const { connection } = this;
    if (connection === undefined) return;
    const missed = [...this.pending.values()];
    this.caughtUpOn = connection;
    for (const stanza of missed) connection.send({ ...stanza, attrs: { ...stanza.attrs, offline: "1" } });
    connection.send(node("ib", { from: SERVER }, [node("offline", { count: missed.length })]));
  }

  /** Closes with a stream error, such as "515" (restart) or "503" (service unavailable). */
  restart(code = "515"): void {
    this.#endStream({ code });
  }

  /** Another client has logged in with the same keys. */
  replace(): void {
    this.#endStream({}, node("conflict", { type: "replaced" }));
  }

  /** The owner of the phone unlinked this device. */
  remove(): void {
    this.phone.devices.delete(this.id);
    this.#endStream({ code: "401" }, node("conflict", { type: "device_removed" }));
  }

  /** Cuts TCP. */
  drop(): void {
    this.connection?.drop();
  }

  #endStream(attrs: Readonly<Record<string, string>>, ...content: readonly BinaryNode[]): void {
    this.connection?.send(node("stream:error", attrs, content.length > 0 ? [...content] : undefined));
    this.connection?.close();
  }
}
