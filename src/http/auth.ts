import { systemClock } from "../async/clock.ts";
import type { HitCounter } from "../async/hit_counter.ts";
import type { Context, MiddlewareHandler } from "@hono/hono";
import { DEFAULT_TENANT, type TenantId } from "../ids.ts";
import type { Tenant, Tenants } from "../store/tenants.ts";
import { FULL_ACCESS, type KeyAccess, type Keyring } from "../tenants/keyring.ts";
import { isHashOfMasterKey, isMasterKey, ownerOfKey } from "../tenants/known_keys.ts";
import { IncomingRequest } from "../listener/request.ts";
import type { HttpEnv } from "./context.ts";
import { createSignInLimit } from "../tenants/sign_in_limit.ts";
import type { ClientAddressOf } from "./client_address.ts";
import { checkAccess, type DeviceIdOf } from "./key_access.ts";
import { forbidden, HttpError, unauthorized } from "./errors.ts";
import { type CountWrongKey, createWrongKeys, tooManyWrong } from "./wrong_keys.ts";

/** Wrong master keys that are looked at in a minute: of one address (or /64), and of all. */
const WRONG_MASTER_KEYS = { perAddress: 10, inAll: 1_000 };

export interface AuthDeps {
  readonly tenants: Pick<Tenants, "get" | "byKeyHash" | "keyHashOf">;
  /** As `Tenancy.rightsOf`. */
  readonly rightsOf: (id: TenantId) => AbortSignal;
  /** Named keys, and which device a name means; left out: tenants have no keys but their own. */
  readonly named?: { readonly keyring: Pick<Keyring, "find">; readonly deviceIdOf: DeviceIdOf };
  /** `off`: every request is the default tenant's, whatever key it carries. */
  readonly apiAuth: "on" | "off";
  /** With `apiAuth` off: whether the operator asks, from this machine, and no web page. Left out: anybody may. */
  readonly isFromThisMachine?: (c: Context<HttpEnv>) => Promise<boolean>;
  /** Who really asks; left out: nobody is told apart. */
  readonly clientAddressOf?: ClientAddressOf;
  /** Where wrong API keys are counted; left out: here alone. */
  readonly countWrongKey?: CountWrongKey;
  /** Counts wrong master keys, in windows of a minute; left out: here alone. */
  readonly wrongMasterKeys?: HitCounter;
  readonly now?: () => number;
  /** The key of `/admin`: plain, or its SHA-256 as 64 hex digits. Undefined: `/admin` is closed. */
  readonly masterKey: string | undefined;
}

export interface Auth {
  /** For `/v1`: the tenant whose key came as `Authorization: Bearer …` or `X-API-Key`. */
  readonly tenant: MiddlewareHandler<HttpEnv>;
  /** For `/api`: as `tenant`, or with the key in the query string as `api_key`. */
  readonly api: MiddlewareHandler<HttpEnv>;
  /** For Graph's paths: as `tenant`, or with the key in the query string as `access_token`. */
  readonly graph: MiddlewareHandler<HttpEnv>;
  /** For `/admin`: whoever knows the master key. */
  readonly master: MiddlewareHandler<HttpEnv>;
}

