import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import type { SessionFor } from "../../devices/session_for.ts";
import { RefusedError } from "../../errors.ts";
import { recipientOf } from "../../messages/recipient.ts";
import type { Actions } from "../../whatsapp/actions.ts";
import { isGroup, isGroupJid } from "../../whatsapp/jid.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, title } from "../fields.ts";
import { DeviceId } from "../shapes/device.ts";
import {
  GroupShape,
  groupShown,
  MemberOutcomeShape,
  memberOutcomeShown,
  missingIn,
  NewGroupShape,
} from "../shapes/group.ts";

const route = { tags: ["Groups"], security: TENANT_KEY };
const Subject = title().openapi({ example: "Pelanggan setia" });
const Members = z.array(z.string().min(1).max(100)).min(1).max(256).openapi({
  description: "Phone numbers or jids",
  example: ["628000000142"],
});
const Group = DeviceId.extend({
  group: z.string().openapi({
    param: { name: "group", in: "path" },
    description: "The group's jid",
    example: "120363025246125486@g.us",
  }),
});
const REFUSED = refusals(403, 404, 409, 413, 415, 429, 502, 504);

const list = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/groups",
  summary: "List the groups that a device is in",
  request: { params: DeviceId },
  responses: {
    200: dataOf("The groups", z.object({ groups: z.array(GroupShape), count: z.int() })),
    ...REFUSED,
  },
});

const creates = (["/devices/{id}/groups", "/devices/{id}/groups/create"] as const).map((path) =>
  createRoute({
    ...route,
    method: "post",
    path,
    summary: "Create a group",
    request: { params: DeviceId, body: jsonBody(body({ subject: Subject, participants: Members })) },
    responses: { 201: dataOf("The group", NewGroupShape), ...REFUSED },
  })
);

const get = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/groups/{group}",
  summary: "Get a group and its members",
  request: { params: Group },
  responses: { 200: dataOf("The group", GroupShape), ...REFUSED },
});

const changes = (["add", "remove", "promote", "demote"] as const).map((change) => ({
  change,
  action: createRoute({
    ...route,
    method: "post",
    path: `/devices/{id}/groups/{group}/participants/${change}`,
    summary: {
      add: "Add members",
      remove: "Remove members",
      promote: "Make members admins",
      demote: "Take admins back",
    }[
      change
    ],
    request: { params: Group, body: jsonBody(body({ participants: Members })) },
    responses: {
      200: dataOf(
        "What became of each",
        z.object({
          group_id: z.string(),
          changed: z.array(z.string()),
          results: z.array(MemberOutcomeShape),
        }),
      ),
      ...REFUSED,
    },
  }),
}));

const rename = createRoute({
  ...route,
  method: "put",
  path: "/devices/{id}/groups/{group}/subject",
  summary: "Rename a group",
  request: { params: Group, body: jsonBody(body({ subject: Subject })) },
  responses: {
    200: dataOf("It is done", z.object({ group_id: z.string(), subject: z.string() })),
    ...REFUSED,
  },
});

const invite = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/groups/{group}/invite",
  summary: "Get the code and the link that invite to a group",
  request: { params: Group },
  responses: {
    200: dataOf("The invitation", z.object({ group_id: z.string(), code: z.string(), link: z.string() })),
    ...REFUSED,
  },
});

const leave = createRoute({
  ...route,
  method: "post",
  path: "/devices/{id}/groups/{group}/leave",
  summary: "Leave a group",
  request: { params: Group },
  responses: {
    200: dataOf("It is done", z.object({ group_id: z.string(), left: z.literal(true) })),
    ...REFUSED,
  },
});

export interface GroupRouteDeps {
  readonly devices: Pick<DeviceService, "get">;
  readonly sessionFor: SessionFor;
  readonly countryCode: string;
}

/** Routes over the groups of a device. */
export function createGroupRoutes(
  { devices, sessionFor, countryCode }: GroupRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  const session = async (tenantId: string, id: string): Promise<Actions> =>
    sessionFor(await devices.get(tenantId, id));
  const people = (given: readonly string[]) =>
    given.map((one, index) => {
      const field = `participants[${index}]`;
      const jid = recipientOf(one, field, countryCode);
      if (!isGroup(jid)) return jid;
      throw new RefusedError(
        "INVALID_RECIPIENT",
        `Cannot use "${one}" as ${field}: it is a group, not a person`,
        {
          field,
        },
      );
    });

  routes.openapi(list, async (c) => {
    const { id } = c.req.valid("param");
    const groups = (await (await session(c.get("tenant").id, id)).groups()).map(groupShown);
    return c.json({ success: true as const, data: { groups, count: groups.length } }, 200);
  });

  for (const create of creates) {
    routes.openapi(create, async (c) => {
      const { subject, participants } = c.req.valid("json");
      const line = await session(c.get("tenant").id, c.req.valid("param").id);
      const wanted = people(participants);
      const group = await line.createGroup(subject, wanted);
      const data = { ...groupShown(group), not_added: missingIn(group, wanted) };
      return c.json({ success: true as const, data }, 201);
    });
  }

  routes.openapi(get, async (c) => {
    const { id, group } = c.req.valid("param");
    const found = await (await session(c.get("tenant").id, id)).group(groupJid(group));
    return c.json({ success: true as const, data: groupShown(found) }, 200);
  });

  for (const { change, action } of changes) {
    routes.openapi(action, async (c) => {
      const { id, group } = c.req.valid("param");
      const jid = groupJid(group);
      const members = people(c.req.valid("json").participants);
      const outcomes = await (await session(c.get("tenant").id, id)).changeMembers(jid, change, members);
      const data = {
        group_id: jid,
        changed: outcomes.filter(({ ok }) => ok).map((outcome) => outcome.jid),
        results: outcomes.map(memberOutcomeShown),
      };
      return c.json({ success: true as const, data }, 200);
    });
  }

  routes.openapi(rename, async (c) => {
    const { id, group } = c.req.valid("param");
    const jid = groupJid(group);
    const { subject } = c.req.valid("json");
    await (await session(c.get("tenant").id, id)).setSubject(jid, subject);
    return c.json({ success: true as const, data: { group_id: jid, subject } }, 200);
  });

  routes.openapi(invite, async (c) => {
    const { id, group } = c.req.valid("param");
    const jid = groupJid(group);
    const code = await (await session(c.get("tenant").id, id)).inviteCode(jid);
    const data = { group_id: jid, code, link: `https://chat.whatsapp.com/${code}` };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(leave, async (c) => {
    const { id, group } = c.req.valid("param");
    const jid = groupJid(group);
    await (await session(c.get("tenant").id, id)).leaveGroup(jid);
    return c.json({ success: true as const, data: { group_id: jid, left: true as const } }, 200);
  });

  return routes;
}

/** @throws {RefusedError} If it is no group's jid; the number alone will do. */
function groupJid(text: string): string {
  const given = text.trim().toLowerCase();
  const jid = given.includes("@") ? given : `${given}@g.us`;
  if (isGroupJid(jid)) return jid;
  const message = `Cannot use "${text.slice(0, 60)}" as group: it takes a group's jid, such as ` +
    '"120363025246125486@g.us"';
  throw new RefusedError("INVALID_RECIPIENT", message, { field: "group" });
}
