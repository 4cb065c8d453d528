import { OpenAPIHono } from "@hono/zod-openapi";
import { InvalidError } from "../../errors.ts";
import { businessAccountIdOf } from "../../formats/cloud_ids.ts";
import type { TenantId } from "../../ids.ts";
import type { Device } from "../../store/devices.ts";
import type { Templates } from "../../store/templates.ts";
import type { Webhook } from "../../store/webhooks.ts";
import type { Handshake } from "../../webhooks/handshake.ts";
import type { Subscriptions } from "../../webhooks/subscriptions.ts";
import type { HttpEnv } from "../context.ts";
import { GraphError } from "../graph_errors.ts";
import { type Json, optionalText } from "./fields.ts";
import type { CloudFiles } from "./files.ts";
import { type Identity, unknownObject } from "./identity.ts";
import { pageOf } from "./paging.ts";
import type { Links } from "./links.ts";
import { mediaShown } from "./media.ts";
import { templateShown } from "./template.ts";

export interface CloudAccountDeps {
  readonly identity: Identity;
  readonly cloudFiles: CloudFiles;
  readonly links: Links;
  readonly templates: Pick<Templates, "list">;
  readonly subscriptions: Pick<Subscriptions, "create" | "list" | "update" | "remove">;
  readonly handshake: Handshake;
  /** The gateway's public address; undefined: the one that a request came to. */
  readonly appUrl: string | undefined;
}

/** What clients read of an account and its numbers, and how they register their webhook themselves. */
export function createCloudAccountRoutes(deps: CloudAccountDeps): OpenAPIHono<HttpEnv> {
  const { identity, cloudFiles, links, templates } = deps;
  const routes = new OpenAPIHono<HttpEnv>();

  /** The gateway's address as clients know it: behind a proxy the public one. */
  const baseOf = (url: string) => deps.appUrl?.replace(/\/$/, "") ?? new URL(url).origin;
  /** The same of a whole request. */
  function addressOf(url: string): string {
    const { pathname, search } = new URL(url);
    return `${baseOf(url)}${pathname}${search}`;
  }

  routes.get("/", (c) => c.json(accountShown(c.get("tenant").id)));

  routes.get("/debug_token", (c) => {
    const id = businessAccountIdOf(c.get("tenant").id);
    const scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];
    const granular_scopes = scopes.map((scope) => ({ scope, target_ids: [id] }));
    return c.json({
      data: { app_id: id, application: "Kabar", expires_at: 0, is_valid: true, scopes, granular_scopes },
    });
  });

  /** One path for numbers, accounts and media: only the id tells which it is. */
  routes.get("/:id", async (c) => {
    const tenantId = c.get("tenant").id;
    const id = c.req.param("id");
    const device = await identity.find(tenantId, id);
    if (device !== undefined) return c.json(numberShown(device));
    if (id === businessAccountIdOf(tenantId) || id === tenantId) return c.json(accountShown(tenantId));
    if (!/^\d+$/.test(id)) throw unknownObject(id);
    const file = await cloudFiles.get(tenantId, id);
    return c.json(mediaShown(file, `${baseOf(c.req.url)}/graph${await links.pathOf(tenantId, id)}`));
  });

  routes.post("/:id", async (c) => {
    const tenantId = c.get("tenant").id;
    const device = await identity.device(tenantId, c.req.param("id"));
    const { webhook_configuration: asked } = await given(c.req.raw);
    if (typeof asked === "object" && asked !== null) await register(deps, tenantId, asked as Json, device);
    return c.json({ success: true });
  });

  routes.get("/:id/phone_numbers", async (c) => {
    const tenantId = c.get("tenant").id;
    await mustBeAccount(identity, tenantId, c.req.param("id"));
    const devices = await identity.devices(tenantId);
    return c.json(pageOf(devices, addressOf(c.req.url), { idOf: ({ id }) => id, shown: numberShown }));
  });

  routes.get("/:id/message_templates", async (c) => {
    const tenantId = c.get("tenant").id;
    await mustBeAccount(identity, tenantId, c.req.param("id"));
    const name = c.req.query("name");
    const found = (await templates.list(tenantId)).filter((one) => one.body !== "")
      .filter((one) => name === undefined || one.name === name || one.id === name);
    return c.json(pageOf(found, addressOf(c.req.url), { idOf: ({ id }) => id, shown: templateShown }));
  });

  routes.get("/:id/subscribed_apps", async (c) => {
    const tenantId = c.get("tenant").id;
    await mustBeAccount(identity, tenantId, c.req.param("id"));
    const app = { id: businessAccountIdOf(tenantId), name: "Kabar" };
    const data = cloudWebhooks(deps, tenantId).map(({ url }) => ({
      whatsapp_business_api_data: app,
      override_callback_uri: url,
    }));
    return c.json({ data });
  });
  routes.post("/:id/subscribed_apps", async (c) => {
    const tenantId = c.get("tenant").id;
    await mustBeAccount(identity, tenantId, c.req.param("id"));
    await register(deps, tenantId, await given(c.req.raw));
    return c.json({ success: true });
  });
  routes.delete("/:id/subscribed_apps", async (c) => {
    const tenantId = c.get("tenant").id;
    await mustBeAccount(identity, tenantId, c.req.param("id"));
    for (const { id } of cloudWebhooks(deps, tenantId)) await deps.subscriptions.remove(tenantId, id);
    return c.json({ success: true });
  });

  for (const edge of ["register", "deregister"]) {
    routes.post(`/:id/${edge}`, async (c) => {
      await identity.device(c.get("tenant").id, c.req.param("id") ?? "");
      return c.json({ success: true });
    });
  }

  routes.get("/:id/whatsapp_business_profile", async (c) => {
    const { pushName } = await identity.device(c.get("tenant").id, c.req.param("id"));
    return c.json({
      data: [{ messaging_product: "whatsapp", ...(pushName !== null && { about: pushName }) }],
    });
  });
  routes.post("/:id/whatsapp_business_profile", async (c) => {
    await identity.device(c.get("tenant").id, c.req.param("id"));
    throw new GraphError(131051, "The profile of a linked number is changed on the phone");
  });

  return routes;
}

