import type { DeviceId, EventId, TenantId, WebhookId } from "../ids.ts";

export type DeliveryStatus = "pending" | "success" | "failed" | "cancelled";

/** One event to one webhook under one name. */
export interface Delivery {
  /** Increasing in the store; outside it is `deliveryIdOf` it. */
  readonly number: number;
  readonly tenantId: TenantId;
  readonly webhookId: WebhookId;
  readonly eventSeq: number;
  readonly eventId: EventId;
  readonly deviceId: DeviceId | null;
  /** The event's name in the webhook's format. */
  readonly name: string;
  readonly status: DeliveryStatus;
  /** It was given up and is tried once more by itself: it goes on counting as failed until it gets through. */
  readonly recovering?: true;
  /** Requests made so far, over all rounds. */
  readonly attempts: number;
  /** Requests made before the current round began: `revive` starts a new round of the schedule, counting goes on. */
  readonly roundStart: number;
  /** When it may be tried next, epoch ms; of a failed one, when it is to be tried again by itself, 0: never. */
  readonly dueAt: number;
  /** Deliveries of a webhook with the same key go one after another; null: no order kept. */
  readonly orderingKey: string | null;
  /** Of the last attempt. */
  readonly statusCode: number | null;
  readonly error: string | null;
  readonly lastAttemptAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A delivery to be made with an event. */
export interface NewDelivery {
  readonly webhookId: WebhookId;
  readonly name: string;
  readonly orderingKey: string | null;
  /** True: the caller takes it in hand at once, nobody else may claim it before the lease ends. */
  readonly claimed: boolean;
}

/** One HTTP request of a delivery. */
export interface Attempt {
  readonly deliveryNumber: number;
  /** Counts from 1. */
  readonly attempt: number;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly statusCode: number | null;
  /** Null when it succeeded. */
  readonly error: string | null;
  /** The first 16 KiB of the answer; null when there was none. */
  readonly response: string | null;
  /** Those of an answer that was no success, at most 4 KiB of them; left out when none are kept. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a delivery stands after an attempt. */
export type DeliveryState =
  | { readonly status: "pending"; readonly dueAt: number }
  /** `recoverAt`: when it is to be tried again by itself, epoch ms. */
  | { readonly status: "failed"; readonly recoverAt?: number }
  | { readonly status: "success" | "cancelled" };

export interface DeliveryFilter {
  readonly tenantId?: TenantId;
  readonly webhookIds?: readonly WebhookId[];
  readonly deviceId?: DeviceId;
  readonly eventId?: EventId;
  readonly name?: string;
  readonly status?: DeliveryStatus;
  readonly statusCode?: number;
  readonly tried?: TriedAgain;
  /** Created at or after / before, epoch ms. */
  readonly since?: number;
  readonly until?: number;
}

/** For failed deliveries: whether they are tried again by themselves, or nothing is planned for them any more. */
export interface TriedAgain {
  readonly again: boolean;
  /** Webhooks whose failed deliveries are all tried again, because their endpoints are probed. */
  readonly probed: readonly WebhookId[];
}

/** How many deliveries of one name and outcome were made in a span of time. */
export interface DeliveryCount {
  readonly name: string;
  readonly status: DeliveryStatus;
  readonly count: number;
}

/** What has not been delivered. */
export interface Backlog {
  readonly pending: number;
  readonly failed: number;
  /** Epoch ms at which the oldest pending one was made; in a long queue to the hour. Null: none is pending. */
  readonly oldestPendingAt: number | null;
}

/**
 * How long a delivery that was taken in hand stays with its holder: longer than it can wait in memory. Leases of a
 * holder that is gone end at once.
 */
export const LEASE_MS = 300_000;

export interface Deliveries {
  get(number: number): Promise<Delivery | undefined>;
  /** Newest first, starting below `before`; or oldest first, starting above `after`. */
  list(
    filter: DeliveryFilter,
    page:
      | { readonly limit: number; readonly before?: number }
      | { readonly limit: number; readonly after: number },
  ): Promise<readonly Delivery[]>;
  /**
   * Newest first, starting below `before`, but looks at about `lookAtMost` deliveries at most, however few of them fit.
   * `lookedTo`: the number down to which it looked when it ended early; the search goes on below it.
   */
  search(
    filter: DeliveryFilter,
    page: { readonly limit: number; readonly before?: number; readonly lookAtMost: number },
  ): Promise<{ readonly deliveries: readonly Delivery[]; readonly lookedTo: number | null }>;
  /** Those of the tenant's events that were stored under these dedupe keys, by key, oldest first. */
  ofEvents(
    tenantId: TenantId,
    dedupeKeys: readonly string[],
  ): Promise<ReadonlyMap<string, readonly Delivery[]>>;
  count(filter: DeliveryFilter, atMost: number): Promise<number>;
  attempts(number: number): Promise<readonly Attempt[]>;
  /** How long the last attempt of each took, ms; those that were not attempted are left out. */
  lastDurations(numbers: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /**
   * How many of these webhooks' failed deliveries are due to be tried again by themselves, one by one, among those that
   * fit the filter. Of each webhook 10,000 that failed, and as many that are being tried, are looked at.
   */
  countDueAgain(webhookIds: readonly WebhookId[], filter: DeliveryFilter): Promise<number>;

  /**
   * Takes a due delivery in hand for `leaseMs`: the one conditional update that makes late and repeated alarms
   * harmless. Undefined when it is not pending, not due, or somebody has it.
   */
  claim(
    number: number,
    at: { readonly now: number; readonly leaseMs: number },
  ): Promise<Delivery | undefined>;
  /** Takes up to `limit` of a webhook's due deliveries in hand, the longest due first. */
  claimDue(
    webhookId: WebhookId,
    at: { readonly now: number; readonly leaseMs: number; readonly limit: number },
  ): Promise<readonly Delivery[]>;
  /**
   * As `claimDue`, but only the first pending one of each ordering key, and only when nobody has it; of the first
   * `limit` of `keys`, where these are given.
   */
  claimHeads(
    webhookId: WebhookId,
    at: {
      readonly now: number;
      readonly leaseMs: number;
      readonly limit: number;
      readonly keys?: readonly string[];
    },
  ): Promise<readonly Delivery[]>;
  /** Writes an attempt and what follows from it, and gives the delivery back. */
  record(attempt: Attempt, state: DeliveryState, now: number): Promise<void>;
  /** Gives deliveries back unattempted; they are due again at `dueAt`. */
  release(numbers: readonly number[], dueAt: number): Promise<void>;
  /**
   * Makes decided deliveries pending again with a fresh schedule (`roundStart` becomes `attempts`): what retry and
   * replay do, also for those that recover. Returns those changed.
   */
  revive(
    numbers: readonly number[],
    at: { readonly now: number; readonly dueAt: number },
  ): Promise<readonly Delivery[]>;
  /** Makes failed deliveries due for one more attempt, as `recovering`; how many of these did. */
  recover(numbers: readonly number[], at: { readonly now: number; readonly dueAt: number }): Promise<number>;
  cancelPending(webhookId: WebhookId, now: number): Promise<number>;
  /** As `cancelPending`, but only while there is no such webhook: this opening may just not have heard of it. */
  cancelStray(webhookId: WebhookId, now: number): Promise<number>;

  /** Which of these webhooks have a delivery due at `now`, and when the next one of each falls due. */
  due(
    webhookIds: readonly WebhookId[],
    now: number,
  ): Promise<ReadonlyMap<WebhookId, { readonly dueNow: boolean; readonly nextDueAt: number }>>;
  /** Failed deliveries of a webhook that are to be tried again, the longest due first, and when the next ones are. */
  failedDue(
    webhookId: WebhookId,
    now: number,
    limit: number,
  ): Promise<{ readonly numbers: readonly number[]; readonly nextDueAt: number | undefined }>;
  /** The webhooks that have pending deliveries; cheap however many of these there are. */
  pendingWebhooks(): Promise<readonly WebhookId[]>;
  /** The webhook's oldest failed deliveries but tests, oldest first, numbered above `after`. */
  oldestFailed(webhookId: WebhookId, limit: number, after?: number): Promise<readonly Delivery[]>;
  /** The webhook's newest failed delivery that is no test. */
  newestFailed(webhookId: WebhookId): Promise<Delivery | undefined>;

  /**
   * Counts by name and status of deliveries created since, and before `until`, to the hour; cheap however long the
   * history is.
   */
  counts(
    filter: {
      readonly webhookIds?: readonly WebhookId[];
      readonly deviceId?: DeviceId;
      readonly since: number;
      readonly until?: number;
    },
  ): Promise<readonly DeliveryCount[]>;
  /** How much is still to be delivered, in all or to one webhook; cheap however long the history and the queue are. */
  backlog(webhookId?: WebhookId): Promise<Backlog>;
  /** Removes decided deliveries with their attempts, at most `limit`; returns how many. */
  removeDecided(filter: DeliveryFilter, limit: number): Promise<number>;
}
