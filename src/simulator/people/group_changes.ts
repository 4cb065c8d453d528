// The nodes inside group notifications, one for each change that WhatsApp tells.
// Source: whatsmeow group.go `parseGroupChange`, whatsapp-rust wacore/src/stanza/groups.rs (after WhatsApp Web's
// WAWebHandleGroupNotification), Baileys lib/Socket/messages-recv.js `handleGroupNotification`.
import { Buffer } from "node:buffer";
import { type BinaryNode, node } from "../wire/nodes.ts";

/** What can be done to members. */
export type MemberChange = "add" | "remove" | "promote" | "demote";
/** How somebody asked to join. */
export type JoinMethod = "invite_link" | "linked_group_join" | "non_admin_add";
/** What the other group is: the community, a group in it, or another group of the same community. */
export type LinkType = "parent_group" | "sub_group" | "sibling_group";
export type UnlinkReason = "unlink_group" | "delete_parent";
export type MemberAddMode = "admin_add" | "all_member_add";

/** Another group, as a link names it. */
export interface LinkedGroup {
  readonly jid: string;
  readonly subject: string;
  readonly createdAt: number;
}

/** @param reason Why they come: "invite" for somebody who used the link. */
export function members(change: MemberChange, who: readonly BinaryNode[], reason?: string): BinaryNode {
  return node(change, { reason }, [...who]);
}

/** Somebody has another number; the notification's participant is the old address. */
export function numberChanged(participant: BinaryNode): BinaryNode {
  return node("modify", {}, [participant]);
}

export function deleted(reason?: string): BinaryNode {
  return node("delete", { reason: reason ?? "deleted" });
}

/** Somebody asks to join; `users` are `<requested_user>`, not `<participant>`. */
export function joinRequested(users: readonly BinaryNode[], method: JoinMethod, parent?: string): BinaryNode {
  return node("created_membership_requests", { request_method: method, parent_group_jid: parent }, [
    ...users,
  ]);
}

/** The same, as the one who asks is told. */
export function ownJoinRequest(method: JoinMethod, parent?: string): BinaryNode {
  return node("membership_approval_request", { request_method: method, parent_group_jid: parent });
}

/** Requests were rejected by an admin, or withdrawn by who made them. */
export function joinRequestsRevoked(who: readonly BinaryNode[]): BinaryNode {
  return node("revoked_membership_requests", {}, [...who]);
}

export function approvalMode(on: boolean): BinaryNode {
  return node("membership_approval_mode", {}, [node("group_join", { state: on ? "on" : "off" })]);
}

export function memberAddMode(mode: MemberAddMode): BinaryNode {
  return node("member_add_mode", {}, Buffer.from(mode));
}

export function linked(type: LinkType, group: LinkedGroup): BinaryNode {
  return node("link", { link_type: type }, [target(group)]);
}

export function unlinked(type: LinkType, reason: UnlinkReason, group: LinkedGroup): BinaryNode {
  return node("unlink", { unlink_type: type, unlink_reason: reason }, [target(group)]);
}

/** @param seconds 0 turns disappearing messages off. */
export function disappearing(seconds: number): BinaryNode {
  return seconds > 0 ? node("ephemeral", { expiration: seconds }) : node("not_ephemeral");
}

/** @param text Undefined takes the description away. */
export function described(id: string, text: string | undefined): BinaryNode {
  const content = text === undefined ? node("delete") : node("body", {}, Buffer.from(text));
  return node("description", { id }, [content]);
}

function target({ jid, subject, createdAt }: LinkedGroup): BinaryNode {
  return node("group", { jid, subject, s_t: createdAt });
}
