import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { ExternalDevices, SessionStatus } from "../../receivers/external_devices.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import type { Device, Devices, DeviceStatus } from "../../store/devices.ts";
import { json, NO_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { query } from "../fields.ts";

const Shape = z.object({
  sessionId: z.string(),
  status: z.string().openapi({ example: "session_connected" }),
  message: z.string().nullable(),
  qr: z.string().nullable(),
  userId: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  qrImage: z.string().nullable().openapi({ description: "The QR code as a data URL" }),
  isConnected: z.boolean(),
  needsQR: z.boolean(),
  isLoading: z.boolean(),
  hasError: z.boolean(),
});

const status = createRoute({
  tags: ["WhatsApp servers"],
  security: NO_KEY,
  method: "get",
  path: "/api/whatsapp/session/status/{id}",
  summary: "See how a session does",
  request: {
    params: z.object({
      id: z.string().openapi({ param: { name: "id", in: "path" }, example: "test-session" }),
    }),
    query: query({}),
  },
  responses: {
    200: json("How it does", z.object({ success: z.literal(true), data: Shape })),
    404: json(
      "There is no such session",
      z.object({ success: z.literal(false), message: z.string(), error: z.string() }),
    ),
  },
});

export interface SessionStatusRouteDeps {
  readonly externalDevices: Pick<ExternalDevices, "statusOf">;
  readonly devices: Pick<Devices, "find">;
}

/** The open route by which dashboards of other WhatsApp servers ask for sessions; it needs no key. */
export function createSessionStatusRoutes(
  { externalDevices, devices }: SessionStatusRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(status, async (c) => {
    const { id } = c.req.valid("param");
    const own = async () => {
      const device = await devices.find(DEFAULT_TENANT, id);
      return device && ownStatus(id, device);
    };
    const data = await externalDevices.statusOf(id) ?? await own();
    if (data !== undefined) return c.json({ success: true as const, data }, 200);
    return c.json({ success: false as const, message: "Session not found", error: "Session not found" }, 404);
  });

  return routes;
}

const WORDS: Readonly<Record<DeviceStatus, string>> = {
  needs_pairing: "session_not_connected",
  pairing: "qr_generated",
  connecting: "connecting",
  connected: "session_connected",
  disconnected: "session_not_connected",
  failed: "auth_failure",
};

/** A device of our own; its QR code is not shown to those without a key, as whoever scans it becomes its phone. */
function ownStatus(sessionId: string, device: Device): SessionStatus {
  const { status } = device;
  return {
    sessionId,
    status: WORDS[status],
    message: device.lastError,
    qr: null,
    userId: "system",
    createdAt: new Date(device.createdAt).toISOString(),
    updatedAt: new Date(device.updatedAt).toISOString(),
    qrImage: null,
    isConnected: status === "connected",
    needsQR: status === "pairing" || status === "needs_pairing",
    isLoading: status === "connecting",
    hasError: status === "failed",
  };
}
