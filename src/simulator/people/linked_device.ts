// A companion device as the server knows it: keys, backlog, and the ways to lose its connection.
import { Buffer } from "node:buffer";
import type { Connection } from "../wire/connection.ts";
import { jidOf, SERVER } from "../wire/jids.ts";
import { type BinaryNode, node, unixSeconds } from "../wire/nodes.ts";
import type { Companion, PhoneParty } from "./chat.ts";
import type { PreKeyBundle, SignedPreKey } from "../wire/prekeys.ts";

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
  return `${tag} ${id} ${participant} ${type}`;
}

/** Two chats may have messages with one id. */
function messageKey({ id, from, participant = "" }: BinaryNode["attrs"]): string {
  return `message ${id} ${from} ${participant}`;
}

/** A linked device of a phone: the client under test, seen from the server. */
export class LinkedDevice implements Companion {
  readonly phone: PhoneParty;
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
  /** Logins while another connection of the device was open. */
  replacements = 0;
  historySent = false;
  /** The phone has said all that it tells a fresh device. */
  greeted = false;
  /** The connection on which the backlog has gone out; until then new stanzas join the backlog. */
  caughtUpOn: Connection | undefined;
  /** The device identity that passed its checks last: checking it once is enough. */
  checkedIdentity = "";
  /** Stanzas that the client has not settled by a receipt or ack, oldest first; sent again at its next login. */
  readonly pending = new Map<string, BinaryNode>();
  /** The keys of pending messages by their id: a receipt may name the chat by another address. */
  readonly #keysOf = new Map<string, string[]>();
  readonly receipts: BinaryNode[] = [];
  readonly acks: BinaryNode[] = [];
  readonly sent: SentStanza[] = [];
  readonly presence: BinaryNode[] = [];

  constructor(phone: PhoneParty, id: number, keys: CompanionKeys) {
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
    if (stanza.tag !== "message") return void this.pending.set(pendingKey(stanza.tag, stanza.attrs), stanza);
    const key = messageKey(stanza.attrs);
    if (!this.pending.has(key)) {
      const { id } = stanza.attrs;
      this.#keysOf.set(id, [...this.#keysOf.get(id) ?? [], key]);
    }
    this.pending.set(key, stanza);
  }

  /**
   * The client has this message: it sent a receipt or an ack for it.
   * @param chat The address that the receipt goes to; of several messages with one id it is about that one.
   */
  settleMessage(id: string, chat = "", participant?: string): void {
    const keys = this.#keysOf.get(id) ?? [];
    const key = messageKey({ id, from: chat, ...(participant === undefined ? {} : { participant }) });
    const settled = keys.includes(key) ? [key] : keys;
    for (const each of settled) this.pending.delete(each);
    const left = keys.filter((each) => !settled.includes(each));
    if (left.length > 0) this.#keysOf.set(id, left);
    else this.#keysOf.delete(id);
  }

  /** The client acknowledged a stanza. */
  settle(ack: BinaryNode): void {
    const { class: tag, id, to, participant } = ack.attrs;
    if (tag === "message") this.settleMessage(id, to, participant);
    else this.pending.delete(pendingKey(tag, ack.attrs));
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

  /** It is online, and has its backlog and all that a phone tells a fresh device. */
  get isGreeted(): boolean {
    return this.online && this.caughtUpOn === this.connection && this.greeted && this.pending.size === 0;
  }

  /** Closes with a stream error, such as "515" (restart) or "503" (service unavailable). */
  restart(code = "515"): void {
    this.endStream({ code });
  }

  /** Another client has logged in with the same keys. */
  replace(): void {
    this.replacements++;
    this.endStream({}, node("conflict", { type: "replaced" }));
  }

  /** The owner of the phone unlinked this device. */
  remove(): void {
    this.phone.unlink(this);
    this.endStream({ code: "401" }, node("conflict", { type: "device_removed" }));
  }

  /** Cuts TCP. */
  drop(): void {
    this.connection?.drop();
  }

  /**
   * Closes with any stream error, such as `<xml-not-well-formed>` or 429 with a `<text>`.
   * @param attrs Usually a `code`.
   */
  endStream(attrs: Readonly<Record<string, string>>, ...content: readonly BinaryNode[]): void {
    this.connection?.send(node("stream:error", attrs, content.length > 0 ? [...content] : undefined));
    this.connection?.close();
  }
}
