import type { DeviceId, TenantId, WebhookId } from "../ids.ts";

/** `none`: as fast as possible; else a later event of the same chat or device waits for the earlier one's outcome. */
export type Ordering = "none" | "chat" | "device";

/**
 * `paused` by the owner: its deliveries are kept and wait until it is resumed. `disabled` by the gateway (410 Gone)
 * with a reason: it gets no new deliveries.
 */
export type WebhookStatus = "active" | "paused" | "disabled";

/** Where it was made: over the API, from `WEBHOOK_URL`, or as an instance's `webhookUrl`. */
export type WebhookSource = "api" | "environment" | "instance";

/** A signing secret. An old one stays valid for a while after rotation; `expiresAt` is null for the current one. */
export interface Secret {
  readonly value: string;
  readonly expiresAt: number | null;
  /** Since when it signs, epoch ms; left out of those that are older than this field. */
  readonly createdAt?: number;
}

/** Planned waits between attempts, in milliseconds; empty: one attempt only. `jitter` 0.2 means ±20 %. */
export interface RetrySchedule {
  readonly waitsMs: readonly number[];
  readonly jitter: number;
}

/** A subscription of one URL. */
export interface Webhook {
  readonly id: WebhookId;
  readonly tenantId: TenantId;
  readonly url: string;
  /** The name of a payload format; the store does not know which ones there are. */
  readonly format: string;
  /** Event names of the format, `message.*` or `*`. */
  readonly events: readonly string[];
  /** Only events of these devices; null: of all. */
  readonly devices: readonly DeviceId[] | null;
  /** Newest first; empty: requests are not signed. */
  readonly secrets: readonly Secret[];
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null: the format's own schedule. */
  readonly retry: RetrySchedule | null;
  /** Null: the format's own timeout. */
  readonly timeoutMs: number | null;
  readonly ordering: Ordering;
  readonly recovery: boolean;
  readonly status: WebhookStatus;
  /** Why it is disabled. */
  readonly statusReason: string | null;
  readonly source: WebhookSource;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type WebhookChange = Partial<Omit<Webhook, "id" | "tenantId" | "source" | "createdAt" | "updatedAt">>;

/** What is remembered of a webhook that was removed, for the list of its deliveries. */
export interface RemovedWebhook extends Pick<Webhook, "id" | "tenantId" | "url" | "format"> {
  readonly removedAt: number;
}

/** The topic of news about webhooks. */
export const WEBHOOKS = "webhooks";

export interface Webhooks {
  create(webhook: Webhook): Promise<void>;
  get(id: WebhookId): Promise<Webhook | undefined>;
  /** All that exist, oldest first: what the registry in memory starts from. */
  all(): Promise<readonly Webhook[]>;
  /** A tenant's webhooks, oldest first, and the version of this list: it grows with every change of one of them. */
  ofTenant(
    tenantId: TenantId,
  ): Promise<{ readonly version: number; readonly webhooks: readonly Webhook[] }>;
  update(id: WebhookId, change: WebhookChange, now: number): Promise<Webhook | undefined>;
  /** Removes the webhook and its secrets, and cancels what is still pending. Its decided deliveries stay listed. */
  remove(id: WebhookId, now: number): Promise<boolean>;
  /** A tenant's webhooks that were removed, the latest first; at most a thousand. */
  removed(tenantId: TenantId): Promise<readonly RemovedWebhook[]>;
  /** Forgets some of those that were removed before that time, epoch ms, at most `limit`; how many. */
  forgetRemoved(before: number, limit: number): Promise<number>;
}
