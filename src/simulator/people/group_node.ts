// A group as a query answers it.
import { Buffer } from "node:buffer";
import { type BinaryNode, node } from "../wire/nodes.ts";
import type { Addresses, Person } from "./chat.ts";
import type { MemberAddMode } from "./group_changes.ts";

/** What is said about a group. */
export interface DescribedGroup {
  readonly jid: string;
  readonly subject: string;
  readonly description: string | undefined;
  readonly addressing: "lid" | "pn";
  readonly createdAt: number;
  readonly creator: Person | undefined;
  readonly members: ReadonlyMap<Person, "member" | "admin" | "superadmin">;
  readonly settings: ReadonlySet<string>;
  readonly memberAddMode: MemberAddMode;
  readonly disappearAfterS: number;
  readonly parent: { readonly jid: string } | undefined;
  readonly isParent: boolean;
  jidOf(member: Addresses): string;
}

/** @see whatsmeow group.go `parseGroupNode` */
export function groupNode(group: DescribedGroup): BinaryNode {
  const { creator, members, description, createdAt, memberAddMode, parent } = group;
  const creatorJid = creator && group.jidOf(creator);
  const participants = [...members].map(([member, role]) =>
    participantNode(group, member, { type: role === "member" ? undefined : role })
  );
  const described = description === undefined ? [] : [
    node("description", { id: "D1", t: createdAt, participant: creatorJid }, [
      node("body", {}, Buffer.from(description)),
    ]),
  ];
  const attrs = {
    id: group.jid.split("@")[0],
    subject: group.subject,
    s_t: createdAt,
    s_o: creatorJid,
    creation: createdAt,
    creator: creatorJid,
    creator_pn: creator?.pnJid,
    addressing_mode: group.addressing,
    size: members.size,
  };
  const settings = [...group.settings].map((name) => node(name));
  if (group.disappearAfterS > 0) settings.push(node("ephemeral", { expiration: group.disappearAfterS }));
  if (parent !== undefined) settings.push(node("linked_parent", { jid: parent.jid }));
  if (group.isParent) settings.push(node("parent"));
  settings.push(node("member_add_mode", {}, Buffer.from(memberAddMode)));
  return node("group", attrs, [...participants, ...described, ...settings]);
}

/** A member, as groups name them. */
export function participantNode(
  { addressing }: { readonly addressing: "lid" | "pn" },
  member: Addresses,
  attrs: Readonly<Record<string, string | undefined>> = {},
): BinaryNode {
  const { pnJid, lidJid, isNumberHidden } = member;
  return addressing === "lid"
    ? node("participant", { jid: lidJid, phone_number: isNumberHidden ? undefined : pnJid, ...attrs })
    : node("participant", { jid: pnJid, lid: lidJid, ...attrs });
}
