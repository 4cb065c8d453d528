import { z } from "@hono/zod-openapi";
import type { ShownProxy } from "../../store/device_proxies.ts";
import type { Device } from "../../store/devices.ts";
import { body, query, title } from "../fields.ts";
import { secondsOf } from "../../spans.ts";

const EXAMPLE = "device_01k8zq4v7n2m5x9c3b6f8h0j1d";
const seconds = z.int().nullable();

export const StatusShape = z.enum([
  "needs_pairing",
  "pairing",
  "connecting",
  "connected",
  "disconnected",
  "failed",
]).openapi("DeviceStatus");

export const DeviceShape = z.object({
  id: z.string().openapi({ example: EXAMPLE }),
  tenant_id: z.string(),
  label: z.string().openapi({ example: "Kasir 1" }),
  alias: z.string().nullable().openapi({ description: "Another name that it answers to" }),
  kind: z.enum(["whatsapp", "external", "qiscus"]).openapi({
    description: "`whatsapp`: Kabar keeps it connected; the others are run by other systems",
  }),
  status: StatusShape,
  phone_number: z.string().nullable().openapi({ example: "628000000142" }),
  wa_jid: z.string().nullable(),
  push_name: z.string().nullable(),
  wanted: z.boolean().openapi({ description: "It is started again after a restart of the gateway" }),
  pacing: z.object({ min_gap_ms: z.int(), max_gap_ms: z.int(), typing: z.boolean() }).nullable().openapi({
    description: "How it sends as a person does; null: as fast as it can",
  }),
  proxy: z.object({
    address: z.string().openapi({ example: "socks5://proxy.example:1080" }),
    has_credentials: z.boolean(),
    state: z.enum(["working", "failed", "untried"]),
    error: z.string().nullable(),
  }).nullable().optional().openapi({
    description: "What it connects through; user name and password are never shown. On `/v1/devices` only",
  }),
  last_error: z.string().nullable(),
  last_connect_at: seconds,
  last_disconnect_at: seconds,
  last_seen: seconds,
  created_at: z.int(),
  updated_at: z.int(),
}).openapi("Device");

/** A device as it is shown. */
export function deviceShown(device: Device, proxy?: ShownProxy | null) {
  const { id, label, alias, kind, status, wanted } = device;
  const seenAt = Math.max(device.connectedAt ?? 0, device.disconnectedAt ?? 0);
  return {
    id,
    tenant_id: device.tenantId,
    label,
    alias,
    kind,
    status,
    phone_number: device.phoneNumber,
    wa_jid: device.jid,
    push_name: device.pushName,
    wanted,
    pacing: device.pacing === null ? null : {
      min_gap_ms: device.pacing.minGapMs,
      max_gap_ms: device.pacing.maxGapMs,
      typing: device.pacing.typing,
    },
    ...(proxy === undefined ? {} : { proxy: proxy && proxyShown(proxy, device) }),
    last_error: device.lastError,
    last_connect_at: orNull(device.connectedAt),
    last_disconnect_at: orNull(device.disconnectedAt),
    last_seen: seenAt === 0 ? null : secondsOf(seenAt),
    created_at: secondsOf(device.createdAt),
    updated_at: secondsOf(device.updatedAt),
  };
}

function proxyShown({ address, hasCredentials, error }: ShownProxy, { status }: Device) {
  const works = status === "connected" || status === "pairing";
  const state = error !== null ? "failed" as const : works ? "working" as const : "untried" as const;
  return { address, has_credentials: hasCredentials, state, error };
}

/** Another name for a device. */
export const Alias = z.string()
  .regex(/^[\w.-]{1,100}$/, "must be 1 to 100 letters, digits, dots, dashes or underscores")
  .refine((alias) => !alias.startsWith("device_"), "must not begin with `device_`, as ids do")
  .refine((alias) => !/^\.+$/.test(alias), "must not be dots only, which no URL keeps");

const GapMs = z.int().min(0).max(3_600_000);

/** How a device sends as a person does. */
const PacingBody = body({
  min_gap_ms: GapMs.optional().openapi({
    description: "Shortest pause between two messages",
    example: 2_000,
  }),
  minGapMs: GapMs.optional(),
  max_gap_ms: GapMs.optional().openapi({ description: "Longest pause between two messages", example: 8_000 }),
  maxGapMs: GapMs.optional(),
  typing: z.boolean().optional().openapi({
    description: "Show in the chat that somebody types, for as long as a person would; true when left out",
  }),
}).transform(({ min_gap_ms, max_gap_ms, minGapMs = min_gap_ms, maxGapMs = max_gap_ms, typing = true }) => ({
  minGapMs: minGapMs ?? Math.min(DEFAULT_MIN_GAP_MS, maxGapMs ?? Infinity),
  maxGapMs: maxGapMs ?? Math.max(DEFAULT_MAX_GAP_MS, minGapMs ?? 0),
  typing,
})).refine(({ minGapMs, maxGapMs }) => minGapMs <= maxGapMs, {
  path: ["min_gap_ms"],
  error: "must be at most `max_gap_ms`",
});
const DEFAULT_MIN_GAP_MS = 1_000;
const DEFAULT_MAX_GAP_MS = 4_000;

const Pacing = PacingBody.nullable().openapi({
  description: "Send as a person does: one message after another, with pauses; null: as fast as it can",
});

const ProxyUrl = z.string().min(1).max(2_048).nullable().openapi({
  description:
    "Connect through this proxy, for messages and files: `socks5://` or `http://`, with user name and " +
    "password where it wants these. There is never a direct connection instead. Null: none",
  example: "socks5://user:password@proxy.example:1080",
});

/** What its owner may change of a device. */
export const DeviceChange = body({
  label: title().optional().openapi({ example: "Kasir 1" }),
  pacing: Pacing.optional(),
  proxy: ProxyUrl.optional(),
})
  .refine(
    (change) => Object.keys(change).length > 0,
    "must name a field to change: `label`, `pacing` or `proxy`",
  );

/** What a new device takes. */
export const NewDevice = body({
  label: title().openapi({ example: "Kasir 1" }),
  pacing: Pacing.optional(),
  proxy: ProxyUrl.optional(),
  alias: Alias.optional().openapi({
    description: "Another name for it, unique among your devices",
    example: "kasir-1",
  }),
});

/** The device in a path. */
export const DeviceId = z.object({
  id: z.string().openapi({
    param: { name: "id", in: "path" },
    description: "The device's id or its alias",
    example: EXAMPLE,
  }),
});

/** As long as an answer may wait. */
export const Wait = query({
  wait: z.string().regex(/^\d{1,2}$/, "must be a whole number of seconds from 0 to 60").transform(Number)
    .refine((n) => n <= 60, "must be a whole number of seconds from 0 to 60").optional()
    .openapi({ type: "integer", description: "Seconds to wait for it, 20 when left out" }),
});

function orNull(atMs: number | null): number | null {
  return atMs === null ? null : secondsOf(atMs);
}
