import type { GroupChange } from "../../events/event.ts";
import type { Jid, Person } from "../../events/person.ts";
import { present } from "../../events/present.ts";
import { isGroup } from "../../whatsapp/jid.ts";
import type { SessionDraft } from "../../whatsapp/session.ts";
import { firstText, id, isRecord, type Loose, number, record, text, timeMs } from "../loose.ts";
import { jidOf, peopleIn, personIn } from "./address.ts";
import { readWebKey } from "./key.ts";

interface Notice {
  readonly group: Jid;
  readonly participants: readonly Person[];
  readonly by: Person | null;
  readonly type: string;
  /** What it was changed to, in words. */
  readonly body: string | undefined;
}

/**
 * What happened in a group. Undefined when the notice does not name the group, or is of a type that is not known.
 * @param fallback The type of notices without one: `add`, `remove`, `promote` and so on.
 * @param scope Sets the facts of one session apart from those of others.
 * @see whatsapp-web.js, `GroupNotification` and `GroupNotificationTypes`
 */
export function groupDraft(data: Loose, fallback: string, scope: string): SessionDraft | undefined {
  const given = isRecord(data.notification) ? data.notification : data;
  const key = record(given.id);
  const group = [given.chatId, key.remote, given.group].map(jidOf).find((jid) => jid && isGroup(jid));
  if (group === undefined) return undefined;
  const notice: Notice = {
    group,
    participants: peopleIn(Array.isArray(given.recipientIds) ? given.recipientIds : given.participants),
    by: personIn(given.author) ?? null,
    type: text(given.type) ?? fallback,
    body: text(given.body),
  };
  const draft = draftOf(notice) ?? draftOf({ ...notice, type: fallback });
  if (draft === undefined) return undefined;
  const noticeId = id(key._serialized) ?? id(given.id);
  return noticeId === undefined ? draft : { ...draft, dedupeKey: `${scope}:${draft.type}:${noticeId}` };
}

function draftOf({ group, participants, by, type, body }: Notice): SessionDraft | undefined {
  const members = { group, participants, by };
  switch (type) {
    case "add":
    case "invite":
    case "linked_group_join":
      return { type: "group.join", data: members };
    case "remove":
    case "leave":
      return { type: "group.leave", data: members };
    case "promote":
      return { type: "group.promote", data: members };
    case "demote":
      return { type: "group.demote", data: members };
    case "create":
      return { type: "group.created", data: { ...members, subject: body ?? "" } };
    case "delete":
      return { type: "group.deleted", data: { group, by, ...present({ reason: body }) } };
    case "membership_approval_request":
    case "created_membership_requests":
      return requestDraft({ ...members, state: "requested" });
    case "revoked_membership_requests": {
      const ownDoing = by === null || participants.some(({ pn, lid }) => pn === by.pn && lid === by.lid);
      return requestDraft({ ...members, state: ownDoing ? "withdrawn" : "rejected" });
    }
    default: {
      const change = changeOf(type, body);
      return change && { type: "group.updated", data: { group, change, by } };
    }
  }
}

/** Whoever asks is named as the author when the list of people is left out. */
function requestDraft(
  { group, participants, by, state }: {
    readonly group: Jid;
    readonly participants: readonly Person[];
    readonly by: Person | null;
    readonly state: "requested" | "withdrawn" | "rejected";
  },
): SessionDraft {
  const people = participants.length === 0 && by !== null ? [by] : participants;
  return { type: "group.join_request", data: { group, participants: people, by, state } };
}

function changeOf(type: string, body: string | undefined): GroupChange | undefined {
  const isOn = !/^(false|off|0|no)$/i.test(body ?? "");
  switch (type) {
    case "subject":
    case "description":
      return { what: type, value: body ?? "" };
    case "revoke_invite":
      return { what: "invite_code", value: body ?? "" };
    case "picture":
      return { what: "picture", value: null };
    case "announce":
      return { what: "announce", value: isOn };
    case "restrict":
      return { what: "locked", value: isOn };
    case "membership_approval_mode":
      return { what: "join_approval", value: isOn };
    case "member_add_mode":
      return { what: "member_add", value: body === "all_member_add" || (body !== "admin_add" && isOn) };
    case "ephemeral":
      return { what: "disappearing", value: Math.max(0, Math.trunc(number(body) ?? 0)) };
    case "suspended":
      return { what: "suspended", value: true };
    case "unsuspended":
      return { what: "suspended", value: false };
    case "sub_group_link":
    case "sub_group_unlink": {
      const value = jidOf(body);
      const what = type === "sub_group_link" ? "linked" : "unlinked";
      return value === undefined ? undefined : { what, value };
    }
    default:
      return undefined;
  }
}

/**
 * A person's new phone number.
 * @see whatsapp-web.js, event `contact_changed`
 */
export function numberDraft(
  data: Loose,
  { scope, receivedAt }: { readonly scope: string; readonly receivedAt: number },
): SessionDraft | undefined {
  const previous = personIn(data.oldId);
  const person = personIn(data.newId);
  if (previous === undefined || person === undefined) return undefined;
  const message = record(data.message);
  const key = readWebKey(message);
  const group = key?.chat?.kind === "group" ? key.chat.jid : undefined;
  const keyText = key?.messageId ??
    `${firstText(previous.pn, previous.lid)}>${firstText(person.pn, person.lid)}`;
  return {
    type: "identity.changed",
    dedupeKey: `${scope}:number:${keyText}`,
    data: { person, previous, ...present({ group }), changedAt: timeMs(message.timestamp) ?? receivedAt },
  };
}
