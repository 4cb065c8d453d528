// Control API: groups, and what their members do in them.
import { Hono } from "@hono/hono";
import { z } from "zod";
import {
  contentOf,
  hasOneContent,
  MESSAGE_FIELDS,
  ONE_CONTENT,
  optionsOf,
  wireOptionsOf,
} from "./message.ts";
import { groupOf, number, personOf, readBody, receiptKind } from "./request.ts";
import type { Group } from "../people/group.ts";
import { attrsOf, nodeOf, stanza } from "./stanza.ts";
import { showGroup } from "./view.ts";
import type { WhatsAppSimulator } from "../server/server.ts";

const newGroup = z.strictObject({
  subject: z.string().min(1),
  /** The first one is the creator. */
  members: z.array(number).min(1),
  addressing: z.enum(["lid", "pn"]).optional(),
  description: z.string().optional(),
  isParent: z.boolean().optional(),
});
const sending = z.strictObject({ from: number, ...MESSAGE_FIELDS }).refine(hasOneContent, ONE_CONTENT);
const membership = z.strictObject({
  by: number,
  change: z.enum(["add", "remove", "promote", "demote"]),
  who: z.array(number).min(1),
});
const person = z.strictObject({ who: number });
const subject = z.strictObject({ by: number, subject: z.string().min(1) });
const description = z.strictObject({ by: number, description: z.string().optional() });
const setting = z.strictObject({
  by: number,
  setting: z.enum([
    "announcement",
    "not_announcement",
    "locked",
    "unlocked",
    "suspended",
    "unsuspended",
    "no_frequently_forwarded",
    "frequently_forwarded_ok",
    "growth_locked",
    "growth_unlocked",
  ]),
});
const disappearing = z.strictObject({ by: number, seconds: z.int().nonnegative() });
const approval = z.strictObject({ by: number, on: z.boolean() });
const addMode = z.strictObject({ by: number, mode: z.enum(["admin_add", "all_member_add"]) });
const actor = z.strictObject({ by: number });
const ending = z.strictObject({ by: number, reason: z.string().optional() });
const announcement = z.strictObject({
  by: number,
  to: z.array(number).optional(),
  type: z.literal("new").optional(),
  reason: z.string().optional(),
});
const request = z.strictObject({
  who: number,
  by: number.optional(),
  method: z.enum(["invite_link", "linked_group_join", "non_admin_add"]).default("invite_link"),
});
const answer = z.strictObject({ by: number, who: z.array(number).min(1), approve: z.boolean() });
const link = z.strictObject({ by: number, parent: z.string() });
const unlink = z.strictObject({
  by: number,
  reason: z.enum(["unlink_group", "delete_parent"]).default("unlink_group"),
});
const receipts = z.strictObject({
  id: z.string().min(1),
  kind: receiptKind,
  readers: z.array(number).min(1),
  t: z.int().positive().optional(),
});
const notification = z.strictObject({
  by: number.optional(),
  children: z.array(stanza).min(1),
  attrs: z.record(z.string(), z.union([z.string(), z.null()])).optional(),
});

export function groupRoutes({ network }: WhatsAppSimulator): Hono {
  const routes = new Hono();
  const find = (c: { readonly req: { param(name: "jid"): string } }) => groupOf(network, c.req.param("jid"));

  routes.get("/", (c) => c.json([...network.groups.values()].map(showGroup)));
  routes.post("/", async (c) => {
    const wanted = await readBody(c, newGroup);
    const members = wanted.members.map((address) => personOf(network, address));
    const group = network.group(wanted.subject, members, wanted);
    group.announceCreation(members[0]);
    return c.json(showGroup(group), 201);
  });
  routes.get("/:jid", (c) => c.json(showGroup(find(c))));
  routes.post("/:jid/messages", async (c) => {
    const group = find(c);
    const { from, ...message } = await readBody(c, sending);
    const writer = personOf(network, from);
    const content = contentOf(network, message);
    const id = writer.kind === "contact"
      ? await writer.send(group, content, optionsOf(network, message, content))
      : await writer.type(group, content, wireOptionsOf(message, content));
    return c.json({ id }, 201);
  });
  /** A change of a group: the body is checked, then `apply` does it, and the group is shown. */
  const change = <Body>(
    method: "PUT" | "POST" | "DELETE",
    path: string,
    schema: z.ZodType<Body>,
    apply: (group: Group, body: Body) => void,
  ) => {
    routes.on(method, `/:jid${path}`, async (c) => {
      const group = groupOf(network, c.req.param("jid"));
      apply(group, await readBody(c, schema));
      return c.json(showGroup(group));
    });
  };
  const who = (address: string) => personOf(network, address);
  const all = (addresses: readonly string[]) => addresses.map(who);

  change(
    "POST",
    "/members",
    membership,
    (group, body) => group.change(who(body.by), body.change, all(body.who)),
  );
  change("POST", "/join", person, (group, body) => group.join(who(body.who)));
  change("POST", "/leave", person, (group, body) => group.leave(who(body.who)));
  change("PUT", "/subject", subject, (group, body) => group.setSubject(who(body.by), body.subject));
  change(
    "PUT",
    "/description",
    description,
    (group, body) => group.setDescription(who(body.by), body.description),
  );
  change("PUT", "/setting", setting, (group, body) => group.setSetting(who(body.by), body.setting));
  change("PUT", "/disappearing", disappearing, (group, { by, seconds }) => {
    group.setDisappearing(who(by), seconds);
  });
  change("PUT", "/approval", approval, (group, { by, on }) => group.setApprovalMode(who(by), on));
  change("PUT", "/add-mode", addMode, (group, { by, mode }) => group.setMemberAddMode(who(by), mode));
  change("DELETE", "", ending, (group, { by, reason }) => group.delete(who(by), reason));
  change("DELETE", "/invite", actor, (group, { by }) => void group.revokeInvite(who(by)));
  change("POST", "/announcement", announcement, (group, { by, to, ...about }) => {
    group.announce(who(by), { ...about, to: to && all(to) });
  });
  change("POST", "/requests", request, (group, body) => {
    group.requestJoin(who(body.who), body.method, body.by === undefined ? undefined : who(body.by));
  });
  change("PUT", "/requests", answer, (group, { by, who: asked, approve }) => {
    if (approve) group.change(who(by), "add", all(asked));
    else group.revokeRequests(who(by), all(asked));
  });
  change("PUT", "/parent", link, (group, { by, parent }) => group.link(who(by), groupOf(network, parent)));
  change("DELETE", "/parent", unlink, (group, { by, reason }) => group.unlink(who(by), reason));
  change("POST", "/receipts", receipts, (group, { id, kind, readers, t }) => {
    group.sendReceipts(id, kind, all(readers), t);
  });
  change("POST", "/notifications", notification, (group, { by, children, attrs }) => {
    const options = { attrs: attrsOf(attrs) };
    group.notify(by === undefined ? undefined : who(by), children.map(nodeOf), options);
  });
  return routes;
}
