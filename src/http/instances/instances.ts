import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "@hono/hono";
import type { DeviceService, Lines } from "../../devices/devices.ts";
import type { PairingCode } from "../../devices/pairing_codes.ts";
import { qrImage } from "../../formats/qr_image.ts";
import type { Device } from "../../store/devices.ts";
import type { Subscriptions } from "../../webhooks/subscriptions.ts";
import { API_KEY, apiRefusals, json, jsonBody } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { apiQuery, body, title } from "../fields.ts";
import { maySeeCodes } from "../key_access.ts";
import { Alias } from "../shapes/device.ts";
import { InstanceShape, instanceShown, InstanceStatus, instanceStatusOf } from "./shape.ts";

const MOST_INSTANCES = 1_000;
const QR_WAIT_MS = 20_000;
const HOW_TO_SCAN = "Scan the QR code in WhatsApp: Settings, Linked devices, Link a device";

const route = { tags: ["Instances"], security: API_KEY };
const success = z.literal(true);
const Id = z.object({
  id: z.string().openapi({
    param: { name: "id", in: "path" },
    description: "The instance's id: the device's alias or id",
    example: "toko",
  }),
});
const Name = title();
/** Whether it may be used is for the guard to say; empty or null: none. */
const WebhookUrl = z.string().max(2_048).nullable();
const One = json("The instance", z.object({ success, data: InstanceShape, message: z.string().optional() }));
const query = apiQuery({});

const create = createRoute({
  ...route,
  method: "post",
  path: "/instance/create",
  summary: "Create an instance and begin to connect it",
  request: {
    query,
    body: jsonBody(body({
      name: Name,
      id: Alias.optional(),
      webhookUrl: WebhookUrl.optional(),
      phoneNumber: z.string().optional().openapi({ description: "Not needed: the phone tells it" }),
    })),
  },
  responses: { 201: One, ...apiRefusals(409, 413, 415, 503) },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/instance",
  summary: "List instances, newest first",
  request: { query },
  responses: {
    200: json("The instances", z.object({ success, data: z.array(InstanceShape), count: z.int() })),
    ...apiRefusals(),
  },
});

const gets = (["/instance/{id}", "/instance/{id}/status", "/instance/{id}/info"] as const).map((path) =>
  createRoute({
    ...route,
    method: "get",
    path,
    summary: "Get an instance",
    request: { params: Id, query },
    responses: { 200: One, ...apiRefusals(404) },
  })
);

const qr = createRoute({
  ...route,
  method: "get",
  path: "/instance/{id}/qr",
  summary: "Get the QR code to scan; connects the instance",
  request: { params: Id, query },
  responses: {
    200: json(
      "The code",
      z.object({
        success,
        data: z.object({
          qrCode: z.string().openapi({ description: "A data URL of a PNG" }),
          qr: z.string().openapi({ description: "The text that it draws" }),
          expiresAt: z.iso.datetime(),
          message: z.string(),
        }),
      }),
    ),
    ...apiRefusals(404, 409),
  },
});

const Code = json(
  "The code",
  z.object({ success, data: z.object({ pairingCode: z.string(), expiresAt: z.iso.datetime() }) }),
);

const pairingCode = createRoute({
  ...route,
  method: "post",
  path: "/instance/{id}/pairing-code",
  summary: "Get a code to type into the phone instead of scanning",
  request: { params: Id, query, body: jsonBody(body({ phoneNumber: z.string().min(1).max(40) })) },
  responses: { 200: Code, ...apiRefusals(404, 409, 413, 415, 502, 503) },
});

const currentPairingCode = createRoute({
  ...route,
  method: "get",
  path: "/instance/{id}/pairing-code",
  summary: "Get the pairing code that can be typed now",
  request: { params: Id, query },
  responses: { 200: Code, ...apiRefusals(404, 409) },
});

const update = createRoute({
  ...route,
  method: "put",
  path: "/instance/{id}",
  summary: "Rename an instance, or set where its events go",
  request: {
    params: Id,
    query,
    body: jsonBody(body({ name: Name.optional(), webhookUrl: WebhookUrl.optional() })),
  },
  responses: { 200: One, ...apiRefusals(404, 413, 415, 503) },
});

const VERBS = {
  restart: {
    summary: "Disconnect an instance and connect it anew",
    message: "Instance restarted successfully",
  },
  logout: { summary: "Unlink an instance from its phone", message: "Instance logged out successfully" },
} as const;

const actions = (["restart", "logout"] as const).map((verb) => ({
  verb,
  action: createRoute({
    ...route,
    method: "post",
    path: `/instance/{id}/${verb}`,
    summary: VERBS[verb].summary,
    request: { params: Id, query },
    responses: {
      200: json(
        "It is done",
        z.object({
          success,
          data: z.object({ id: z.string(), status: InstanceStatus }),
          message: z.string(),
        }),
      ),
      ...apiRefusals(404, 409, 503),
    },
  }),
}));

