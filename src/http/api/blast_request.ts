import { z } from "@hono/zod-openapi";
import { DeviceOfflineError, NotFoundError, RefusedError } from "../../errors.ts";
import { DEFAULT_TENANT, type TenantId } from "../../ids.ts";
import type { BlastPlan } from "../../messages/blast_intake.ts";
import { plainText, qiscusText } from "../../messages/blast_text.ts";
import { isTimeZone } from "../../messages/sending_window.ts";
import type { Pace } from "../../store/blasts.ts";
import type { Device, Devices } from "../../store/devices.ts";
import type { Template, Templates } from "../../store/templates.ts";
import { HttpError } from "../errors.ts";
import { body } from "../fields.ts";
import { faultOf } from "../issues.ts";
import { templateNotFound } from "./templates.ts";

const Seconds = z.number().min(0).max(3_600);
/** How far the clock of whoever asks may be behind. */
const CLOCK_MS = 60_000;
const YEAR_MS = 366 * 24 * 3_600_000;

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
  message: z.string().min(1).max(65_536).optional().openapi({
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

export interface BlastRequestDeps {
  readonly templates: Pick<Templates, "get">;
  readonly devices: Pick<Devices, "find">;
  /** Whether Qiscus is configured, or simulated. */
  readonly hasQiscus: boolean;
  readonly pace: Pace;
  readonly now: () => number;
}

/**
 * Makes a plan of the fields of a request.
 * @throws {HttpError | NotFoundError | RefusedError} If there is none for them.
 */
export async function planBlast(
  fields: Readonly<Record<string, unknown>>,
  tenantId: TenantId,
  deps: BlastRequestDeps,
): Promise<BlastPlan> {
  if (Object.hasOwn(fields, "recipients")) throw invalid("Field `recipients` must be an array");
  const parsed = BlastFields.safeParse(fields);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => faultOf(issue, "json", fields));
    throw invalid(faults.slice(0, 5).map(({ message }) => message).join("; "));
  }
  const request = parsed.data;
  checkChannels(request);
  if (request.templateId === undefined && request.message === undefined) {
    throw invalid("Field `templateId` is required, or `message`: they say what is sent");
  }
  if (request.templateId !== undefined && request.message !== undefined) {
    throw invalid("Fields `templateId` and `message` do not go together: a blast says one thing");
  }
  const scheduledAt = scheduledAtOf(request, deps.now());
  const template = request.templateId === undefined
    ? null
    : await templateOf(request.templateId, tenantId, deps);
  const found = await devicesOf(request, tenantId, deps);
  const via = found.length > 0 ? "devices" as const : "qiscus" as const;
  if (via === "qiscus") checkQiscus(tenantId, deps);
  return {
    via,
    deviceIds: found.map(({ id }) => id),
    template: template &&
      { id: template.id, name: template.name, qiscusEnabled: template.qiscus !== null },
    text: textOf(template, request.message ?? "", via),
    globals: request.globalVariables ?? {},
    pace: paceOf(request, deps.pace),
    scheduledAt,
  };
}

function scheduledAtOf({ scheduledAt }: z.output<typeof BlastFields>, now: number): number | null {
  if (scheduledAt === undefined) return null;
  const at = Date.parse(scheduledAt);
  const takes = at < now - CLOCK_MS
    ? "in the future"
    : at > now + YEAR_MS
    ? "at most a year ahead"
    : undefined;
  if (takes === undefined) return at;
  const got = `${JSON.stringify(scheduledAt)} (it is ${new Date(now).toISOString()} here)`;
  throw invalid(`Field \`scheduledAt\` must be ${takes}, got ${got}`);
}

function textOf(template: Template | null, message: string, via: BlastPlan["via"]): BlastPlan["text"] {
  if (template === null) return plainText(message, via);
  if (via === "qiscus") return qiscusText(template);
  if (template.body !== "") return plainText(template.body, via);
  throw invalid(
    `Template '${template.id}' has no \`body\`: only Qiscus knows its text, so a device cannot send it`,
  );
}

function checkChannels({ channels, channel }: z.output<typeof BlastFields>): void {
  const asked = channels ?? (channel === undefined ? undefined : [channel]);
  if (asked === undefined) throw invalid('Field `channels` is required: it takes ["whatsapp"]');
  const other = asked.find((each) => each !== "whatsapp");
  if (other === undefined) return;
  throw invalid(`Channel \`${other.slice(0, 40)}\` is not supported: \`channels\` takes only whatsapp`);
}

async function templateOf(
  id: string,
  tenantId: TenantId,
  { templates }: BlastRequestDeps,
): Promise<Template> {
  const template = await templates.get(tenantId, id);
  if (template === undefined) throw templateNotFound(id);
  return template;
}

async function devicesOf(
  { device, devices: several = [] }: z.output<typeof BlastFields>,
  tenantId: TenantId,
  { devices }: BlastRequestDeps,
): Promise<readonly Device[]> {
  const names = new Set([...device === undefined ? [] : [device], ...several]);
  const found = new Map<string, Device>();
  for (const name of names) {
    const known = await devices.find(tenantId, name);
    if (known === undefined) throw new NotFoundError("device", name);
    if (known.kind !== "whatsapp") {
      throw new RefusedError(
        "DEVICE_CANNOT_SEND",
        `Cannot send through "${name}": another system runs this line`,
      );
    }
    if (known.status === "needs_pairing" || known.status === "pairing" || known.status === "failed") {
      throw new DeviceOfflineError(known.id, known.status);
    }
    found.set(known.id, known);
  }
  return [...found.values()];
}

function checkQiscus(tenantId: TenantId, { hasQiscus }: BlastRequestDeps): void {
  const message = tenantId !== DEFAULT_TENANT
    ? "Field `device` (or `devices`) is required: it names the devices to send through"
    : hasQiscus
    ? undefined
    : "Qiscus is not configured: set QISCUS_BASE_URL, QISCUS_APP_ID, QISCUS_SECRET_KEY and QISCUS_CHANNEL_ID " +
      "(or QISCUS_SIMULATE=true to try things out), or name a `device` to send through";
  if (message !== undefined) throw new HttpError(409, "QISCUS_NOT_CONFIGURED", message);
}

function paceOf({ pace = {}, window }: z.output<typeof BlastFields>, defaults: Pace): Pace {
  const ms = (seconds: number | undefined) => seconds === undefined ? undefined : seconds * 1000;
  const cap = (asked: number | undefined, fallback: number | null) =>
    asked === undefined ? fallback : asked === 0 ? null : asked;
  const minGapMs = ms(pace.minGapSeconds) ?? Math.min(defaults.minGapMs, ms(pace.maxGapSeconds) ?? Infinity);
  const maxGapMs = ms(pace.maxGapSeconds) ?? Math.max(defaults.maxGapMs, minGapMs);
  if (minGapMs > maxGapMs) throw invalid("Field `pace.minGapSeconds` must be at most `pace.maxGapSeconds`");
  return {
    minGapMs,
    maxGapMs,
    perHour: cap(pace.perHour, defaults.perHour),
    perDay: cap(pace.perDay, defaults.perDay),
    window: window ?? null,
  };
}

function invalid(message: string): HttpError {
  return new HttpError(400, "VALIDATION_ERROR", message);
}
