import { createHash } from "node:crypto";
import type { Context, MiddlewareHandler } from "@hono/hono";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { DEFAULT_TENANT } from "../ids.ts";
import type { Tenant, Tenants } from "../store/tenants.ts";
import { hashKey } from "../tenants/keys.ts";
import type { HttpEnv } from "./context.ts";
import { forbidden, HttpError, unauthorized } from "./errors.ts";

/** No key is longer; what is longer is not hashed. */
const MAX_KEY_LENGTH = 512;

export interface AuthDeps {
  readonly tenants: Pick<Tenants, "get" | "byKeyHash" | "keyHashOf">;
  /** `off`: every request is the default tenant's, whatever key it carries. */
  readonly apiAuth: "on" | "off";
  /** The key of `/admin`: plain, or its SHA-256 as 64 hex digits. Undefined: `/admin` is closed. */
  readonly masterKey: string | undefined;
}

export interface Auth {
  /** For `/v1`: the tenant whose key came as `Authorization: Bearer …` or `X-API-Key`. */
  readonly tenant: MiddlewareHandler<HttpEnv>;
  /** For `/api`: as `tenant`, or with the key in the query string as `api_key`. */
  readonly api: MiddlewareHandler<HttpEnv>;
  /** For `/admin`: whoever knows the master key. */
  readonly master: MiddlewareHandler<HttpEnv>;
}

/** Says who asks. Keys are looked up by their hash, and compared in constant time. */
export function createAuth(deps: AuthDeps): Auth {
  const tenantOf = (key: string | undefined) =>
    deps.apiAuth === "off" ? defaultTenantOf(deps.tenants) : ownerOf(key, deps.tenants);

  return {
    tenant: async (c, next) => {
      c.set("tenant", activeOnly(await tenantOf(headerKeyOf(c))));
      await next();
    },
    api: async (c, next) => {
      c.set("tenant", activeOnly(await tenantOf(headerKeyOf(c) ?? c.req.query("api_key"))));
      await next();
    },
    master: async (c, next) => {
      checkMasterKey(c.req.header("X-Master-Key"), deps.masterKey);
      await next();
    },
  };
}

function headerKeyOf(c: Context<HttpEnv>): string | undefined {
  const key = c.req.header("X-API-Key");
  if (key) return key;
  const bearer = /^Bearer +(.+)$/i.exec(c.req.header("Authorization") ?? "");
  return bearer === null ? undefined : bearer[1].trim();
}

async function ownerOf(key: string | undefined, tenants: AuthDeps["tenants"]): Promise<Tenant> {
  if (key === undefined || key === "") {
    throw unauthorized("UNAUTHORIZED", "API key is required");
  }
  if (key.length <= MAX_KEY_LENGTH) {
    const hash = hashKey(key);
    const tenant = await tenants.byKeyHash(hash);
    const stored = tenant && await tenants.keyHashOf(tenant.id);
    if (tenant !== undefined && stored !== undefined && sameText(hash, stored)) return tenant;
  }
  throw unauthorized("INVALID_API_KEY", "Invalid API key");
}

async function defaultTenantOf(tenants: AuthDeps["tenants"]): Promise<Tenant> {
  const tenant = await tenants.get(DEFAULT_TENANT);
  if (tenant === undefined) throw new Error(`Cannot serve "${DEFAULT_TENANT}": the store does not hold it`);
  return tenant;
}

function activeOnly(tenant: Tenant): Tenant {
  if (tenant.status === "suspended") throw forbidden("The tenant is suspended");
  return tenant;
}

function checkMasterKey(given: string | undefined, expected: string | undefined): void {
  if (expected === undefined) {
    throw refusedMaster("UNAUTHORIZED", "/admin is closed: the setting MASTER_KEY opens it");
  }
  if (given === undefined || given === "") {
    throw refusedMaster("UNAUTHORIZED", "The master key is required, in the header X-Master-Key");
  }
  const isHash = /^[0-9a-f]{64}$/i.test(expected);
  const accepted = isHash
    ? sameText(hashKey(given), expected.toLowerCase())
    : sameText(hashKey(given), hashKey(expected));
  if (accepted) return;
  const hint = isHash && sameText(given.toLowerCase(), expected.toLowerCase())
    ? ": MASTER_KEY has 64 hex digits and so is the SHA-256 of the key; send the key that it was made from"
    : "";
  throw refusedMaster("INVALID_MASTER_KEY", `Invalid master key${hint}`);
}

function refusedMaster(code: string, message: string): HttpError {
  return new HttpError(401, code, message);
}

/** Compares without telling by its time how much was right. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
