// Queries about groups: looking at them, and running them as the protocol's w:g2 does.
import { randomBytes } from "node:crypto";
import type { Person } from "../people/chat.ts";
import type { Group, MemberChange } from "../people/group.ts";
import { type BinaryNode, child, children, node, text, unixSeconds } from "../wire/nodes.ts";
import { type Answer, answer, type Handler, type Handlers, type Query, refuse } from "./query.ts";

const INVITATION_S = 3 * 86_400;

/** The group that a query is addressed to, for a client that is in it. */
function inGroup(handle: (group: Group, query: Query) => Answer): Handler {
  return (query) => {
    const group = query.network.groups.get(query.iq.attrs.to);
    if (!group || group.isDeleted) return refuse(404, "item-not-found");
    return group.members.has(query.device.phone) ? handle(group, query) : refuse(403, "forbidden");
  };
}

/** As `inGroup`, but only for a client that is an admin. */
function asAdmin(handle: (group: Group, query: Query) => Answer): Handler {
  return inGroup((group, query) => {
    const person = query.network.findPhone(query.device.phone.number);
    return person && group.isAdmin(person) ? handle(group, query) : refuse(403, "forbidden");
  });
}

function refuses(person: Person): boolean {
  return person.kind === "contact" && person.refusesGroups;
}

/** Who cannot be added may be sent this code, with which they can join. @see whatsmeow group.go `parseParticipant` */
function invitation(jid: string): BinaryNode {
  const expiration = unixSeconds() + INVITATION_S;
  const code = randomBytes(8).toString("base64url");
  return node("participant", { jid, error: 403 }, [node("add_request", { code, expiration })]);
}

function changeMembers(change: MemberChange): Handler {
  return asAdmin((group, { network, device, ask }) => {
    const people: Person[] = [];
    const results = children(ask, "participant").map(({ attrs: { jid } }) => {
      const person = network.find(jid);
      const fits = person !== undefined && group.members.has(person) !== (change === "add");
      if (fits && change === "add" && refuses(person)) return invitation(jid);
      if (fits) people.push(person);
      return node("participant", { jid, error: fits ? undefined : person && change === "add" ? 409 : 404 });
    });
    group.change(device.phone, change, people);
    return answer(node(change, {}, results));
  });
}

function set(apply: (group: Group, by: Person, ask: BinaryNode) => BinaryNode | void): Handler {
  return asAdmin((group, { device, ask }) => {
    const shown = apply(group, device.phone, ask);
    return shown ? answer(shown) : answer();
  });
}

const setting: Handler = set((group, by, ask) => group.setSetting(by, ask.tag));

function byInvite({ network, ask }: Query): Group | undefined {
  return [...network.groups.values()].find((group) => group.inviteCode === ask.attrs.code);
}

export const GROUP_QUERIES: Handlers = {
  "w:g2 get query": inGroup((group) => answer(group.toNode())),
  "w:g2 get participating": ({ network, device }) => {
    const groups = [...network.groups.values()].filter((group) =>
      group.has(device.phone) && !group.isDeleted
    );
    return answer(node("groups", {}, groups.map((group) => group.toNode())));
  },
  "w:g2 get invite": (query) => {
    if (query.ask.attrs.code === undefined) {
      return asAdminOf(query, (group) => answer(node("invite", { code: group.inviteCode })));
    }
    const group = byInvite(query);
    return group ? answer(group.toNode()) : refuse(404, "item-not-found");
  },
  "w:g2 set create": ({ network, device, ask }) => {
    const people = children(ask, "participant").map(({ attrs: { jid } }) => network.find(jid));
    const asked = people.filter((person) => person !== undefined);
    const members = asked.filter((person) => !refuses(person));
    const group = network.group(ask.attrs.subject, [device.phone, ...members]);
    group.announceCreation(device.phone);
    const shown = group.toNode();
    const invited = asked.filter(refuses).map((person) => invitation(group.jidOf(person)));
    return answer({ ...shown, content: [...children(shown), ...invited] });
  },
  "w:g2 set add": changeMembers("add"),
  "w:g2 set remove": changeMembers("remove"),
  "w:g2 set promote": changeMembers("promote"),
  "w:g2 set demote": changeMembers("demote"),
  "w:g2 set subject": set((group, by, ask) => group.setSubject(by, text(ask))),
  "w:g2 set description": set((group, by, ask) => {
    group.setDescription(by, ask.attrs.delete === "true" ? undefined : text(child(ask, "body")));
  }),
  "w:g2 set ephemeral": set((group, by, ask) => group.setDisappearing(by, Number(ask.attrs.expiration))),
  "w:g2 set not_ephemeral": set((group, by) => group.setDisappearing(by, 0)),
  "w:g2 set announcement": setting,
  "w:g2 set not_announcement": setting,
  "w:g2 set locked": setting,
  "w:g2 set unlocked": setting,
  "w:g2 set member_add_mode": set((group, by, ask) => {
    group.setMemberAddMode(by, text(ask) === "admin_add" ? "admin_add" : "all_member_add");
  }),
  "w:g2 set membership_approval_mode": set((group, by, ask) => {
    group.setApprovalMode(by, child(ask, "group_join")?.attrs.state === "on");
  }),
  "w:g2 get membership_approval_requests": asAdmin((group) => {
    const requests = [...group.requests].map(([person, { method, at }]) =>
      node("membership_approval_request", {
        jid: group.jidOf(person),
        request_time: at,
        request_method: method,
      })
    );
    return answer(node("membership_approval_requests", {}, requests));
  }),
  "w:g2 set membership_requests_action": asAdmin((group, { network, device, ask }) => {
    const [action] = children(ask);
    const people: Person[] = [];
    const results = children(action, "participant").map(({ attrs: { jid } }) => {
      const person = network.find(jid);
      const waits = person !== undefined && group.requests.has(person);
      if (waits) people.push(person);
      return node("participant", { jid, error: waits ? undefined : 404 });
    });
    if (action?.tag === "approve") group.change(device.phone, "add", people);
    else group.revokeRequests(device.phone, people);
    return answer(node("membership_requests_action", {}, [node(action?.tag ?? "reject", {}, results)]));
  }),
  "w:g2 set invite": (query) => {
    if (query.ask.attrs.code === undefined) {
      return asAdminOf(
        query,
        (group) => answer(node("invite", { code: group.revokeInvite(query.device.phone) })),
      );
    }
    const group = byInvite(query);
    if (!group) return refuse(404, "item-not-found");
    if (group.settings.has("membership_approval_mode")) {
      group.requestJoin(query.device.phone);
      return answer(node("membership_approval_request", { jid: group.jid }));
    }
    group.join(query.device.phone);
    return answer(node("group", { jid: group.jid }));
  },
  "w:g2 set leave": ({ network, device, ask }) => {
    const left = children(ask, "group").map(({ attrs: { id } }) => {
      const group = network.groups.get(id);
      group?.leave(device.phone);
      return node("group", { id, error: group ? undefined : 404 });
    });
    return answer(node("leave", {}, left));
  },
};

function asAdminOf(query: Query, handle: (group: Group) => Answer): Answer {
  return asAdmin(handle)(query);
}
