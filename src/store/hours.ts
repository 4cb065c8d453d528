import type { DeviceId, TenantId, WebhookId } from "../ids.ts";

/** Upper ends of the spans that attempts are counted in by how long they took, ms; the last span has no end. */
export const DURATION_ENDS_MS: readonly number[] = [25, 50, 100, 250, 500, 1_000, 2_500, 10_000];

/** Requests to one webhook within one hour. */
export interface AttemptHour {
  readonly webhookId: WebhookId;
  /** Hours since the epoch. */
  readonly hour: number;
  /** Deliveries whose first request was taken. */
  readonly first: number;
  /** Deliveries that were taken after a retry. */
  readonly retried: number;
  /** Requests that failed. */
  readonly failed: number;
  /** Requests by how long they took: one count for each span of `DURATION_ENDS_MS`, and one for longer ones. */
  readonly durations: readonly number[];
}

/** Events of one type and device within one hour. */
export interface EventHour {
  readonly tenantId: TenantId;
  readonly deviceId: DeviceId | null;
  readonly type: string;
  readonly hour: number;
  readonly count: number;
}

/** A span of whole hours since the epoch: `from` is in it, `to` is not. */
export interface HourSpan {
  readonly from: number;
  readonly to: number;
}

/** What happened in each hour, for charts. Kept apart from the history that it sums up. */
export interface Hours {
  /** Adds to what is counted already. */
  add(
    counted: { readonly attempts: readonly AttemptHour[]; readonly events: readonly EventHour[] },
  ): Promise<void>;
  /** Sums over the webhooks, hour by hour; hours without any are left out. */
  attempts(
    webhookIds: readonly WebhookId[],
    span: HourSpan,
  ): Promise<readonly Omit<AttemptHour, "webhookId">[]>;
  /** Sums by hour and type; hours without any are left out. */
  events(
    filter: { readonly tenantId: TenantId; readonly deviceId?: DeviceId; readonly types: readonly string[] },
    span: HourSpan,
  ): Promise<readonly Pick<EventHour, "hour" | "type" | "count">[]>;
  /** Sums over the span by device; devices without any are left out. */
  eventsByDevice(
    filter: { readonly tenantId: TenantId; readonly types: readonly string[] },
    span: HourSpan,
  ): Promise<ReadonlyMap<DeviceId, number>>;
  /** Removes hours before this one, at most `limit` rows of each kind; returns how many. */
  prune(before: number, limit: number): Promise<number>;
}
