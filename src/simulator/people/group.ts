// A group: who is in it, what is set in it, and the notifications when something changes.
import { randomBytes, randomInt } from "node:crypto";
import type { proto } from "@whiskeysockets/baileys";
import { innermost } from "./reading.ts";
import { type BinaryNode, node, unixSeconds } from "../wire/nodes.ts";
import type {
  Addresses,
  Companion,
  ContactParty,
  GroupChat,
  Person,
  PhoneParty,
  ReceiptKind,
} from "./chat.ts";
import * as changes from "./group_changes.ts";
import { groupNode, participantNode } from "./group_node.ts";
import { groupedReceiptStanza } from "./receipts.ts";
import type { World } from "./world.ts";

export type { JoinMethod, LinkType, MemberAddMode, MemberChange, UnlinkReason } from "./group_changes.ts";

export type Role = "member" | "admin" | "superadmin";

export interface GroupOptions {
  /** How members are addressed; current groups use lids. */
  readonly addressing?: "lid" | "pn";
  readonly description?: string;
  /** Its address; made up when left out. */
  readonly jid?: string;
  /** A community: other groups are linked to it. */
  readonly isParent?: boolean;
}

/** Somebody who asked to join, and waits for an admin. */
export interface JoinRequest {
  readonly method: changes.JoinMethod;
  /** Who added them, if they did not ask themselves. */
  readonly by?: Person;
  /** Unix seconds. */
  readonly at: number;
}

/** How a notification about a group goes out. */
export interface NotifyOptions {
  /** Default: every device of every member. */
  readonly devices?: Iterable<Companion>;
  /** Attributes of the notification at will; undefined takes one away. */
  readonly attrs?: Readonly<Record<string, string | undefined>>;
}

function inviteCode(): string {
  return randomBytes(16).toString("base64url").slice(0, 22);
}

/** 420 is what programs with many groups get from those where only admins write, seen with whatsmeow. */
type GroupRefusalCode = 403 | 404 | 420;

/** WhatsApp does not pass a message on into a group. */
export class GroupRefusal extends Error {
  override readonly name = "GroupRefusal";
  constructor(readonly code: GroupRefusalCode, group: string, writer: string) {
    const why = { 403: "not a member", 404: "there is no such group", 420: "only admins may write" }[code];
    super(`${group}: WhatsApp refuses what ${writer} sends, with ${code}: ${why}`);
  }
}

export class Group implements GroupChat {
  readonly kind = "group";
  readonly jid: string;
  readonly addressing: "lid" | "pn";
  readonly createdAt = unixSeconds();
  readonly creator: Person | undefined;
  /** The first member is the creator. */
  readonly members = new Map<Person, Role>();
  /** Who waits to be let in. */
  readonly requests = new Map<Person, JoinRequest>();
  subject: string;
  description: string | undefined;
  disappearAfterS = 0;
  inviteCode = inviteCode();
  memberAddMode: changes.MemberAddMode = "all_member_add";
  /** The community that this group belongs to. */
  parent: Group | undefined;
  readonly isParent: boolean;
  /** Nobody can read it or write to it any more. */
  isDeleted = false;
  /** Settings that are on, by the name the protocol gives them: announcement, locked, suspended, … */
  readonly settings = new Set<string>();
  readonly #network: World;

  constructor(network: World, subject: string, members: readonly Person[], options: GroupOptions = {}) {
    this.#network = network;
    this.jid = options.jid ?? `120363${Date.now()}${randomInt(1000, 9999)}@g.us`;
    this.subject = subject;
    this.addressing = options.addressing ?? "lid";
    this.description = options.description;
    this.isParent = options.isParent === true;
    this.creator = members[0];
    for (const member of members) this.members.set(member, member === this.creator ? "superadmin" : "member");
  }

  get contacts(): ContactParty[] {
    return [...this.members.keys()].filter((member) => member.kind === "contact");
  }

  get phones(): PhoneParty[] {
    return [...this.members.keys()].filter((member) => member.kind === "phone");
  }

  /** Every linked device of every member. */
  get devices(): Companion[] {
    return devicesOf(this.phones);
  }

  isAdmin(person: Person): boolean {
    return (this.members.get(person) ?? "member") !== "member";
  }

  has(person: Person): boolean {
    return this.members.has(person);
  }

