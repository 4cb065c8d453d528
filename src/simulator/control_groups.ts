// Control API: groups, and what their members do in them.
import { Hono } from "@hono/hono";
import { z } from "zod";
import {
  contentOf,
  hasOneContent,
  isContact,
  MESSAGE_FIELDS,
  ONE_CONTENT,
  optionsOf,
} from "./control_message.ts";
import { groupOf, number, personOf, readBody } from "./control_request.ts";
import { showGroup } from "./control_view.ts";
import type { WhatsAppSimulator } from "./server.ts";

const newGroup = z.strictObject({
  subject: z.string().min(1),
  /** The first one is the creator. */
  members: z.array(number).min(1),
  addressing: z.enum(["lid", "pn"]).optional(),
  description: z.string().optional(),
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
  setting: z.enum(["announcement", "not_announcement", "locked", "unlocked"]),
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
    const id = isContact(writer)
      ? await writer.send(group, content, optionsOf(network, message))
      : await writer.type(group, content);
    return c.json({ id }, 201);
  });
  routes.post("/:jid/members", async (c) => {
    const group = find(c);
    const { by, change, who } = await readBody(c, membership);
    group.change(personOf(network, by), change, who.map((address) => personOf(network, address)));
    return c.json(showGroup(group));
  });
  routes.post("/:jid/join", async (c) => {
    const group = find(c);
    group.join(personOf(network, (await readBody(c, person)).who));
    return c.json(showGroup(group));
  });
  routes.post("/:jid/leave", async (c) => {
    const group = find(c);
    group.leave(personOf(network, (await readBody(c, person)).who));
    return c.json(showGroup(group));
  });
  routes.put("/:jid/subject", async (c) => {
    const group = find(c);
    const wanted = await readBody(c, subject);
    group.setSubject(personOf(network, wanted.by), wanted.subject);
    return c.json(showGroup(group));
  });
  routes.put("/:jid/description", async (c) => {
    const group = find(c);
    const wanted = await readBody(c, description);
    group.setDescription(personOf(network, wanted.by), wanted.description);
    return c.json(showGroup(group));
  });
  routes.put("/:jid/setting", async (c) => {
    const group = find(c);
    const wanted = await readBody(c, setting);
    group.setSetting(personOf(network, wanted.by), wanted.setting);
    return c.json(showGroup(group));
  });
  return routes;
}
