import type { Jid } from "../events/person.ts";
import type { DeviceId, TenantId } from "../ids.ts";

/** The topic of news about named keys; the id is the tenant's. */
export const API_KEYS = "api_keys";

/** What a named key may do: `read` looks, `send` writes to people, `manage` changes how the gateway works. */
export type KeyScope = "read" | "send" | "manage";

/** A named key of a tenant, beside the one that may do everything. */
export interface ApiKey {
  /** `key_…` */
  readonly id: string;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  /** Null: all devices of the tenant. */
  readonly deviceIds: readonly DeviceId[] | null;
  /** The only chats that it may read; null: all. */
  readonly readChats: readonly Jid[] | null;
  /** The only chats that it may send to; null: all. */
  readonly sendChats: readonly Jid[] | null;
  readonly createdAt: number;
  /** From then on it does not count any more; null: never. */
  readonly expiresAt: number | null;
  /** Exact to a minute; null: it was not used yet. */
  readonly lastUsedAt: number | null;
}

/** Named keys, of which only hashes (SHA-256, hex) are kept. */
export interface ApiKeys {
  create(key: ApiKey, keyHash: string): Promise<void>;
  /** By its hash, expired or not. */
  byHash(keyHash: string): Promise<ApiKey | undefined>;
  /** A tenant's, newest first. */
  list(tenantId: TenantId): Promise<readonly ApiKey[]>;
  /** Notes a use, unless one was noted after `unless`. */
  used(id: string, at: { readonly now: number; readonly unless: number }): Promise<void>;
  /** False: the tenant has no such key. */
  remove(tenantId: TenantId, id: string): Promise<boolean>;
}
