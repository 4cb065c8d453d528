import { z } from "@hono/zod-openapi";
import { qrImage } from "../../formats/qr_image.ts";
import type { Device } from "../../store/devices.ts";

export const InstanceStatus = z.enum(["disconnected", "connecting", "qr", "connected"]);

export const InstanceShape = z.object({
  id: z.string().openapi({ description: "The device's alias, or its id when it has none", example: "toko" }),
  deviceId: z.string(),
  name: z.string(),
  phoneNumber: z.string().nullable(),
  status: InstanceStatus,
  qrCode: z.string().nullable().openapi({
    description: "A data URL of a PNG, while there is one to scan; only for keys with the scope `manage`",
  }),
  isActive: z.boolean().openapi({ description: "The gateway keeps it connected" }),
  webhookUrl: z.string().nullable(),
  lastError: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
}).openapi("Instance");

/** A device in the words of those who call it an instance. */
export function instanceShown(
  device: Device,
  { webhookUrl, qr }: { readonly webhookUrl: string | null; readonly qr: string | undefined },
): z.output<typeof InstanceShape> {
  return {
    id: device.alias ?? device.id,
    deviceId: device.id,
    name: device.label,
    phoneNumber: device.phoneNumber,
    status: instanceStatusOf(device),
    qrCode: qr === undefined ? null : qrImage(qr),
    isActive: device.wanted,
    webhookUrl,
    lastError: device.lastError,
    createdAt: new Date(device.createdAt).toISOString(),
    updatedAt: new Date(device.updatedAt).toISOString(),
  };
}

export function instanceStatusOf({ status }: Pick<Device, "status">): z.output<typeof InstanceStatus> {
  switch (status) {
    case "connected":
    case "connecting":
      return status;
    case "pairing":
      return "qr";
    default:
      return "disconnected";
  }
}
