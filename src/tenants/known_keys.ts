import { createHash } from "node:crypto";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { TenantId } from "../ids.ts";
import type { Tenant, Tenants } from "../store/tenants.ts";
import { hashKey } from "./keys.ts";

/** No key is longer; what is longer is not hashed. */
export const MAX_KEY_LENGTH = 512;

/**
 * Whose API key it is, suspended or not; undefined: nobody's. It is looked up by its hash and compared in constant
 * time.
 * @param found Called with the tenant that the key may be of before it is compared, so that a rotation that comes in
 * between is not missed.
 */
export async function ownerOfKey(
  key: string,
  tenants: Pick<Tenants, "byKeyHash" | "keyHashOf">,
  found: (id: TenantId) => void = () => {},
): Promise<Tenant | undefined> {
  if (key.length > MAX_KEY_LENGTH) return undefined;
  const hash = hashKey(key);
  const tenant = await tenants.byKeyHash(hash);
  if (tenant !== undefined) found(tenant.id);
  const stored = tenant && await tenants.keyHashOf(tenant.id);
  return tenant !== undefined && stored !== undefined && sameText(hash, stored) ? tenant : undefined;
}

/**
 * Whether it is the master key.
 * @param setting `MASTER_KEY`: plain, or its SHA-256 as 64 hex digits.
 */
export function isMasterKey(given: string, setting: string): boolean {
  if (given.length > MAX_KEY_LENGTH) return false;
  return sameText(hashKey(given), isHash(setting) ? setting.toLowerCase() : hashKey(setting));
}

/** Whether somebody gave the hash that `MASTER_KEY` holds in place of the key that it was made from. */
export function isHashOfMasterKey(given: string, setting: string): boolean {
  return isHash(setting) && sameText(given.toLowerCase(), setting.toLowerCase());
}

function isHash(setting: string): boolean {
  return /^[0-9a-f]{64}$/i.test(setting);
}

/** Compares without telling by its time how much was right. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
