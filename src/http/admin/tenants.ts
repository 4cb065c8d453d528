import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Tenant } from "../../store/tenants.ts";
import type { Tenancy } from "../../tenants/tenancy.ts";
import { adminAnswer, adminDataOf, jsonBody, MASTER_KEY, refusals } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, idParam, query, title, wholeNumber } from "../fields.ts";
import { secondsOf } from "../../spans.ts";

const WARNING = "Save this API key now: it is not shown again.";

const TenantShape = z.object({
  id: z.string().openapi({ example: "tenant_01k8zq4v7n2m5x9c3b6f8h0j1d" }),
  name: z.string(),
  status: z.enum(["active", "suspended"]),
  created_at: z.int(),
  updated_at: z.int(),
}).openapi("Tenant");

const Name = title().openapi({ example: "Toko Maju" });
const KeyShape = z.object({ tenant: TenantShape, api_key: z.string(), warning: z.string() });
const OneTenant = adminDataOf("The tenant", z.object({ tenant: TenantShape }));
const ChangedTenant = adminDataOf("It is done", z.object({ message: z.string(), tenant: TenantShape }));
const Id = idParam("The tenant's id", "tenant_01k8zq4v7n2m5x9c3b6f8h0j1d");
const route = { tags: ["Admin"], security: MASTER_KEY };

const create = createRoute({
  ...route,
  method: "post",
  path: "/tenants",
  summary: "Create a tenant; its API key is shown this once",
  request: { body: jsonBody(body({ name: Name })) },
  responses: { 201: adminDataOf("The tenant and its key", KeyShape), ...refusals(413, 415, 503) },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/tenants",
  summary: "List tenants",
  request: {
    query: query({
      limit: wholeNumber({ min: 1, max: 100 }).optional(),
      offset: wholeNumber({ min: 0, max: 1_000_000 }).optional(),
    }),
  },
  responses: {
    200: adminDataOf(
      "A page of tenants",
      z.object({ tenants: z.array(TenantShape), count: z.int(), total: z.int() }),
    ),
    ...refusals(),
  },
});

const get = createRoute({
  ...route,
  method: "get",
  path: "/tenants/{id}",
  summary: "Get a tenant",
  request: { params: Id },
  responses: { 200: OneTenant, ...refusals(404) },
});

const rename = createRoute({
  ...route,
  method: "put",
  path: "/tenants/{id}",
  summary: "Rename a tenant",
  request: { params: Id, body: jsonBody(body({ name: Name })) },
  responses: { 200: OneTenant, ...refusals(404, 413, 415, 503) },
});

const suspend = createRoute({
  ...route,
  method: "patch",
  path: "/tenants/{id}/suspend",
  summary: "Suspend a tenant: its key is refused, and nothing leaves for it",
  description:
    "Its streams and polls end. Deliveries wait and leave when it is active again. Running blasts, and scheduled ones " +
    "whose time comes meanwhile, pause with the reason and stay paused until somebody resumes them; so do single " +
    "messages that wait, or whose time comes (`POST /v1/messages/scheduled/resume`). Bulk sends and replays end where " +
    "they are. Its devices stay linked and connected, and what they receive " +
    "is stored: stop them (`/admin/devices`) to take the numbers off line.",
  request: { params: Id },
  responses: { 200: ChangedTenant, ...refusals(404, 409, 503) },
});

const activate = createRoute({
  ...route,
  method: "patch",
  path: "/tenants/{id}/activate",
  summary: "Let a suspended tenant in again",
  request: { params: Id },
  responses: { 200: ChangedTenant, ...refusals(404, 503) },
});

const remove = createRoute({
  ...route,
  method: "delete",
  path: "/tenants/{id}",
  summary: "Delete a tenant with everything it owns",
  request: { params: Id },
  responses: {
    200: adminDataOf(
      "It is gone",
      z.object({ message: z.string(), tenant_id: z.string(), deleted: z.literal(true) }),
    ),
    ...refusals(404, 409, 503),
  },
});

const rotations = (["rotate-key", "regenerate-key"] as const).map((verb) =>
  createRoute({
    ...route,
    method: "post",
    path: `/tenants/{id}/${verb}`,
    summary: "Replace a tenant's API key; the old one stops at once",
    request: { params: Id },
    responses: { 200: adminDataOf("The new key", KeyShape), ...refusals(404, 409, 503) },
  })
);

/** Routes with which the operator keeps tenants, under `/admin`. */
export function createTenantRoutes({ tenancy }: { readonly tenancy: Tenancy }): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(create, async (c) => {
    const { tenant, key } = await tenancy.create(c.req.valid("json").name);
    return c.json(adminAnswer(c, { tenant: shown(tenant), api_key: key, warning: WARNING }), 201);
  });

  routes.openapi(list, async (c) => {
    const { limit = 50, offset = 0 } = c.req.valid("query");
    const { tenants, total } = await tenancy.list({ limit, offset });
    return c.json(adminAnswer(c, { tenants: tenants.map(shown), count: tenants.length, total }), 200);
  });

  routes.openapi(get, async (c) => {
    const tenant = await tenancy.get(c.req.valid("param").id);
    return c.json(adminAnswer(c, { tenant: shown(tenant) }), 200);
  });

  routes.openapi(rename, async (c) => {
    const tenant = await tenancy.rename(c.req.valid("param").id, c.req.valid("json").name);
    return c.json(adminAnswer(c, { tenant: shown(tenant) }), 200);
  });

  routes.openapi(suspend, async (c) => {
    const tenant = await tenancy.suspend(c.req.valid("param").id);
    return c.json(adminAnswer(c, { message: "Tenant suspended", tenant: shown(tenant) }), 200);
  });

  routes.openapi(activate, async (c) => {
    const tenant = await tenancy.activate(c.req.valid("param").id);
    return c.json(adminAnswer(c, { message: "Tenant activated", tenant: shown(tenant) }), 200);
  });

  routes.openapi(remove, async (c) => {
    const { id } = c.req.valid("param");
    await tenancy.remove(id);
    const data = { message: "Tenant deleted", tenant_id: id, deleted: true as const };
    return c.json(adminAnswer(c, data), 200);
  });

  for (const rotation of rotations) {
    routes.openapi(rotation, async (c) => {
      const { id } = c.req.valid("param");
      const key = await tenancy.rotateKey(id);
      const tenant = await tenancy.get(id);
      return c.json(adminAnswer(c, { tenant: shown(tenant), api_key: key, warning: WARNING }), 200);
    });
  }

  return routes;
}

function shown({ id, name, status, createdAt, updatedAt }: Tenant) {
  return { id, name, status, created_at: secondsOf(createdAt), updated_at: secondsOf(updatedAt) };
}
