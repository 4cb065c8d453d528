import { secondsOf } from "../../spans.ts";
import { z } from "@hono/zod-openapi";
import { addressOf, type Jid } from "../../events/person.ts";
import type { GroupInfo, MemberOutcome } from "../../whatsapp/actions.ts";

export const GroupShape = z.object({
  group_id: z.string().openapi({ example: "120363025246125486@g.us" }),
  subject: z.string(),
  description: z.string().nullable(),
  owner: z.string().nullable(),
  created_at: z.int().nullable(),
  announce: z.boolean().openapi({ description: "Only admins write" }),
  locked: z.boolean().openapi({ description: "Only admins change what it is called" }),
  join_approval: z.boolean(),
  disappearing_seconds: z.int(),
  participants: z.array(z.object({
    id: z.string().openapi({ description: "The phone number's jid when it is known, else the LID" }),
    lid: z.string().nullable(),
    role: z.enum(["member", "admin", "superadmin"]),
  })),
}).openapi("Group");

export const NewGroupShape = GroupShape.extend({
  not_added: z.array(z.string()).openapi({
    description:
      "Whom WhatsApp did not add: they are not on it, or only their contacts may add them; send these the " +
      "invite link",
  }),
}).openapi("NewGroup");

export const MemberOutcomeShape = z.object({
  id: z.string(),
  ok: z.boolean(),
  code: z.int(),
  message: z.string().nullable(),
});

export function groupShown(group: GroupInfo): z.output<typeof GroupShape> {
  return {
    group_id: group.jid,
    subject: group.subject,
    description: group.description,
    owner: group.owner && addressOf(group.owner),
    created_at: group.createdAt === null ? null : secondsOf(group.createdAt),
    announce: group.announce,
    locked: group.locked,
    join_approval: group.joinApproval,
    disappearing_seconds: group.disappearingSeconds,
    participants: group.participants.map(({ person, role }) => ({
      id: addressOf(person),
      lid: person.lid,
      role,
    })),
  };
}

/** Who was wanted in a group and is not. */
export function missingIn({ participants }: GroupInfo, wanted: readonly Jid[]): Jid[] {
  const members = new Set(participants.flatMap(({ person: { pn, lid } }) => [pn, lid]));
  return wanted.filter((jid) => !members.has(jid));
}

/** What WhatsApp's codes for members mean. */
const MEANINGS: Readonly<Record<number, string>> = {
  401: "They have blocked this number",
  403: "Only their contacts may add them: send them the invite link",
  404: "They are not on WhatsApp, or not in the group",
  408: "They have left lately and cannot be added yet",
  409: "They are in the group already",
  419: "The group is full",
};

export function memberOutcomeShown({ jid, ok, code }: MemberOutcome): z.output<typeof MemberOutcomeShape> {
  return { id: jid, ok, code, message: ok ? null : MEANINGS[code] ?? "WhatsApp refused it" };
}
