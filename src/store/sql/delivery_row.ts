import { type Selectable, sql } from "kysely";
import type { Delivery, DeliveryStatus } from "../deliveries.ts";
import type { DeliveryRow } from "./tables.ts";

const STATUSES: readonly DeliveryStatus[] = ["pending", "success", "failed", "cancelled"];

export const PENDING = 0;
export const SUCCESS = 1;
export const FAILED = 2;

export function codeOf(status: DeliveryStatus): number {
  return STATUSES.indexOf(status);
}

export function statusOf(code: number): DeliveryStatus {
  return STATUSES[code];
}

/** `round_start` of a delivery that recovers: pending to those who send it, failed to everybody else. */
export const RECOVERING = -1;

type Standing = Pick<Selectable<DeliveryRow>, "status" | "round_start">;

/** Whether a delivery was given up and is tried once more by itself. */
export function isRecovering({ status, round_start }: Standing): boolean {
  return status === PENDING && round_start < 0;
}

/** The status as lists and counts have it. */
export function shownStatus(row: Standing): number {
  return isRecovering(row) ? FAILED : row.status;
}

/** A status written into the query itself: indexes of a part of the table are only used for such. */
export function literalStatus(code: number) {
  return sql.lit(code);
}

/**
 * Fits every delivery, and is said by whoever wants pending ones whatever their ordering key is: Postgres uses the
 * index `deliveries_pending` for no others.
 */
export const INDEXED_AS_PENDING = sql<boolean>`blocked >= 0`;

export function toDelivery(row: Selectable<DeliveryRow>): Delivery {
  return {
    number: row.number,
    tenantId: row.tenant_id,
    webhookId: row.webhook_id,
    eventSeq: row.event_seq,
    eventId: row.event_id,
    deviceId: row.device_id,
    name: row.name,
    status: statusOf(shownStatus(row)),
    ...(isRecovering(row) && { recovering: true }),
    attempts: row.attempts,
    roundStart: row.round_start < 0 ? row.attempts : row.round_start,
    dueAt: row.due_at,
    orderingKey: row.ordering_key,
    statusCode: row.status_code,
    error: row.error,
    lastAttemptAt: row.last_attempt_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