  /**
   * With which code the server refuses what somebody sends here, if it does. Where only admins write, everybody may
   * react and vote.
   */
  refusalFor(writer: Person, what: "message" | "reaction" | "vote"): GroupRefusalCode | undefined {
    if (this.isDeleted) return 404;
    if (!this.has(writer) || this.settings.has("suspended")) return 403;
    const isOnlyForAdmins = this.settings.has("announcement") && what === "message";
    return isOnlyForAdmins && !this.isAdmin(writer) ? 420 : undefined;
  }

  admit(writer: Person, message: proto.IMessage): void {
    const { reactionMessage, encReactionMessage, pollUpdateMessage } = innermost(message);
    const what = reactionMessage || encReactionMessage ? "reaction" : pollUpdateMessage ? "vote" : "message";
    const code = this.refusalFor(writer, what);
    if (code !== undefined) throw new GroupRefusal(code, this.jid, writer.name);
  }

  /** How this member is addressed here. */
  jidOf(member: Addresses): string {
    return this.addressing === "lid" ? member.lidJid : member.pnJid;
  }

  /** The attributes that name the writer of a stanza in this group. */
  participantAttrs(member: Addresses): Record<string, string | undefined> {
    const { pnJid, lidJid, isNumberHidden } = member;
    return this.addressing === "lid"
      ? { participant: lidJid, participant_pn: isNumberHidden ? undefined : pnJid, addressing_mode: "lid" }
      : { participant: pnJid, participant_lid: lidJid, addressing_mode: "pn" };
  }

  /** The group as a query answers it. */
  toNode(): BinaryNode {
    return groupNode(this);
  }

