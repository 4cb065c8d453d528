import { randomBytes } from "node:crypto";
import { DEFAULT_TENANT } from "../ids.ts";
import type { Settings } from "../store/settings.ts";
import type { Tenants } from "../store/tenants.ts";
import { hashKey, makeKey } from "./keys.ts";

/** Where the default tenant's key came from: the name of a stored setting, and what it says. */
const SOURCE = "default_key_source";
type Source = "environment" | "made" | "none";

export interface DefaultTenantDeps {
  readonly tenants: Pick<Tenants, "get" | "create" | "setKeyHash" | "keyHashOf" | "byKeyHash">;
  readonly settings: Settings;
  /** `API_KEY`: when it is set, it is the key. */
  readonly apiKey: string | undefined;
  /** With `off` nobody needs a key, so none is made. */
  readonly apiAuth: "on" | "off";
  readonly now: () => number;
}

/**
 * Sees to it that the default tenant exists and has a key.
 * @returns The key that was made: it is not kept, so print it and call `defaultKeyShown`, or the next start makes
 *   another one. Null when there was no need for one.
 * @throws {Error} If `API_KEY` is already another tenant's key.
 */
export async function ensureDefaultTenant(deps: DefaultTenantDeps): Promise<string | null> {
  const { tenants, settings, apiKey, now } = deps;
  if (await tenants.get(DEFAULT_TENANT) === undefined) {
    const tenant = {
      id: DEFAULT_TENANT,
      name: "Default",
      status: "active",
      createdAt: now(),
      updatedAt: now(),
    } as const;
    await tenants.create(tenant, hashKey(makeKey()));
    await settings.set(SOURCE, "none" satisfies Source);
  }
  if (apiKey !== undefined) {
    await useKeyOfEnvironment(apiKey, deps);
    return null;
  }
  const source = await settings.get(SOURCE);
  if (source === "made" || (source === "none" && deps.apiAuth === "off")) return null;
  return deps.apiAuth === "off" ? await forgetKey(deps) : await makeDefaultKey(deps);
}

/**
 * Gives the default tenant a new key; the old one stops to count. For when the first one is lost.
 * @returns The key, to be printed now: it is not kept.
 */
export async function renewDefaultKey(
  deps: Pick<DefaultTenantDeps, "settings" | "now"> & { readonly tenants: Pick<Tenants, "setKeyHash"> },
): Promise<string> {
  const key = await makeDefaultKey(deps);
  await defaultKeyShown(deps.settings);
  return key;
}

/** Notes that somebody has the key that was made: no start replaces it from now on. */
export async function defaultKeyShown(settings: Settings): Promise<void> {
  await settings.set(SOURCE, "made" satisfies Source);
}

async function useKeyOfEnvironment(apiKey: string, { tenants, settings, now }: DefaultTenantDeps) {
  const hash = hashKey(apiKey);
  const owner = await tenants.byKeyHash(hash);
  if (owner !== undefined && owner.id !== DEFAULT_TENANT) {
    throw new Error(`Cannot use API_KEY for ${DEFAULT_TENANT}: it is the key of ${owner.id}`);
  }
  if (owner === undefined) await tenants.setKeyHash(DEFAULT_TENANT, hash, now());
  await settings.set(SOURCE, "environment" satisfies Source);
}

async function makeDefaultKey(
  { tenants, now }: Pick<Parameters<typeof renewDefaultKey>[0], "tenants" | "now">,
): Promise<string> {
  const key = makeKey();
  await tenants.setKeyHash(DEFAULT_TENANT, hashKey(key), now());
  return key;
}

/** A key that was taken out of the environment stops to count, even while nobody is asked for one. */
async function forgetKey({ tenants, settings, now }: DefaultTenantDeps): Promise<null> {
  await tenants.setKeyHash(DEFAULT_TENANT, hashKey(randomBytes(32).toString("hex")), now());
  await settings.set(SOURCE, "none" satisfies Source);
  return null;
}
