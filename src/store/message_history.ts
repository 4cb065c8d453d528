import type { TenantId } from "../ids.ts";
import type { MessageStatus, OutgoingMessage } from "./messages.ts";

/** How many messages of one kind were made on one day (UTC, `YYYY-MM-DD`). */
export interface MessageCount {
  readonly date: string;
  readonly channel: OutgoingMessage["channel"];
  readonly status: MessageStatus;
  readonly count: number;
}

/** Outgoing messages seen as a whole; its counts are as cheap however long the history is. */
export interface MessageHistory {
  /** By day, newest first. `since` is epoch ms; left out: of all days. */
  byDay(tenantId: TenantId, since?: number): Promise<readonly MessageCount[]>;
  /** How many messages of all tenants failed since and still are, at most `atMost`. */
  failedSince(since: number, atMost: number): Promise<number>;
  /** Removes at most `limit` of a tenant's messages that are sent or failed and were made before `before`. */
  prune(tenantId: TenantId, before: number, limit: number): Promise<number>;
  /**
   * As `prune` for all tenants, but leaves alone messages of blasts that had not ended before `before`; costs little
   * however long the history is.
   */
  pruneAll(before: number, limit: number): Promise<number>;
}
