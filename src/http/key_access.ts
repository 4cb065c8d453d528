import type { Context } from "@hono/hono";
import { DEFAULT_TENANT, type DeviceId, type TenantId } from "../ids.ts";
import { OF_OTHERS_KEYS } from "../net/guard.ts";
import type { KeyScope } from "../store/api_keys.ts";
import type { KeyAccess } from "../tenants/keyring.ts";
import type { HttpEnv } from "./context.ts";
import { HttpError } from "./errors.ts";
import { scopeOf } from "./key_scopes.ts";

const OF_A_DEVICE = /^\/(?:v1\/devices|api\/instance)\/([^/]+)(?:\/|$)/;
/** They see to it by themselves that a key for some devices shows no others. */
const FILTERED = /^\/v1\/devices\/?$/;
const FILTERED_WHATEVER_IS_DONE = /^\/(?:mcp|v1\/messages\/scheduled(?:\/[^/]+)?)\/?$/;
const OF_NAMED_DEVICES = /^\/v1\/events(?:\/stream)?\/?$/;

/** What a key for some chats reads: these see to it that it is shown no others. `graph` is not among them. */
const READ_BY_CHAT: readonly RegExp[] = [
  /^\/v1\/devices(?:\/[^/]+)?\/?$/,
  /^\/v1\/devices\/[^/]+\/(?:chats|search|events|history|contacts\/check)\/?$/,
  /^\/v1\/devices\/[^/]+\/(?:chats\/[^/]+\/messages|messages\/[^/]+\/status|media\/[^/]+|history\/[^/]+)\/?$/,
  /^\/v1\/events(?:\/stream)?\/?$/,
  /^\/mcp\/?$/,
];
/** And where it writes. */
const SENT_BY_CHAT: readonly RegExp[] = [
  /^\/v1\/devices\/[^/]+\/messages\/[^/]+\/?$/,
  /^\/v1\/devices\/[^/]+\/chats\/[^/]+\/mark-read\/?$/,
  /^\/v1\/devices\/[^/]+\/presence\/?$/,
  /^(?:\/graph)?(?:\/v\d+\.\d+)?\/[^/]+\/(?:messages|media)\/?$/,
  /^\/mcp\/?$/,
];

/** The device's id, by its id or alias; undefined: the tenant has no such device. */
export type DeviceIdOf = (tenantId: TenantId, idOrAlias: string) => Promise<DeviceId | undefined>;

/**
 * Refuses a request that a named key does not reach.
 * @throws {HttpError} 403, naming the scope that it takes, or what a key for some devices is for.
 */
export async function checkAccess(
  c: Context<HttpEnv>,
  tenantId: TenantId,
  access: KeyAccess,
  deviceIdOf: DeviceIdOf,
): Promise<void> {
  if (access.keyId === null) return;
  const { method, path } = c.req;
  const scope = scopeOf(method, path);
  if (!access.scopes.includes(scope)) throw missingScope(scope, access);
  checkChatPath(method, path, access);
  if (access.deviceIds === null || isFiltered(method, path)) return;
  const names = devicesIn(c, path);
  if (names.length === 0) {
    const how = OF_NAMED_DEVICES.test(path)
      ? "name them in the parameter `devices`"
      : "it reaches only paths that name one of them";
    throw fenced(`This key is for some devices only: ${how}`);
  }
  for (const name of names) {
    const id = await deviceIdOf(tenantId, name);
    if (id === undefined || !access.deviceIds.includes(id)) throw fenced(notForDevice(name));
  }
}

/** A key for some chats reaches only what looks at chats one by one. */
function checkChatPath(method: string, path: string, { readChats, sendChats }: KeyAccess): void {
  if (readChats === null && sendChats === null) return;
  const isRead = method === "GET" || method === "HEAD";
  if (isRead && readChats === null) return;
  if ((isRead ? READ_BY_CHAT : SENT_BY_CHAT).some((one) => one.test(path))) return;
  const message =
    "This key is for some chats only: it reaches devices, their chats, messages, files and events, " +
    "sends messages to its chats, and speaks to /mcp; nothing else";
  throw new HttpError(403, "CHAT_NOT_ALLOWED", message);
}

/** The refusal of what needs a scope that the key does not have. */
export function missingScope(scope: KeyScope, { scopes }: KeyAccess): HttpError {
  const has = scopes.length === 0 ? "none" : scopes.join(", ");
  const message = `This needs a key with the scope "${scope}"; yours has: ${has}`;
  const challenge = `Bearer realm="kabar", error="insufficient_scope", scope="${scope}"`;
  return new HttpError(403, "INSUFFICIENT_SCOPE", message, { headers: { "WWW-Authenticate": challenge } });
}

/**
 * Whether a key may see the codes by which a phone is linked: whoever scans one gives the device a number of their own.
 * The paths that show nothing else need the same scope.
 */
export function maySeeCodes({ scopes }: Pick<KeyAccess, "scopes">): boolean {
  return scopes.includes("manage");
}

/**
 * Whose a URL is that comes with a key. The operator's lead to this machine and into its network; a key that manages
 * nothing was made so that its holder gets no further than to messages.
 */
export function urlOwnerOf(tenantId: TenantId, { scopes }: Pick<KeyAccess, "scopes">): TenantId {
  return tenantId === DEFAULT_TENANT && !scopes.includes("manage") ? OF_OTHERS_KEYS : tenantId;
}

/** What is said of a device that a key is not for, whether it exists or not. */
export function notForDevice(name: string): string {
  return `This key is for some devices only, and "${name.slice(0, 100)}" is not one of them`;
}

function fenced(message: string): HttpError {
  return new HttpError(403, "DEVICE_NOT_ALLOWED", message);
}

function isFiltered(method: string, path: string): boolean {
  if (FILTERED_WHATEVER_IS_DONE.test(path)) return true;
  return FILTERED.test(path) && (method === "GET" || method === "HEAD");
}

function devicesIn(c: Context<HttpEnv>, path: string): readonly string[] {
  if (OF_NAMED_DEVICES.test(path)) {
    return (c.req.queries("devices") ?? []).flatMap((list) => list.split(",")).map((name) => name.trim())
      .filter((name) => name !== "");
  }
  const name = OF_A_DEVICE.exec(path)?.[1];
  // `create` is no device: whoever makes one makes it for all.
  return name === undefined || path === "/api/instance/create" ? [] : [decoded(name)];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // no device has such a name
  }
}
