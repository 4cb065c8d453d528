import { plainName } from "../../../events/plain_text.ts";
import type { EventData, GroupChange } from "../../../events/event.ts";
import type { Person } from "../../../events/person.ts";
import { plainJid } from "../../jid.ts";
import type { SessionDraft } from "../../session.ts";
import { type BinaryNode, childOf, childrenOf, textOf } from "../stanza.ts";
import { changedDraft } from "../contact_changes.ts";
import { type AltOf, personOf } from "./people.ts";
import { timeOf } from "./time.ts";

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
      [...childrenOf(within, "participant"), ...childrenOf(within, "requested_user")].map(({ attrs }) =>
        attrs.jid
      )
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
    if (change.tag === "modify" && by !== null) {
      return participantsOf(change, altOf).map((person) =>
        changedDraft(deviceId, person, by, timeOf(attrs.t), group)
      );
    }
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
    return {
      type: "group.created",
      data: { group, subject: plainName(made.attrs.subject ?? ""), participants, by },
    };
  }
  if (isMembership(change.tag)) {
    const type = MEMBERSHIP[change.tag];
    return { type, data: { group, participants: participantsOf(change, altOf), by } };
  }
  if (change.tag === "delete") {
    const { reason } = change.attrs;
    return { type: "group.deleted", data: { group, by, ...(reason ? { reason } : {}) } };
  }
  const request = requestOf(change, by, altOf);
  if (request !== undefined) return { type: "group.join_request", data: { group, ...request } };
  const changed = settingOf(change);
  return changed && { type: "group.updated", data: { group, change: changed, by } };
}

function isMembership(tag: string): tag is keyof typeof MEMBERSHIP {
  return Object.hasOwn(MEMBERSHIP, tag);
}

/**
 * Somebody asks to be let in, or does not any more.
 * @see whatsmeow group.go `parseGroupChange`
 */
function requestOf(
  change: BinaryNode,
  by: Person | null,
  altOf: AltOf,
): Omit<EventData["group.join_request"], "group"> | undefined {
  const { request_method: method } = change.attrs;
  const way = method ? { method } : {};
  switch (change.tag) {
    case "created_membership_requests": {
      const participants = participantsOf(change, altOf, "requested_user");
      return { participants, by: isAmong(by, participants) ? null : by, state: "requested", ...way };
    }
    case "membership_approval_request":
      return by === null ? undefined : { participants: [by], by: null, state: "requested", ...way };
    case "revoked_membership_requests": {
      const participants = participantsOf(change, altOf);
      const isOwn = isAmong(by, participants);
      return { participants, by: isOwn ? null : by, state: isOwn ? "withdrawn" : "rejected" };
    }
    default:
      return undefined;
  }
}

function isAmong(by: Person | null, people: readonly Person[]): boolean {
  if (by === null) return true;
  return people.some(({ pn, lid }) => (pn !== null && pn === by.pn) || (lid !== null && lid === by.lid));
}

function participantsOf(within: BinaryNode, altOf: AltOf, tag = "participant"): Person[] {
  return childrenOf(within, tag).filter(({ attrs }) => attrs.jid).map(({ attrs }) =>
    personOf(attrs.jid, altOf, attrs.phone_number ?? attrs.lid)
  );
}

function settingOf(change: BinaryNode): GroupChange | undefined {
  switch (change.tag) {
    case "subject":
      return { what: "subject", value: plainName(change.attrs.subject ?? "") };
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
    case "suspended":
    case "unsuspended":
      return { what: "suspended", value: change.tag === "suspended" };
    case "link":
    case "unlink": {
      const other = childOf(change, "group")?.attrs.jid;
      return other
        ? { what: change.tag === "link" ? "linked" : "unlinked", value: plainJid(other) }
        : undefined;
    }
    default:
      return undefined;
  }
}