  /**
   * Adds, removes, promotes or demotes, and tells every device in the group, and who was just removed. Newcomers are
   * told the group instead, as whatsmeow's `JoinedGroup` says.
   */
  change(by: Person, change: changes.MemberChange, who: readonly Person[], reason?: string): void {
    if (who.length === 0) return;
    const before = this.devices;
    const newcomers = change === "add" ? who.filter((member) => !this.members.has(member)) : [];
    for (const member of who) {
      if (change === "remove") this.members.delete(member);
      else if (change === "add") this.members.set(member, this.members.get(member) ?? "member");
      else this.members.set(member, change === "promote" ? "admin" : "member");
      this.requests.delete(member);
    }
    this.notify(by, changes.members(change, this.#participants(who), reason), { devices: before });
    if (newcomers.length > 0) this.announce(by, { to: newcomers, reason });
  }

  /** A member leaves: the protocol calls it removing oneself. */
  leave(member: Person): void {
    this.change(member, "remove", [member]);
  }

  /** Somebody joins by the invite link: the protocol calls it adding oneself. */
  join(member: Person): void {
    this.change(member, "add", [member], "invite");
  }

  /**
   * Tells devices the whole group, as those learn it who come into it: a new group, or one that they were added to.
   * @param options `type` is "new" for a group that was just made, `reason` "invite" for who used the link.
   */
  announce(
    by: Person,
    { to, type, reason }: {
      readonly to?: readonly Person[];
      readonly type?: "new";
      readonly reason?: string;
    },
  ): void {
    const key = this.#network.nextId("key");
    const devices = to && devicesOf(to.filter((person) => person.kind === "phone"));
    this.notify(by, node("create", { type, reason, key }, [this.toNode()]), { devices });
  }

  /** Tells the devices of its members that the group exists. */
  announceCreation(by: Person): void {
    this.announce(by, { type: "new" });
  }

  /** Ends the group; its members are told, and can do nothing in it any more. */
  delete(by: Person, reason?: string): void {
    this.isDeleted = true;
    this.notify(by, changes.deleted(reason));
  }

  setSubject(by: Person, subject: string): void {
    this.subject = subject;
    this.notify(by, node("subject", { subject, s_t: unixSeconds(), s_o: this.jidOf(by), s_o_pn: by.pnJid }));
  }

  setDescription(by: Person, description: string | undefined): void {
    this.description = description;
    this.notify(by, changes.described(this.#network.nextId("D"), description));
  }

  /** @param setting "announcement", "locked", "suspended", or one of them with not_ or un in front. */
  setSetting(by: Person, setting: string): void {
    const name = setting.replace(/^not_|^un(?=locked$|suspended$)/, "");
    if (name === setting) this.settings.add(name);
    else this.settings.delete(name);
    this.notify(by, node(setting, { v_id: name === "announcement" ? this.#network.nextId("v") : undefined }));
  }

  /** Whether newcomers need an admin's approval. */
  setApprovalMode(by: Person, on: boolean): void {
    if (on) this.settings.add("membership_approval_mode");
    else this.settings.delete("membership_approval_mode");
    this.notify(by, changes.approvalMode(on));
  }

  setMemberAddMode(by: Person, mode: changes.MemberAddMode): void {
    this.memberAddMode = mode;
    this.notify(by, changes.memberAddMode(mode));
  }

  /** Messages disappear after so many seconds; 0 turns that off. */
  setDisappearing(by: Person, seconds: number): void {
    this.disappearAfterS = seconds;
    this.notify(by, changes.disappearing(seconds));
  }

  revokeInvite(by: Person): string {
    this.inviteCode = inviteCode();
    this.notify(by, node("invite", { code: this.inviteCode }));
    return this.inviteCode;
  }

  /** Somebody asks to join, or a member who is no admin adds them: admins are told. */
  requestJoin(who: Person, method: changes.JoinMethod = "invite_link", by: Person = who): void {
    this.requests.set(who, { method, by: by === who ? undefined : by, at: unixSeconds() });
    const users = this.#participants([who]).map((each) => ({ ...each, tag: "requested_user" }));
    const admins = this.phones.filter((phone) => this.isAdmin(phone));
    const request = changes.joinRequested(users, method, this.parent?.jid);
    this.notify(by, request, { devices: devicesOf(admins) });
    if (who.kind === "phone") {
      const own = changes.ownJoinRequest(method, this.parent?.jid);
      this.notify(who, own, { devices: devicesOf([who]) });
    }
  }

  /** @param by An admin who rejects the requests, or the one who withdraws their own. */
  revokeRequests(by: Person, who: readonly Person[]): void {
    for (const person of who) this.requests.delete(person);
    const admins = this.phones.filter((phone) => this.isAdmin(phone));
    const told = new Set([...admins, ...who.filter((person) => person.kind === "phone")]);
    const revoked = changes.joinRequestsRevoked(this.#participants(who));
    this.notify(by, revoked, { devices: devicesOf([...told]) });
  }

  /** Puts the group into a community; both are told. */
  link(by: Person, parent: Group): void {
    this.parent = parent;
    this.notify(by, changes.linked("parent_group", parent));
    parent.notify(by, changes.linked("sub_group", this));
  }

  /** Takes the group out of its community; both are told. */
  unlink(by: Person, reason: changes.UnlinkReason = "unlink_group"): void {
    const { parent } = this;
    if (parent === undefined) return;
    this.parent = undefined;
    this.notify(by, changes.unlinked("parent_group", reason, parent));
    parent.notify(by, changes.unlinked("sub_group", reason, this));
  }

  /** A member has another number; `old` is how they were addressed. */
  tellNumberChange(member: Person, old: Addresses): void {
    const changed = changes.numberChanged(participantNode(this, member));
    this.notify(member, changed, { attrs: this.participantAttrs(old) });
  }

  /** What became of a message, told to the devices of phones for many members at once. */
  sendReceipts(id: string, kind: ReceiptKind, readers: readonly Person[], t?: number): void {
    const users = readers.map((reader) => ({ jid: this.jidOf(reader), t }));
    for (const device of this.devices) device.deliver(groupedReceiptStanza(this.jid, id, kind, users));
  }

  /** Sends any notification about this group. */
  notify(
    by: Person | undefined,
    change: BinaryNode | readonly BinaryNode[],
    { devices = this.devices, attrs = {} }: NotifyOptions = {},
  ): void {
    for (const device of devices) {
      const stated = {
        from: this.jid,
        type: "w:gp2",
        id: this.#network.nextId("gp"),
        t: String(unixSeconds()),
        ...(by === undefined ? {} : { notify: by.name, ...this.participantAttrs(by) }),
        ...attrs,
      };
      device.deliver(node("notification", stated, Array.isArray(change) ? [...change] : [change]));
    }
  }

  #participants(who: readonly Person[]): BinaryNode[] {
    return who.map((member) => participantNode(this, member));
  }
}

function devicesOf(phones: readonly PhoneParty[]): Companion[] {
  return phones.flatMap((phone) => [...phone.devices.values()]);
}
