import { z } from "@hono/zod-openapi";
import type { Device } from "../../store/devices.ts";
import { body, query, secondsOf, title } from "../fields.ts";

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
  phone_number: z.string().nullable().openapi({ example: "628123456789" }),
  wa_jid: z.string().nullable(),
  push_name: z.string().nullable(),
  wanted: z.boolean().openapi({ description: "It is started again after a restart of the gateway" }),
  last_error: z.string().nullable(),
  last_connect_at: seconds,
  last_disconnect_at: seconds,
  last_seen: seconds,
  created_at: z.int(),
  updated_at: z.int(),
}).openapi("Device");

/** A device as it is shown. */
export function deviceShown(device: Device) {
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
    last_error: device.lastError,
    last_connect_at: orNull(device.connectedAt),
    last_disconnect_at: orNull(device.disconnectedAt),
    last_seen: seenAt === 0 ? null : secondsOf(seenAt),
    created_at: secondsOf(device.createdAt),
    updated_at: secondsOf(device.updatedAt),
  };
}

/** Another name for a device. */
export const Alias = z.string()
  .regex(/^[\w.-]{1,100}$/, "must be 1 to 100 letters, digits, dots, dashes or underscores")
  .refine((alias) => !alias.startsWith("device_"), "must not begin with `device_`, as ids do")
  .refine((alias) => !/^\.+$/.test(alias), "must not be dots only, which no URL keeps");

/** What a new device takes. */
export const NewDevice = body({
  label: title().openapi({ example: "Kasir 1" }),
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
