import type { EventOf, GroupChange, KabarEvent } from "../events/event.ts";
import { addressOf, type Jid, type Person } from "../events/person.ts";
import { webAddress, webId, webPerson } from "./session_address.ts";
import { unixSeconds } from "./times.ts";

type Data = Readonly<Record<string, unknown>>;
type GroupEvent = Extract<
  KabarEvent,
  { readonly data: { readonly group: Jid; readonly by: Person | null } }
>;

/** Kinds of group changes, as in whatsapp-web.js `GroupNotificationTypes`. */
const GROUP_CHANGES: Readonly<Record<GroupChange["what"], string>> = {
  subject: "subject",
  description: "description",
  picture: "picture",
  announce: "announce",
  locked: "restrict",
  invite_code: "revoke_invite",
  join_approval: "membership_approval_mode",
  member_add: "member_add_mode",
  disappearing: "ephemeral",
  suspended: "suspended",
  linked: "sub_group_link",
  unlinked: "sub_group_unlink",
};

/**
 * What happened in a group, as whatsapp-web.js tells of it.
 * @see whatsapp-web.js, `GroupNotification`
 */
export function groupNotification(event: GroupEvent): Data {
  switch (event.type) {
    case "group.created":
      return notification(event, "create", event.data.participants, event.data.subject);
    case "group.join": {
      const { by, participants } = event.data;
      const type = by === null || isAmong(by, participants) ? "invite" : "add";
      return notification(event, type, participants);
    }
    case "group.leave": {
      const { by, participants } = event.data;
      const type = by === null || isAmong(by, participants) ? "leave" : "remove";
      return notification(event, type, participants);
    }
    case "group.promote":
      return notification(event, "promote", event.data.participants);
    case "group.demote":
      return notification(event, "demote", event.data.participants);
    case "group.updated": {
      const { what, value } = event.data.change;
      const type = what === "suspended" && value === false ? "unsuspended" : GROUP_CHANGES[what];
      return notification(event, type, [], value ?? "");
    }
    case "group.deleted":
      return notification(event, "delete", [], event.data.reason);
    case "group.join_request": {
      const { state, participants, by } = event.data;
      const type = state === "requested" ? "membership_approval_request" : "revoked_membership_requests";
      const asking = { ...event, data: { ...event.data, by: by ?? participants[0] ?? null } };
      return notification(asking, type, participants);
    }
  }
}

/** @see whatsapp-web.js, event `contact_changed` */
export function numberChanged({ data, id }: EventOf<"identity.changed">): Data {
  const { person, previous, group, changedAt } = data;
  const oldId = webPerson(previous);
  const newId = webPerson(person);
  const remote = group === undefined ? oldId : webAddress(group);
  const message = {
    id: webId(false, remote, id, group === undefined ? undefined : oldId),
    type: group === undefined ? "notification_template" : "gp2",
    body: "",
    timestamp: unixSeconds(changedAt),
    from: remote,
    to: newId,
    author: oldId,
    fromMe: false,
  };
  return { message, oldId, newId, isContact: group === undefined };
}

function notification(
  { data, id, at }: GroupEvent,
  type: string,
  people: readonly Person[],
  body: unknown = "",
): Data {
  const chatId = webAddress(data.group);
  const author = data.by === null ? undefined : webPerson(data.by);
  return {
    id: webId(false, chatId, id, author),
    body: String(body),
    type,
    timestamp: unixSeconds(at),
    chatId,
    author,
    recipientIds: people.map(webPerson),
  };
}

function isAmong(person: Person, people: readonly Person[]): boolean {
  return people.some((other) => addressOf(other) === addressOf(person));
}