/** The body; nothing at all counts as an empty object. */
async function given(request: Request): Promise<Json> {
  const text = await request.text();
  if (text.trim() === "") return {};
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body as Json : {};
  } catch {
    throw new GraphError(100, "The body is not valid JSON");
  }
}

function cloudWebhooks({ subscriptions }: CloudAccountDeps, tenantId: TenantId): readonly Webhook[] {
  return subscriptions.list(tenantId).filter(({ format, source }) => format === "cloud" && source === "api");
}

/** Makes, changes or (with an empty address) removes the webhook that a client asks for, after the handshake. */
async function register(
  deps: CloudAccountDeps,
  tenantId: TenantId,
  asked: Json,
  device?: Device,
): Promise<void> {
  const { subscriptions } = deps;
  const url = optionalText(asked, "override_callback_uri", "override_callback_uri", 2048);
  if (url === undefined) return;
  const devices = device === undefined ? null : [device.id];
  const known = cloudWebhooks(deps, tenantId)
    .find((one) => (one.devices?.join() ?? null) === (devices?.join() ?? null));
  if (url === "") {
    if (known !== undefined) await subscriptions.remove(tenantId, known.id);
    return;
  }
  const token = optionalText(asked, "verify_token", "verify_token") ?? "";
  try {
    await deps.handshake(url, token, tenantId);
  } catch (error) {
    if (error instanceof InvalidError) throw new GraphError(100, error.message);
    throw error;
  }
  if (known !== undefined) await subscriptions.update(tenantId, known.id, { url });
  else await subscriptions.create(tenantId, { url, format: "cloud", events: ["messages"], devices });
}

async function mustBeAccount(identity: Identity, tenantId: TenantId, id: string): Promise<void> {
  if (!await identity.isAccount(tenantId, id)) throw unknownObject(id);
}

function accountShown(tenantId: TenantId) {
  return { id: businessAccountIdOf(tenantId), name: tenantId, message_template_namespace: tenantId };
}

function numberShown({ id, phoneNumber, pushName, label, status }: Device) {
  return {
    id: phoneNumber ?? id,
    display_phone_number: phoneNumber === null ? "" : `+${phoneNumber}`,
    verified_name: pushName ?? label,
    quality_rating: "UNKNOWN",
    code_verification_status: "VERIFIED",
    platform_type: "CLOUD_API",
    throughput: { level: "STANDARD" },
    account_mode: "LIVE",
    name_status: "APPROVED",
    status: status === "connected" ? "CONNECTED" : "DISCONNECTED",
  };
}
