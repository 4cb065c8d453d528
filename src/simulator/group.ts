// A group: who is in it, how it is described to clients, and the notifications when it changes.
import { randomBytes, randomInt } from "node:crypto";
import type { Person } from "./chat.ts";
import { Contact } from "./contact.ts";
import type { LinkedDevice } from "./linked_device.ts";
import type { Network } from "./network.ts";
import { type BinaryNode, node, unixSeconds } from "./nodes.ts";
import { VirtualPhone } from "./phone.ts";

export type Role = "member" | "admin" | "superadmin";
/** What can be done to members. */
export type MemberChange = "add" | "remove" | "promote" | "demote";

export interface GroupOptions {
  /** How members are addressed; current groups use lids. */
  readonly addressing?: "lid" | "pn";
  readonly description?: string;
}

function inviteCode(): string {
  return randomBytes(16).toString("base64url").slice(0, 22);
}

export class Group {
  readonly jid: string;
  readonly addressing: "lid" | "pn";
  readonly createdAt = unixSeconds();
  readonly creator: Person | undefined;
  /** The first member is the creator. */
  readonly members = new Map<Person, Role>();
  subject: string;
  description: string | undefined;
  disappearAfterS = 0;
  inviteCode = inviteCode();
  /** Settings that are on, by the name the protocol gives them: announcement, locked. */
  readonly settings = new Set<string>();
  readonly #network: Network;

  constructor(network: Network, subject: string, members: readonly Person[], options: GroupOptions = {}) {
    this.#network = network;
    this.jid = `120363${Date.now()}${randomInt(1000, 9999)}@g.us`;
    this.subject = subject;
    this.addressing = options.addressing ?? "lid";
    this.description = options.description;
    this.creator = members[0];
    for (const member of members) this.members.set(member, member === this.creator ? "superadmin" : "member");
  }

  get contacts(): Contact[] {
    return [...this.members.keys()].filter((member) => member instanceof Contact);
  }

  /** Every linked device of every member. */
  get devices(): LinkedDevice[] {
    const phones = [...this.members.keys()].filter((member) => member instanceof VirtualPhone);
    return phones.flatMap((phone) => [...phone.devices.values()]);
  }

  /** How this member is addressed here. */
  jidOf(member: Person): string {
    return this.addressing === "lid" ? member.lidJid : member.pnJid;
  }

  /** The attributes that name the writer of a stanza in this group. */
  participantAttrs(member: Person): Record<string, string | undefined> {
    return this.addressing === "lid"
      ? { participant: member.lidJid, participant_pn: member.pnJid, addressing_mode: "lid" }
      : { participant: member.pnJid, participant_lid: member.lidJid, addressing_mode: "pn" };
  }

  participantNode(member: Person, attrs: Readonly<Record<string, string | undefined>> = {}): BinaryNode {
    return this.addressing === "lid"
      ? node("participant", { jid: member.lidJid, phone_number: member.pnJid, ...attrs })
      : node("participant", { jid: member.pnJid, lid: member.lidJid, ...attrs });
  }

  /** The group as a query answers it. */
  toNode(): BinaryNode {
    const { creator, members, description } = this;
    const participants = [...members].map(([member, role]) =>
      this.participantNode(member, { type: role === "member" ? undefined : role })
    );
    const described = description === undefined ? [] : [
      node("description", { id: "D1", t: this.createdAt, participant: creator && this.jidOf(creator) }, [
        node("body", {}, new TextEncoder().encode(description)),
      ]),
    ];
    const attrs = {
      id: this.jid.split("@")[0],
      subject: this.subject,
      s_t: this.createdAt,
      creation: this.createdAt,
      creator: creator && this.jidOf(creator),
      creator_pn: creator?.pnJid,
      addressing_mode: this.addressing,
      size: members.size,
    };
    const settings = [...this.settings].map((name) => node(name));
    if (this.disappearAfterS > 0) settings.push(node("ephemeral", { expiration: this.disappearAfterS }));
    return node("group", attrs, [...participants, ...described, ...settings]);
  }

  /** Adds, removes, promotes or demotes, and tells every device in the group (and who was just removed). */
  change(by: Person, change: MemberChange, who: readonly Person[]): void {
    if (who.length === 0) return;
    const before = this.devices;
    for (const member of who) {
      if (change === "remove") this.members.delete(member);
      else if (change === "add") this.members.set(member, this.members.get(member) ?? "member");
      else this.members.set(member, change === "promote" ? "admin" : "member");
    }
    const told = new Set([...before, ...this.devices]);
    this.#notify(by, node(change, {}, who.map((member) => this.participantNode(member))), told);
  }

  /** A member leaves: the protocol calls it removing oneself. */
  leave(member: Person): void {
    this.change(member, "remove", [member]);
  }

  /** Somebody joins by the invite link: the protocol calls it adding oneself. */
  join(member: Person): void {
    const devices = new Set(this.devices);
    this.members.set(member, "member");
    const added = node("add", { reason: "invite" }, [this.participantNode(member)]);
    this.#notify(member, added, new Set([...devices, ...this.devices]));
  }

  setSubject(by: Person, subject: string): void {
    this.subject = subject;
    this.#notify(by, node("subject", { subject, s_t: unixSeconds(), s_o: this.jidOf(by) }));
  }

  setDescription(by: Person, description: string | undefined): void {
    this.description = description;
    const body = description === undefined ? [] : [node("body", {}, new TextEncoder().encode(description))];
    this.#notify(by, node("description", { id: this.#network.nextId("D") }, body));
  }

  /** @param setting "announcement", "locked", or one of them with not_ or un in front. */
  setSetting(by: Person, setting: string): void {
    const name = setting === "unlocked" ? "locked" : setting.replace(/^not_/, "");
    if (name === setting) this.settings.add(name);
    else this.settings.delete(name);
    this.#notify(by, node(setting));
  }

  /** Messages disappear after so many seconds; 0 turns that off. */
  setDisappearing(by: Person, seconds: number): void {
    this.disappearAfterS = seconds;
    this.#notify(by, seconds > 0 ? node("ephemeral", { expiration: seconds }) : node("not_ephemeral"));
  }

  revokeInvite(by: Person): string {
    this.inviteCode = inviteCode();
    this.#notify(by, node("invite", { code: this.inviteCode }));
    return this.inviteCode;
  }

  /** Tells the devices of its members that the group exists. */
  announceCreation(by: Person): void {
    this.#notify(by, node("create", { type: "new", key: this.#network.nextId("key") }, [this.toNode()]));
  }

  #notify(by: Person, change: BinaryNode, devices: Iterable<LinkedDevice> = this.devices): void {
    for (const device of devices) {
      const attrs = {
        from: this.jid,
        type: "w:gp2",
        id: this.#network.nextId("gp"),
        t: unixSeconds(),
        notify: by.name,
        ...this.participantAttrs(by),
      };
      device.deliver(node("notification", attrs, [change]));
    }
  }
}
