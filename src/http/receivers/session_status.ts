import type { Context } from "@hono/hono";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { ExternalDevices, SessionStatus } from "../../providers/universal/line.ts";
import { DEFAULT_TENANT } from "../../ids.ts";
import type { Device, Devices, DeviceStatus } from "../../store/devices.ts";
import { json, NO_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { unauthorized } from "../errors.ts";
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
    401: json(
      "The caller is neither on this machine nor has a key",
      z.object({ success: z.literal(false), message: z.string(), error: z.string() }),
    ),
    404: json(
      "There is no such session",
      z.object({ success: z.literal(false), message: z.string(), error: z.string() }),
    ),
  },
});

export interface SessionStatusRouteDeps {
  readonly externalDevices: Pick<ExternalDevices, "statusOf">;
  readonly devices: Pick<Devices, "find">;
  /** Whether the caller may see QR codes: whoever scans one becomes the session's phone. */
  readonly mayShowQr: (c: Context<HttpEnv>) => Promise<boolean>;
  /** Whether the caller may see how sessions do, their last error included; left out: anybody may. */
  readonly maySee?: (c: Context<HttpEnv>) => Promise<boolean>;
}

/**
 * The route by which dashboards of other WhatsApp servers ask for sessions. It needs no key on this machine; the QR
 * code of an external session is shown with the default tenant's key and to this machine only.
 */
export function createSessionStatusRoutes(
  { externalDevices, devices, mayShowQr, maySee = () => Promise.resolve(true) }: SessionStatusRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(status, async (c) => {
    if (!await maySee(c)) { // also of a session that does not exist: which do is nobody's business
      const message = "The session's status is shown to programs on this machine, and with the API key";
      throw unauthorized("UNAUTHORIZED", message);
    }
    const { id } = c.req.valid("param");
    const own = async () => {
      const device = await devices.find(DEFAULT_TENANT, id);
      return device && ownStatus(id, device);
    };
    const data = await externalDevices.statusOf(id) ?? await own();
    if (data !== undefined) {
      const hidden = data.qr !== null && !await mayShowQr(c);
      return c.json(
        { success: true as const, data: hidden ? { ...data, qr: null, qrImage: null } : data },
        200,
      );
    }
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