const remove = createRoute({
  ...route,
  method: "delete",
  path: "/instance/{id}",
  summary: "Unlink an instance and delete it",
  request: { params: Id, query },
  responses: {
    200: json("It is gone", z.object({ success, message: z.string() })),
    ...apiRefusals(404, 503),
  },
});

export interface InstanceRouteDeps {
  readonly devices: DeviceService;
  readonly lines: Pick<Lines, "qr">;
  readonly subscriptions: Pick<Subscriptions, "setInstanceWebhook" | "instanceWebhookOf">;
}

/** Routes over devices for those who call them instances. */
export function createInstanceRoutes(
  { devices, lines, subscriptions }: InstanceRouteDeps,
): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  const shown = async (c: Context<HttpEnv>, device: Device) => {
    const isQr = device.status === "pairing" && maySeeCodes(c.get("access"));
    return instanceShown(device, {
      webhookUrl: subscriptions.instanceWebhookOf(device)?.url ?? null,
      qr: isQr ? (await lines.qr(device.id))?.code : undefined,
    });
  };

  const setWebhook = async (device: Device, url: string | null | undefined): Promise<void> => {
    if (url !== undefined) await subscriptions.setInstanceWebhook(device, url === "" ? null : url);
  };

  routes.openapi(create, async (c) => {
    const tenantId = c.get("tenant").id;
    const { name, id, webhookUrl } = c.req.valid("json");
    const made = await devices.create(tenantId, { label: name, alias: id });
    try {
      await setWebhook(made, webhookUrl);
    } catch (error) {
      await devices.remove(tenantId, made.id);
      throw error;
    }
    const device = await devices.start(tenantId, made.id);
    return c.json(
      { success: true as const, data: await shown(c, device), message: "Instance created successfully" },
      201,
    );
  });

  routes.openapi(list, async (c) => {
    const page = await devices.list(c.get("tenant").id, { limit: MOST_INSTANCES, offset: 0 });
    const data = await Promise.all(page.devices.map((device) => shown(c, device)));
    return c.json({ success: true as const, data, count: data.length }, 200);
  });

  for (const get of gets) {
    routes.openapi(get, async (c) => {
      const device = await devices.get(c.get("tenant").id, c.req.valid("param").id);
      return c.json({ success: true as const, data: await shown(c, device) }, 200);
    });
  }

  routes.openapi(qr, async (c) => {
    const { code, expiresAt } = await devices.qr(c.get("tenant").id, c.req.valid("param").id, QR_WAIT_MS);
    const data = {
      qrCode: qrImage(code),
      qr: code,
      expiresAt: new Date(expiresAt).toISOString(),
      message: HOW_TO_SCAN,
    };
    return c.json({ success: true as const, data }, 200);
  });

  routes.openapi(pairingCode, async (c) => {
    const { phoneNumber } = c.req.valid("json");
    const { id } = c.req.valid("param");
    const made = await devices.pairingCode(c.get("tenant").id, id, phoneNumber, "phoneNumber");
    return c.json({ success: true as const, data: shownPairingCode(made) }, 200);
  });

  routes.openapi(currentPairingCode, async (c) => {
    const made = await devices.currentPairingCode(c.get("tenant").id, c.req.valid("param").id);
    return c.json({ success: true as const, data: shownPairingCode(made) }, 200);
  });

  routes.openapi(update, async (c) => {
    const tenantId = c.get("tenant").id;
    const { id } = c.req.valid("param");
    const { name, webhookUrl } = c.req.valid("json");
    const known = await devices.get(tenantId, id);
    await setWebhook(known, webhookUrl);
    const device = name === undefined ? known : await devices.rename(tenantId, known.id, name);
    return c.json(
      { success: true as const, data: await shown(c, device), message: "Instance updated successfully" },
      200,
    );
  });

  for (const { verb, action } of actions) {
    routes.openapi(action, async (c) => {
      const device = await devices[verb](c.get("tenant").id, c.req.valid("param").id);
      const data = { id: device.alias ?? device.id, status: instanceStatusOf(device) };
      return c.json({ success: true as const, data, message: VERBS[verb].message }, 200);
    });
  }

  routes.openapi(remove, async (c) => {
    const tenantId = c.get("tenant").id;
    const device = await devices.get(tenantId, c.req.valid("param").id);
    await subscriptions.setInstanceWebhook(device, null);
    await devices.remove(tenantId, device.id);
    return c.json({ success: true as const, message: "Instance deleted successfully" }, 200);
  });

  return routes;
}

function shownPairingCode({ code, expiresAt }: PairingCode) {
  return { pairingCode: code, expiresAt: new Date(expiresAt).toISOString() };
}
