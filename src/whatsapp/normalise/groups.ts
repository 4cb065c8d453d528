import type { GroupChange } from "../../events/event.ts";
import type { Person } from "../../events/person.ts";
import { plainJid } from "../jid.ts";
import type { SessionDraft } from "../session.ts";
import { type BinaryNode, childOf, childrenOf, textOf } from "../stanza.ts";
import { type AltOf, personOf } from "./people.ts";

const MEMBERSHIP = {
  add: "group.join",
  remove: "group.leave",
  leave: "group.leave",
  promote: "group.promote",
  demote: "group.demote",
} as const;

/** Who is mentioned in a group notification. */
export function addressesInGroupChange(stanza: BinaryNode): string[] {
  const members = childrenOf(stanza).flatMap((change) =>
    [change, ...childrenOf(change, "group")].flatMap((within) =>
      childrenOf(within, "participant").map(({ attrs }) => attrs.jid)
    )
  );
  return [stanza.attrs.participant, ...members].filter((jid) => Boolean(jid));
}

/**
 * What a group notification says: who came, went or got another role, and what was changed, with who did it.
 * @see Baileys lib/Socket/messages-recv.js `handleGroupNotification`
 */
export function draftsOfGroupChange(
  stanza: BinaryNode,
  { deviceId, altOf }: { readonly deviceId: string; readonly altOf: AltOf },
): SessionDraft[] {
  const { attrs } = stanza;
  const group = plainJid(attrs.from);
  const author = attrs.participant;
  const by = author ? personOf(author, altOf, attrs.participant_pn ?? attrs.participant_lid) : null;
  return childrenOf(stanza).flatMap((change, index) => {
    const draft = draftOf(change, group, by, altOf);
    if (draft === undefined) return [];
    return [{ ...draft, dedupeKey: `${deviceId}/${draft.type}/${group}/${attrs.id}/${index}` }];
  });
}

function draftOf(
  change: BinaryNode,
  group: string,
  by: Person | null,
  altOf: AltOf,
): SessionDraft | undefined {
  if (change.tag === "create") {
    const made = childOf(change, "group") ?? change;
    const participants = participantsOf(made, altOf);
    return { type: "group.created", data: { group, subject: made.attrs.subject ?? "", participants, by } };
  }
  if (isMembership(change.tag)) {
    const type = MEMBERSHIP[change.tag];
    return { type, data: { group, participants: participantsOf(change, altOf), by } };
  }
  const changed = settingOf(change);
  return changed && { type: "group.updated", data: { group, change: changed, by } };
}

function isMembership(tag: string): tag is keyof typeof MEMBERSHIP {
  return Object.hasOwn(MEMBERSHIP, tag);
}

function participantsOf(within: BinaryNode, altOf: AltOf): Person[] {
  return childrenOf(within, "participant").filter(({ attrs }) => attrs.jid).map(({ attrs }) =>
    personOf(attrs.jid, altOf, attrs.phone_number ?? attrs.lid)
  );
}

function settingOf(change: BinaryNode): GroupChange | undefined {
  switch (change.tag) {
    case "subject":
      return { what: "subject", value: change.attrs.subject ?? "" };
    case "description":
      return { what: "description", value: textOf(childOf(change, "body")) };
    case "invite":
      return { what: "invite_code", value: change.attrs.code ?? "" };
    case "announcement":
    case "not_announcement":
      return { what: "announce", value: change.tag === "announcement" };
    case "locked":
    case "unlocked":
      return { what: "locked", value: change.tag === "locked" };
    case "ephemeral":
      return { what: "disappearing", value: Number(change.attrs.expiration) || 0 };
    case "not_ephemeral":
      return { what: "disappearing", value: 0 };
    case "member_add_mode":
      return { what: "member_add", value: textOf(change) === "all_member_add" };
    case "membership_approval_mode":
      return { what: "join_approval", value: childOf(change, "group_join")?.attrs.state === "on" };
    default:
      return undefined;
  }
}
