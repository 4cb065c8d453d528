import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { NotFoundError } from "../../errors.ts";
import { recipientOf } from "../../messages/recipient.ts";
import type { ApiKey } from "../../store/api_keys.ts";
import type { Keyring } from "../../tenants/keyring.ts";
import { dataOf, jsonBody, refusals, TENANT_KEY } from "../answers.ts";
import type { HttpEnv } from "../context.ts";
import { body, idParam, title } from "../fields.ts";
import { secondsOf } from "../../spans.ts";
import type { DeviceIdOf } from "../key_access.ts";

const ScopeShape = z.enum(["read", "send", "manage"]).openapi("KeyScope", {
  description:
    "`read`: look at everything but the codes that link a phone; `send`: messages, blasts, reactions, edits, read receipts; `manage`: " +
    "everything else, such as devices, webhooks and keys. None includes another.",
});

const KeyShape = z.object({
  key_id: z.string(),
  name: z.string(),
  scopes: z.array(ScopeShape),
  devices: z.array(z.string()).nullable().openapi({ description: "Null: all devices" }),
  read_chats: z.array(z.string()).nullable().openapi({
    description: "The chats that it may read; null: all",
  }),
  send_chats: z.array(z.string()).nullable().openapi({
    description: "The chats that it may send to; null: all",
  }),
  created_at: z.int(),
  expires_at: z.int().nullable(),
  last_used_at: z.int().nullable().openapi({ description: "Exact to a minute" }),
}).openapi("Key");

const Chats = z.array(z.string().min(1).max(100)).min(1).max(100).nullable().optional();

const route = { tags: ["Keys"], security: TENANT_KEY };
const Id = idParam("The key's id", "key_01k8zq4v7n2m5x9c3b6f8h0j1d");

const create = createRoute({
  ...route,
  method: "post",
  path: "/keys",
  summary: "Make a key that may do less than yours, for a program, an assistant or a person",
  description: "The answer shows the key, once: only its hash is kept.",
  request: {
    body: jsonBody(body({
      name: title().openapi({ example: "Support assistant" }),
      scopes: z.array(ScopeShape).min(1).max(3).openapi({ example: ["read", "send"] }),
      devices: z.array(z.string().min(1).max(100)).min(1).max(100).nullable().optional().openapi({
        description:
          "Ids or aliases; left out: all devices. Such a key reaches only paths that name one of them, the " +
          "list of devices, events of named devices, and `/mcp`.",
      }),
      read_chats: Chats.openapi({
        description:
          "Phone numbers or jids of the only chats that it may read; left out: all. It finds no other in lists, " +
          "search and events.",
        example: ["628000000142"],
      }),
      send_chats: Chats.openapi({
        description: "The only chats that it may send to; left out: all. Not with the scope `manage`.",
      }),
      expires_at: z.int().min(0).max(99_999_999_999).nullable().optional().openapi({
        description: "Unix seconds; left out: it counts until it is revoked",
      }),
    })),
  },
  responses: {
    201: dataOf(
      "The key",
      KeyShape.extend({ api_key: z.string().openapi({ description: "Shown only this once" }) }),
    ),
    ...refusals(403, 404, 409, 413, 415),
  },
});

const list = createRoute({
  ...route,
  method: "get",
  path: "/keys",
  summary: "List the keys that were made, newest first",
  responses: { 200: dataOf("All of them", z.object({ keys: z.array(KeyShape) })), ...refusals(403) },
});

const revoke = createRoute({
  ...route,
  method: "delete",
  path: "/keys/{id}",
  summary: "Revoke a key; streams and polls that it opened end at once",
  request: { params: Id },
  responses: {
    200: dataOf("It does not count any more", z.object({ key_id: z.string(), revoked: z.literal(true) })),
    ...refusals(403, 404),
  },
});

export interface KeyRouteDeps {
  readonly keyring: Pick<Keyring, "create" | "list" | "revoke">;
  readonly deviceIdOf: DeviceIdOf;
  readonly countryCode: string;
}

/** Routes of named keys. The tenant's own key is not among them: the operator rotates that one. */
export function createKeyRoutes({ keyring, deviceIdOf, countryCode }: KeyRouteDeps): OpenAPIHono<HttpEnv> {
  const routes = new OpenAPIHono<HttpEnv>();

  routes.openapi(create, async (c) => {
    const { name, scopes, devices = null, expires_at = null, ...chats } = c.req.valid("json");
    const tenantId = c.get("tenant").id;
    const deviceIds = devices && await Promise.all(devices.map(async (device) => {
      const id = await deviceIdOf(tenantId, device);
      if (id === undefined) throw new NotFoundError("device", device);
      return id;
    }));
    const { key, text } = await keyring.create(tenantId, {
      name,
      scopes: [...new Set(scopes)],
      deviceIds: deviceIds && [...new Set(deviceIds)],
      readChats: chatsOf(chats.read_chats, "read_chats", countryCode),
      sendChats: chatsOf(chats.send_chats, "send_chats", countryCode),
      expiresAt: expires_at === null ? null : expires_at * 1000,
    }, c.get("access"));
    return c.json({ success: true as const, data: { ...shown(key), api_key: text } }, 201);
  });

  routes.openapi(list, async (c) => {
    const keys = await keyring.list(c.get("tenant").id);
    return c.json({ success: true as const, data: { keys: keys.map(shown) } }, 200);
  });

  routes.openapi(revoke, async (c) => {
    const { id } = c.req.valid("param");
    await keyring.revoke(c.get("tenant").id, id);
    return c.json({ success: true as const, data: { key_id: id, revoked: true as const } }, 200);
  });

  return routes;
}

/** Chats as they are given, by their addresses. */
function chatsOf(
  given: readonly string[] | null | undefined,
  field: string,
  countryCode: string,
): readonly string[] | null {
  if (given === null || given === undefined) return null;
  return [...new Set(given.map((chat, place) => recipientOf(chat, `${field}[${place}]`, countryCode)))];
}

function shown(key: ApiKey): z.infer<typeof KeyShape> {
  return {
    key_id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    devices: key.deviceIds === null ? null : [...key.deviceIds],
    read_chats: key.readChats === null ? null : [...key.readChats],
    send_chats: key.sendChats === null ? null : [...key.sendChats],
    created_at: secondsOf(key.createdAt),
    expires_at: key.expiresAt === null ? null : secondsOf(key.expiresAt),
    last_used_at: key.lastUsedAt === null ? null : secondsOf(key.lastUsedAt),
  };
}
