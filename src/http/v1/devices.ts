import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import { NotFoundError } from "../../errors.ts";
import type { Device } from "../../store/devices.ts";
import type { TenantId } from "../../ids.ts";
import type { HttpEnv } from "../context.ts";
import { query, wholeNumber } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import {
  DeviceChange,
  DeviceId,
  DeviceShape,
  deviceShown,
  NewDevice,
  StatusShape,
} from "../shapes/device.ts";

const route = { tags: ["Devices"], security: TENANT_KEY };
const OneDevice = dataOf("The device", DeviceShape);

const create = createRoute({
  ...route,
  method: "post",
  path: "/devices",
  summary: "Create a device; link it with a phone next",
  request: { body: jsonBody(NewDevice) },
  responses: { 201: OneDevice, ...refusals(409, 413, 415, 429, 503) },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/devices",
  summary: "List devices, newest first",
  request: {
    query: query({
      limit: wholeNumber({ min: 1, max: 500 }).optional(),
      offset: wholeNumber({ min: 0, max: 1_000_000 }).optional(),
    }),
  },
  responses: {
    200: dataOf(
      "A page of devices",
      z.object({ devices: z.array(DeviceShape), count: z.int(), total: z.int() }),
    ),
    ...refusals(429),
  },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}",
  summary: "Get a device",
  request: { params: DeviceId },
  responses: { 200: OneDevice, ...refusals(404, 429) },
});

const renames = (["put", "patch"] as const).map((method) =>
  createRoute({
    ...route,
    method,
    path: "/devices/{id}",
    summary: "Change a device's label, how it sends, or what it connects through",
    request: { params: DeviceId, body: jsonBody(DeviceChange) },
    responses: { 200: OneDevice, ...refusals(404, 413, 415, 429, 503) },
  })
);

const remove = createRoute({
  ...route,
  method: "delete",
  path: "/devices/{id}",
  summary: "Log a device out and delete it",
  request: { params: DeviceId },
  responses: {
    200: dataOf("It is gone", z.object({ device_id: z.string(), deleted: z.literal(true) })),
    ...refusals(404, 429, 503),
  },
});

const VERBS = {
  start: "Connect a device, and keep it connected",
  stop: "Disconnect a device, and leave it so; it stays linked",
  restart: "Disconnect a device and connect it anew",
  logout: "Unlink a device from its phone",
} as const;

const actions = (["start", "stop", "restart", "logout"] as const).map((verb) => ({
  verb,
  action: createRoute({
    ...route,
    method: "post",
    path: `/devices/{id}/${verb}`,
    summary: VERBS[verb],
    request: { params: DeviceId },
    responses: {
      200: dataOf(
        "It is done",
        z.object({ device_id: z.string(), status: StatusShape, message: z.string() }),
      ),
      ...refusals(404, 409, 429, 503),
    },
  }),
}));

const health = createRoute({
  ...route,
  method: "get",
  path: "/devices/{id}/health",
  summary: "See how a device does",
  request: { params: DeviceId },
  responses: {
    200: dataOf(
      "How it does",
      DeviceShape.pick({
        status: true,
        wa_jid: true,
        phone_number: true,
        last_connect_at: true,
        last_disconnect_at: true,
        last_error: true,
      }).extend({
        device_id: z.string(),
        is_connected: z.boolean(),
        uptime: z.int().openapi({ description: "Seconds since it connected; 0 when it is not connected" }),
      }),
    ),
    ...refusals(404, 429),
  },
});

const DONE = { start: "started", stop: "stopped", restart: "restarted", logout: "logged out" } as const;

export interface DeviceRouteDeps {
  readonly devices: DeviceService;
  readonly now: () => number;
}

/** Routes over a tenant's devices. */
export function createDeviceRoutes({ devices, now }: DeviceRouteDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  /** Of the devices that a key is for, those that still exist. */
  async function someDevices(
    tenantId: TenantId,
    ids: readonly string[],
    { limit, offset }: { readonly limit: number; readonly offset: number },
  ) {
    const found = await Promise.all(ids.map((id) => devices.get(tenantId, id).catch(ifMissing)));
    const left = found.filter((device) => device !== undefined);
    return { devices: left.slice(offset, offset + limit), total: left.length };
  }

  const shownWithProxy = async (device: Device) =>
    deviceShown(device, (await devices.proxiesOf([device])).get(device.id) ?? null);

  routes.openapi(create, async (c) => {
    const device = await devices.create(c.get("tenant").id, c.req.valid("json"));
    return c.json({ success: true as const, data: await shownWithProxy(device) }, 201);
  });

  routes.openapi(list, async (c) => {
    const { limit = 100, offset = 0 } = c.req.valid("query");
    const { deviceIds } = c.get("access");
    const found = deviceIds === null
      ? await devices.list(c.get("tenant").id, { limit, offset })
      : await someDevices(c.get("tenant").id, deviceIds, { limit, offset });
    const proxies = await devices.proxiesOf(found.devices);
    const shown = found.devices.map((device) => deviceShown(device, proxies.get(device.id) ?? null));
    const data = { devices: shown, count: shown.length, total: found.total };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(get, async (c) => {
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    return c.json({ success: true as const, data: await shownWithProxy(device) }, 200);
  });

  for (const rename of renames) {
    routes.openapi(rename, async (c) => {
      const { id } = c.req.valid("param");
      const device = await devices.change(c.get("tenant").id, id, c.req.valid("json"));
      return c.json({ success: true as const, data: await shownWithProxy(device) }, 200);
    });
  }

  routes.openapi(remove, async (c) => {
    const device = await devices.remove(c.get("tenant").id, c.req.valid("param").id);
    return c.json({ success: true as const, data: { device_id: device.id, deleted: true as const } }, 200);
  });

  for (const { verb, action } of actions) {
    routes.openapi(action, async (c) => {
      const device = await devices[verb](c.get("tenant").id, c.req.valid("param").id);
      const untold = verb === "logout" && device.lastError !== null ? `. ${device.lastError}` : "";
      const data = { device_id: device.id, status: device.status, message: `Device ${DONE[verb]}${untold}` };
      return c.json({ success: true as const, data }, 200);
    });
  }

  routes.openapi(health, async (c) => {
    const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
    const { id, status, wa_jid, phone_number, last_connect_at, last_disconnect_at, last_error } = deviceShown(
      device,
    );
    const isConnected = status === "connected";
    const data = {
      device_id: id,
      is_connected: isConnected,
      status,
      wa_jid,
      phone_number,
      last_connect_at,
      last_disconnect_at,
      last_error,
      uptime: isConnected && device.connectedAt !== null ? secondsOf(now() - device.connectedAt) : 0,
    };
    return c.json({ success: true as const, data }, 200);
  });

  return routes;
}

function ifMissing(error: unknown): undefined {
  if (error instanceof NotFoundError) return undefined;
  throw error;
}