/** Says who asks. Keys are looked up by their hash, and compared in constant time. */
export function createAuth(deps: AuthDeps): Auth {
  const { isFromThisMachine, clientAddressOf = () => undefined, now = systemClock.now } = deps;
  const { countWrongKey = createWrongKeys({ clientAddressOf, now }) } = deps;
  const masterKeys = createSignInLimit({ ...WRONG_MASTER_KEYS, misses: deps.wrongMasterKeys, now });

  /** A key that counts is let in even from where wrong ones come: behind a proxy, many have one address. */
  const ownerFor = async (c: Context<HttpEnv>, key: string | undefined) => {
    try {
      return await ownerOf(key, deps);
    } catch (error) {
      if (key !== undefined && key !== "") countWrongKey(c);
      throw error;
    }
  };
  const letIn = async (c: Context<HttpEnv>, key: string | undefined) => {
    if (deps.apiAuth === "off" && isFromThisMachine !== undefined && !await isFromThisMachine(c)) {
      throw forbidden("With API_AUTH=off only programs on this machine are served: no web pages, no proxies");
    }
    const { tenant, rights, access } = deps.apiAuth === "off"
      ? await defaultTenantOf(deps)
      : await ownerFor(c, key);
    c.set("tenant", activeOnly(tenant));
    if (deps.named !== undefined) await checkAccess(c, tenant.id, access, deps.named.deviceIdOf);
    admit(c);
    c.set("access", access);
    c.set("rights", rights);
  };

  return {
    tenant: async (c, next) => {
      await letIn(c, headerKeyOf(c));
      await next();
    },
    api: async (c, next) => {
      await letIn(c, headerKeyOf(c) ?? c.req.query("api_key"));
      await next();
    },
    graph: async (c, next) => {
      await letIn(c, headerKeyOf(c) ?? c.req.query("access_token"));
      await next();
    },
    master: async (c, next) => {
      // The operator chose this key, so guesses are not even looked at once there were too many.
      const address = clientAddressOf(c) ?? "unknown";
      const waitMs = masterKeys.waitMs(address);
      if (waitMs > 0) throw tooManyWrong(waitMs);
      const given = c.req.header("X-Master-Key");
      try {
        checkMasterKey(given, deps.masterKey);
      } catch (error) {
        if (given !== undefined && given !== "") masterKeys.missed(address);
        throw error;
      }
      admit(c);
      await next();
    },
  };
}

/** The body may take the time and room that those with a key have. */
function admit(c: Context<HttpEnv>): void {
  if (c.req.raw instanceof IncomingRequest) c.req.raw.content.admit();
}

function headerKeyOf(c: Context<HttpEnv>): string | undefined {
  const key = c.req.header("X-API-Key");
  if (key) return key;
  const bearer = /^Bearer +(.+)$/i.exec(c.req.header("Authorization") ?? "");
  return bearer === null ? undefined : bearer[1].trim();
}

/** Whom a key lets in, and for how long. */
interface Entrance {
  readonly tenant: Tenant;
  readonly rights: AbortSignal;
  readonly access: KeyAccess;
}

async function ownerOf(key: string | undefined, { tenants, rightsOf, named }: AuthDeps): Promise<Entrance> {
  if (key === undefined || key === "") {
    throw unauthorized("UNAUTHORIZED", "API key is required");
  }
  let rights: AbortSignal | undefined;
  const tenant = await ownerOfKey(key, tenants, (id) => rights = rightsOf(id));
  if (tenant !== undefined && rights !== undefined) return { tenant, rights, access: FULL_ACCESS };
  const found = await named?.keyring.find(key);
  const owner = found && await tenants.get(found.key.tenantId);
  if (found === undefined || owner === undefined) throw unauthorized("INVALID_API_KEY", "Invalid API key");
  const { id: keyId, scopes, deviceIds, readChats, sendChats, expiresAt } = found.key;
  const access = { keyId, scopes, deviceIds, readChats, sendChats, expiresAt };
  return { tenant: owner, rights: found.rights, access };
}

/**
 * Whose key a request to an open route carries, wherever `/api` takes one; undefined when it carries none that works.
 * @throws {HttpError} 429 when too many wrong ones came.
 */
export async function keyOwnerOf(
  c: Context<HttpEnv>,
  { tenants, countWrongKey }: {
    readonly tenants: AuthDeps["tenants"];
    readonly countWrongKey: CountWrongKey;
  },
): Promise<Tenant | undefined> {
  const key = headerKeyOf(c) ?? c.req.query("api_key");
  if (key === undefined || key === "") return undefined;
  const owner = await ownerOfKey(key, tenants);
  if (owner === undefined) countWrongKey(c);
  return owner?.status === "active" ? owner : undefined;
}

async function defaultTenantOf({ tenants, rightsOf }: AuthDeps): Promise<Entrance> {
  const tenant = await tenants.get(DEFAULT_TENANT);
  if (tenant === undefined) throw new Error(`Cannot serve "${DEFAULT_TENANT}": the store does not hold it`);
  return { tenant, rights: rightsOf(tenant.id), access: FULL_ACCESS };
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
  if (isMasterKey(given, expected)) return;
  const hint = isHashOfMasterKey(given, expected)
    ? ": MASTER_KEY has 64 hex digits and so is the SHA-256 of the key; send the key that it was made from"
    : "";
  throw refusedMaster("INVALID_MASTER_KEY", `Invalid master key${hint}`);
}

function refusedMaster(code: string, message: string): HttpError {
  return new HttpError(401, code, message);
}
