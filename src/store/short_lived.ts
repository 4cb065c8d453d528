import type { TenantId } from "../ids.ts";

/** Something that is kept for minutes or hours, such as a draft or a link. */
export interface ShortLivedThing {
  readonly kind: string;
  /** Unique within its kind. */
  readonly id: string;
  readonly tenantId: TenantId;
  /** What it is about; empty: nothing that is looked up. */
  readonly about: string;
  readonly body: string;
  readonly createdAt: number;
  /** From then on it is not found any more. */
  readonly expiresAt: number;
}

/** Things that are kept for minutes or hours, over restarts and for all gateways on a store. */
export interface ShortLived {
  /** Keeps it, or replaces the one of the same id if that is the same tenant's. */
  put(thing: ShortLivedThing): Promise<void>;
  get(kind: string, id: string, now: number): Promise<ShortLivedThing | undefined>;
  /** The newest about something. */
  about(kind: string, about: string, now: number): Promise<ShortLivedThing | undefined>;
  /** Removes all about something; returns how many. */
  removeAbout(kind: string, about: string): Promise<number>;
  /** Removes a tenant's oldest of a kind, so that at most so many are left. */
  trim(kind: string, tenantId: TenantId, most: number): Promise<void>;
  /** Removes at most `limit` that expired before; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}
