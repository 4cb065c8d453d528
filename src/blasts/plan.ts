import { DeviceOfflineError } from "../devices/offline.ts";
import { InvalidError, NotFoundError, RefusedError } from "../errors.ts";
import { DEFAULT_TENANT, type TenantId } from "../ids.ts";
import { checkLeaving } from "../messages/leaving.ts";
import type { Pace } from "../store/blasts.ts";
import type { Device, Devices } from "../store/devices.ts";
import type { Template } from "../store/templates.ts";
import type { BlastPlan } from "./intake.ts";
import { named } from "./template_text.ts";
import { plainText, qiscusText } from "./text.ts";

/** What is asked of a blast, but for its recipients. */
export interface BlastWishes {
  /** Only `whatsapp`. */
  readonly channels?: readonly string[];
  /** Older name of `channels`. */
  readonly channel?: string;
  /** This, or `message`. */
  readonly templateId?: string;
  readonly message?: string;
  /** Variables that recipients have in common. */
  readonly globalVariables?: Readonly<Record<string, string>>;
  /** Ids or aliases of the devices to send through; without one it goes through Qiscus. */
  readonly device?: string;
  readonly devices?: readonly string[];
  readonly pace?: {
    readonly minGapSeconds?: number;
    readonly maxGapSeconds?: number;
    /** 0: any number. */
    readonly perHour?: number;
    readonly perDay?: number;
  };
  readonly window?: NonNullable<Pace["window"]>;
  /** ISO 8601 with its offset; left out: at once. */
  readonly scheduledAt?: string;
}

export interface PlanBlastDeps {
  /** Throws when the tenant has no such template. */
  readonly templateOf: (tenantId: TenantId, id: string) => Promise<Template>;
  readonly devices: Pick<Devices, "find">;
  /** Whether Qiscus is configured, or simulated. */
  readonly hasQiscus: boolean;
  /** How fast devices send when nothing else is asked. */
  readonly pace: Pace;
  readonly now: () => number;
}

/**
 * Plans a blast: what it says, through what, when, and how fast.
 * @throws {InvalidError | NotFoundError | RefusedError | DeviceOfflineError} If it cannot be as it is asked for.
 */
export async function planBlast(
  request: BlastWishes,
  tenantId: TenantId,
  deps: PlanBlastDeps,
): Promise<BlastPlan> {
  checkChannels(request);
  if (request.templateId === undefined && request.message === undefined) {
    throw new InvalidError(
      "templateId",
      "Field `templateId` is required, or `message`: they say what is sent",
      { kind: "blast_text" },
    );
  }
  if (request.templateId !== undefined && request.message !== undefined) {
    throw new InvalidError(
      "message",
      "Fields `templateId` and `message` do not go together: a blast says one thing",
      { kind: "blast_text" },
    );
  }
  const scheduledAt = scheduledAtOf(request, deps.now());
  const template = request.templateId === undefined
    ? null
    : await deps.templateOf(tenantId, request.templateId);
  const found = await devicesOf(request, tenantId, deps);
  const via = found.length > 0 ? "devices" as const : "qiscus" as const;
  if (via === "qiscus") checkQiscus(tenantId, deps);
  return {
    via,
    deviceIds: found.map(({ id }) => id),
    template: template &&
      { id: template.id, name: template.name, qiscusEnabled: template.qiscus !== null },
    text: textOf(template, request.message ?? "", via),
    globals: named(request.globalVariables ?? {}),
    pace: paceOf(request, deps.pace),
    scheduledAt,
  };
}

function scheduledAtOf({ scheduledAt }: BlastWishes, now: number): number | null {
  if (scheduledAt === undefined) return null;
  const at = Date.parse(scheduledAt);
  checkLeaving({ field: "scheduledAt", at, got: JSON.stringify(scheduledAt) }, now);
  return at;
}

function textOf(template: Template | null, message: string, via: BlastPlan["via"]): BlastPlan["text"] {
  if (template === null) return plainText(message, via);
  if (via === "qiscus") return qiscusText(template);
  if (template.body !== "") return plainText(template.body, via);
  throw new InvalidError(
    "templateId",
    `Template '${template.id}' has no \`body\`: only Qiscus knows its text, so a device cannot send it`,
    { kind: "template_empty", template: template.id },
  );
}

function checkChannels({ channels, channel }: BlastWishes): void {
  const asked = channels ?? (channel === undefined ? undefined : [channel]);
  if (asked === undefined) {
    const message = 'Field `channels` is required: it takes ["whatsapp"]';
    throw new InvalidError("channels", message, { kind: "blast_channel" });
  }
  const other = asked.find((each) => each !== "whatsapp");
  if (other === undefined) return;
  throw new InvalidError(
    "channels",
    `Channel \`${other.slice(0, 40)}\` is not supported: \`channels\` takes only whatsapp`,
    { kind: "blast_channel" },
  );
}

async function devicesOf(
  { device, devices: several = [] }: BlastWishes,
  tenantId: TenantId,
  { devices }: PlanBlastDeps,
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

function checkQiscus(tenantId: TenantId, { hasQiscus }: PlanBlastDeps): void {
  const message = tenantId !== DEFAULT_TENANT
    ? "Field `device` (or `devices`) is required: it names the devices to send through"
    : hasQiscus
    ? undefined
    : "Qiscus is not configured: set QISCUS_BASE_URL, QISCUS_APP_ID, QISCUS_SECRET_KEY and QISCUS_CHANNEL_ID " +
      "(or QISCUS_SIMULATE=true to try things out), or name a `device` to send through";
  if (message !== undefined) throw new RefusedError("QISCUS_NOT_CONFIGURED", message);
}

function paceOf({ pace = {}, window }: BlastWishes, defaults: Pace): Pace {
  const ms = (seconds: number | undefined) => seconds === undefined ? undefined : seconds * 1000;
  const cap = (asked: number | undefined, fallback: number | null) =>
    asked === undefined ? fallback : asked === 0 ? null : asked;
  const minGapMs = ms(pace.minGapSeconds) ?? Math.min(defaults.minGapMs, ms(pace.maxGapSeconds) ?? Infinity);
  const maxGapMs = ms(pace.maxGapSeconds) ?? Math.max(defaults.maxGapMs, minGapMs);
  if (minGapMs > maxGapMs) {
    throw new InvalidError(
      "pace.minGapSeconds",
      "Field `pace.minGapSeconds` must be at most `pace.maxGapSeconds`",
      { kind: "pace_order" },
    );
  }
  return {
    minGapMs,
    maxGapMs,
    perHour: cap(pace.perHour, defaults.perHour),
    perDay: cap(pace.perDay, defaults.perDay),
    window: window ?? null,
  };
}
