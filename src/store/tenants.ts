import type { TenantId } from "../ids.ts";

/** The topic of news about tenants. */
export const TENANTS = "tenants";

export type TenantStatus = "active" | "suspended";

/** A customer: owns devices, webhooks and one API key at a time. */
export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  readonly status: TenantStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Tenants {
  /** @throws {ConflictError} If the id exists. */
  create(tenant: Tenant, keyHash: string): Promise<void>;
  get(id: TenantId): Promise<Tenant | undefined>;
  /** Oldest first. */
  list(page: {
    readonly limit: number;
    readonly offset: number;
    /** All but these. */
    readonly except?: readonly TenantId[];
  }): Promise<readonly Tenant[]>;
  count(): Promise<number>;
  update(
    id: TenantId,
    change: Partial<Pick<Tenant, "name" | "status">>,
    now: number,
  ): Promise<Tenant | undefined>;
  /** Removes the tenant with everything it owns. */
  remove(id: TenantId): Promise<boolean>;
  /** Replaces the tenant's API key. `keyHash` is the key's SHA-256, hex. */
  setKeyHash(id: TenantId, keyHash: string, now: number): Promise<boolean>;
  keyHashOf(id: TenantId): Promise<string | undefined>;
  byKeyHash(keyHash: string): Promise<Tenant | undefined>;
}
