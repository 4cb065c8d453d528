// Everybody and everything on the simulated network, apart from who is connected.
import { randomBytes } from "node:crypto";
import type { proto } from "@whiskeysockets/baileys";
import type { ContactOptions, Person } from "./chat.ts";
import { Contact } from "./contact.ts";
import { mediaContent, type MediaDetails } from "./content.ts";
import { Group, type GroupOptions } from "./group.ts";
import { parseJid, SERVER } from "../wire/jids.ts";
import { type MediaKind, sealMedia } from "../wire/media.ts";
import type { MediaHost } from "../wire/media_host.ts";
import { type BinaryNode, node, unixSeconds } from "../wire/nodes.ts";
import { otherReadings } from "./other_readings.ts";
import { VirtualPhone } from "./phone.ts";
import { remember } from "../wire/recent.ts";
import type { World } from "./world.ts";

const WAIT_MS = 30_000;
const LOOK_AGAIN_MS = 100;

/** Things that go wrong on purpose. Set a field to begin, delete it to end. */
export interface Faults {
  /** Gives the error code with which this outgoing message is refused, such as 463 or 479. */
  refuse?: (message: BinaryNode) => number | undefined;
  /** Whether to take this outgoing message but never acknowledge it. */
  dropAck?: (message: BinaryNode) => boolean;
  /** Acknowledges outgoing messages this much later. */
  ackDelayMs?: number;
  /** Never answers queries of these xmlns, such as "usync". */
  ignoreQueries?: ReadonlySet<string>;
  /** Answers queries of these xmlns with this error code, such as 429. */
  queryErrors?: ReadonlyMap<string, number>;
  /** Refuses new WebSockets with this HTTP status. */
  upgradeStatus?: number;
  /** Refuses logins with this reason: 403 is a banned account, 405 an outdated client, 503 an overloaded server. */
  loginFailure?: number | LoginFailure;
  /** Delays every node to clients that connect from now on. */
  delayOutMs?: number;
  /** Retires the secret of a QR code when it is scanned: the client has to show another, which can be scanned. */
  refreshOnScan?: boolean;
  /** Asks for a passkey when a QR code is scanned, which cannot be linked then. */
  askPasskey?: boolean;
}

/**
 * How a login is refused.
 * @see whatsmeow connectionevents.go `handleConnectFailure`, whatsapp-rust wacore/src/stanza/connect_failure.rs
 */
export interface LoginFailure {
  /** 400 to 599. */
  readonly reason: number;
  /** Why an account is banned for a while: 101 to 106, with reason 402. */
  readonly code?: number;
  /** For how many seconds. */
  readonly expire?: number;
  readonly message?: string;
  readonly url?: string;
  readonly logoutMessage?: { readonly header?: string; readonly subtext?: string; readonly locale?: string };
  /** Refuses the next logins only. */
  readonly times?: number;
}

/** Somebody on the network, with everything that can be done as them. */
export type Somebody = VirtualPhone | Contact;

/** The address book of the simulator, its media servers, and what the clients did wrong. */
export class Network implements World {
  readonly media: MediaHost;
  readonly faults: Faults = {};
  /** Stanzas that nothing here could answer; tests should find this empty. */
  readonly unknown: BinaryNode[] = [];
  /** What clients did against the protocol; tests should find this empty. */
  readonly complaints: string[] = [];
  /** How often each query came, by "xmlns type child". */
  readonly queries = new Map<string, number>();
  readonly groups = new Map<string, Group>();
  /** By phone number and by lid. */
  readonly #people = new Map<string, Somebody>();
  /** Other numbers under which somebody is found. */
  readonly #aliases = new Map<string, string>();
  readonly #waiting = new Set<() => void>();
  #ids = 0;

  constructor(media: MediaHost) {
    this.media = media;
  }

  get phones(): VirtualPhone[] {
    return this.#everybody().filter((person) => person.kind === "phone");
  }

  get contacts(): Contact[] {
    return this.#everybody().filter((person) => person.kind === "contact");
  }

  /** @returns Whoever has this number, lid, or jid. */
  find(address: string): Somebody | undefined {
    return this.#people.get(address.includes("@") ? parseJid(address).user : address);
  }

  /** @returns Whom a look-up of this number finds: it may have another number. */
  lookUp(number: string): Somebody | undefined {
    const known = this.find(number) ?? this.#people.get(this.#aliases.get(number) ?? "");
    if (known !== undefined) return known;
    return otherReadings(number).map((reading) => this.find(reading)).find((person) => person !== undefined);
  }

  findContact(address: string): Contact | undefined {
    const person = this.find(address);
    return person?.kind === "contact" ? person : undefined;
  }

