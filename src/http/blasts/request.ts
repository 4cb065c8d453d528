import { z } from "@hono/zod-openapi";
import type { TenantId } from "../../ids.ts";
import type { BlastPlan } from "../../blasts/intake.ts";
import { planBlast, type PlanBlastDeps } from "../../blasts/plan.ts";
import { isTimeZone } from "../../blasts/sending_window.ts";
import { MOST_TEXT } from "../../messages/text_limit.ts";
import type { Templates } from "../../store/templates.ts";
import { HttpError } from "../errors.ts";
import { body } from "../fields.ts";
import { faultOf } from "../issues.ts";
import { templateNotFound } from "./templates.ts";

const Seconds = z.number().min(0).max(3_600);

const Cap = z.int().min(0).max(1_000_000).openapi({ description: "0: any number" });
const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time such as 08:30");
const Variables = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()]).transform(String),
);

/** A blast's request, but for its recipients, which are read one by one. */
export const BlastFields = body({
  recipients: z.unknown().optional(),
  channels: z.array(z.string()).min(1).openapi({ example: ["whatsapp"] }).optional(),
  channel: z.string().optional().openapi({ description: "Older name of `channels`" }),
  templateId: z.string().min(1).max(100).optional(),
  message: z.string().min(1).max(MOST_TEXT).optional().openapi({
    description: "A text instead of a template; `{{name}}` and the like are filled in",
    example: "Halo {{name}}",
  }),
  globalVariables: Variables.optional().openapi({ description: "Variables that recipients have in common" }),
  from: z.string().optional(),
  device: z.string().optional().openapi({
    description: "Send through this device (id or alias); without one it goes through Qiscus",
  }),
  devices: z.array(z.string()).min(1).max(100).optional().openapi({
    description: "Send through these in turn",
  }),
  pace: body({
    minGapSeconds: Seconds.optional(),
    maxGapSeconds: Seconds.optional(),
    perHour: Cap.optional(),
    perDay: Cap.optional(),
  }).optional().openapi({ description: "Of each device" }),
  window: body({
    from: TimeOfDay,
    to: TimeOfDay,
    timeZone: z.string().refine(isTimeZone, "must be a time zone such as Asia/Jakarta").default("UTC"),
  }).optional().openapi({ description: "Hours of the day in which messages may be sent" }),
  scheduledAt: z.iso.datetime({
    offset: true,
    error: "must be a time with its offset, such as 2027-01-31T08:30:00+07:00",
  }).optional().openapi({
    description: "When it begins, up to a year ahead; without one at once",
    example: "2027-01-31T08:30:00+07:00",
  }),
});

export interface BlastRequestDeps extends Omit<PlanBlastDeps, "templateOf"> {
  readonly templates: Pick<Templates, "get">;
}

/**
 * Makes a plan of the fields of a request.
 * @throws {HttpError | InvalidError | NotFoundError | RefusedError | DeviceOfflineError} If there is none for them.
 */
export async function planRequest(
  fields: Readonly<Record<string, unknown>>,
  tenantId: TenantId,
  { templates, ...deps }: BlastRequestDeps,
): Promise<BlastPlan> {
  if (Object.hasOwn(fields, "recipients")) throw invalid("Field `recipients` must be an array");
  const parsed = BlastFields.safeParse(fields);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => faultOf(issue, "json", fields));
    throw invalid(faults.slice(0, 5).map(({ message }) => message).join("; "));
  }
  return await planBlast(parsed.data, tenantId, {
    ...deps,
    async templateOf(owner, id) {
      const template = await templates.get(owner, id);
      if (template === undefined) throw templateNotFound(id);
      return template;
    },
  });
}

function invalid(message: string): HttpError {
  return new HttpError(400, "VALIDATION_ERROR", message);
}
