import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { DeviceService } from "../../devices/devices.ts";
import type { Tenancy } from "../../tenants/tenancy.ts";
import { adminAnswer, adminDataOf, jsonBody, MASTER_KEY, refusals } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { query, wholeNumber } from "../fields.ts";
import { DeviceShape, deviceShown, NewDevice } from "../shapes/device.ts";

const route = { tags: ["Admin"], security: MASTER_KEY };
const Tenant = z.object({
  tenantId: z.string().openapi({
    param: { name: "tenantId", in: "path" },
    description: "The tenant's id",
    example: "tenant_01k8zq4v7n2m5x9c3b6f8h0j1d",
  }),
});
const Device = Tenant.extend({
  deviceId: z.string().openapi({
    param: { name: "deviceId", in: "path" },
    description: "The device's id or alias",
  }),
});

const create = createRoute({
  ...route,
  method: "post",
  path: "/tenants/{tenantId}/devices",
  summary: "Create a device for a tenant",
  request: { params: Tenant, body: jsonBody(NewDevice) },
  responses: {
    201: adminDataOf("The device", z.object({ device: DeviceShape })),
    ...refusals(404, 409, 413, 415, 503),
  },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/tenants/{tenantId}/devices",
  summary: "List a tenant's devices, newest first",
  request: {
    params: Tenant,
    query: query({
      limit: wholeNumber({ min: 1, max: 500 }).optional(),
      offset: wholeNumber({ min: 0, max: 1_000_000 }).optional(),
    }),
  },
  responses: {
    200: adminDataOf(
      "A page of devices",
      z.object({ devices: z.array(DeviceShape), count: z.int(), total: z.int() }),
    ),
    ...refusals(404),
  },
});

const remove = createRoute({
  ...route,
  method: "delete",
  path: "/tenants/{tenantId}/devices/{deviceId}",
  summary: "Log a tenant's device out and delete it",
  request: { params: Device },
  responses: {
    200: adminDataOf(
      "It is gone",
      z.object({ message: z.string(), device_id: z.string(), deleted: z.literal(true) }),
    ),
    ...refusals(404, 503),
  },
});

export interface AdminDeviceRouteDeps {
  readonly devices: Pick<DeviceService, "create" | "list" | "remove">;
  readonly tenancy: Pick<Tenancy, "get">;
}

/** Routes with which the operator keeps the devices of tenants, under `/admin`. */
export function createAdminDeviceRoutes(
  { devices, tenancy }: AdminDeviceRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(create, async (c) => {
    const tenant = await tenancy.get(c.req.valid("param").tenantId);
    const device = await devices.create(tenant.id, c.req.valid("json"));
    return c.json(adminAnswer(c, { device: deviceShown(device) }), 201);
  });

  routes.openapi(list, async (c) => {
    const tenant = await tenancy.get(c.req.valid("param").tenantId);
    const { limit = 100, offset = 0 } = c.req.valid("query");
    const found = await devices.list(tenant.id, { limit, offset });
    const shown = found.devices.map((device) => deviceShown(device));
    return c.json(adminAnswer(c, { devices: shown, count: shown.length, total: found.total }), 200);
  });

  routes.openapi(remove, async (c) => {
    const { tenantId, deviceId } = c.req.valid("param");
    const tenant = await tenancy.get(tenantId);
    const device = await devices.remove(tenant.id, deviceId);
    const data = { message: "Device deleted", device_id: device.id, deleted: true as const };
    return c.json(adminAnswer(c, data), 200);
  });

  return routes;
}