  findPhone(address: string): VirtualPhone | undefined {
    const person = this.find(address);
    return person?.kind === "phone" ? person : undefined;
  }

  /** The phone with this number; made when there is none. */
  phone(number: string, name = `Phone ${number}`, lid = `9${number}`): VirtualPhone {
    const known = this.find(number);
    if (known?.kind === "phone") return known;
    return this.#add(new VirtualPhone(this, { number, lid, name }));
  }

  /** A person whom phones can write with; replaces whoever had the number. */
  contact(number: string, name = `Contact ${number}`, options: ContactOptions = {}): Contact {
    for (const alias of options.alsoFoundAs ?? []) this.#aliases.set(alias, number);
    return this.#add(new Contact(this, { number, name, lid: `8${number}`, ...options }));
  }

  /** From now on a look-up of `alias` finds who has `number`. */
  alias(alias: string, number: string): void {
    this.#aliases.set(alias, number);
  }

  /**
   * Somebody has another number, and usually the same lid. The phones that write with them are told, and so are their
   * groups.
   * @param lid Their lid from now on; the same as before when left out.
   * @see whatsapp-rust src/handlers/notification/profile.rs `handle_contacts_notification`
   */
  changeNumber(contact: Contact, number: string, lid = contact.lid): void {
    const old = { number: contact.number, lid: contact.lid, pnJid: contact.pnJid, lidJid: contact.lidJid };
    this.#people.delete(old.number);
    this.#people.delete(old.lid);
    contact.number = number;
    contact.lid = lid;
    this.#add(contact);
    const names = { old: old.pnJid, new: contact.pnJid, old_lid: old.lidJid, new_lid: contact.lidJid };
    for (const device of this.phones.flatMap((phone) => [...phone.devices.values()])) {
      const attrs = { from: SERVER, type: "contacts", id: this.nextId("contacts"), t: unixSeconds() };
      device.deliver(node("notification", attrs, [node("modify", names)]));
    }
    for (const group of this.groups.values()) if (group.has(contact)) group.tellNumberChange(contact, old);
  }

  group(subject: string, members: readonly Person[], options: GroupOptions = {}): Group {
    const group = new Group(this, subject, members, options);
    this.groups.set(group.jid, group);
    return group;
  }

  /** Puts a file on the media host, and makes the message that carries it. */
  mediaContent(kind: MediaKind, file: Uint8Array, details: MediaDetails = {}): proto.IMessage {
    const sealed = sealMedia(file, kind);
    return mediaContent(kind, sealed, this.media.put(sealed.blob), { ...details, host: this.media.host });
  }

  /** Ends all faults, and begins these. */
  setFaults(faults: Faults): void {
    for (const name of Object.keys(this.faults) as (keyof Faults)[]) delete this.faults[name];
    const begun = Object.entries(faults).filter(([, fault]) => fault !== undefined);
    Object.assign(this.faults, Object.fromEntries(begun));
  }

  nextId(prefix: string): string {
    return `${prefix}.${++this.#ids}`;
  }

  /** A message id as phones make them. */
  messageId(): string {
    return `3A${randomBytes(9).toString("hex").toUpperCase()}`;
  }

  complain(what: string): void {
    remember(this.complaints, what);
  }

  /** Runs work that nobody waits for; its failure becomes a complaint. */
  inBackground(what: string, work: Promise<unknown>): void {
    work.catch((error) => this.complain(`${what}: ${error instanceof Error ? error.stack : error}`));
  }

  /**
   * Waits until `check` finds something; it is asked again whenever anything happens.
   * @throws {Error} After `timeoutMs`, naming `what`.
   */
  async until<T>(check: () => T | undefined | false, what: string, timeoutMs = WAIT_MS): Promise<T> {
    const found = await this.waitFor(check, timeoutMs);
    if (found === undefined) throw new Error(`Timed out waiting for ${what}`);
    return found;
  }

  /** As `until`, but gives undefined when `timeoutMs` have passed. */
  async waitFor<T>(check: () => T | undefined | false, timeoutMs: number): Promise<T | undefined> {
    const deadline = Date.now() + timeoutMs;
    while (true) {
      const found = check();
      if (found) return found;
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) return;
      await this.#change(Math.min(leftMs, LOOK_AGAIN_MS));
    }
  }

  /** Something happened: wakes those who wait in `until`. */
  touch(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #change(timeoutMs: number): Promise<void> {
    return new Promise((done) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        done();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.#waiting.add(wake);
    });
  }

  #add<P extends Somebody>(person: P): P {
    this.#people.set(person.number, person);
    this.#people.set(person.lid, person);
    return person;
  }

  #everybody(): Somebody[] {
    return [...new Set(this.#people.values())];
  }
}
