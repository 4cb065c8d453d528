import { type ExpressionBuilder, type Selectable, sql } from "kysely";
import type { Delivery, DeliveryStatus } from "../deliveries.ts";
import type { DeliveryRow, Tables } from "./tables.ts";

const STATUSES: readonly DeliveryStatus[] = ["pending", "success", "failed", "cancelled"];

export const PENDING = 0;
export const FAILED = 2;

export function codeOf(status: DeliveryStatus): number {
  return STATUSES.indexOf(status);
}

export function statusOf(code: number): DeliveryStatus {
  return STATUSES[code];
}

/** A status written into the query itself: indexes of a part of the table are only used for such. */
export function literalStatus(code: number) {
  return sql.lit(code);
}

/** Nobody has it in hand: its lease is over, or was given by a process that is no more. */
export function unleased(eb: ExpressionBuilder<Tables, "deliveries">, now: number, epoch: number) {
  return eb.or([eb("leased_until", "<=", now), eb("lease_epoch", "<>", epoch)]);
}

export function toDelivery(row: Selectable<DeliveryRow>): Delivery {
  return {
    number: row.number,
    tenantId: row.tenant_id,
    webhookId: row.webhook_id,
    eventSeq: row.event_seq,
    eventId: row.event_id,
    deviceId: row.device_id,
    name: row.name,
    status: statusOf(row.status),
    attempts: row.attempts,
    roundStart: row.round_start,
    dueAt: row.due_at,
    orderingKey: row.ordering_key,
    statusCode: row.status_code,
    error: row.error,
    lastAttemptAt: row.last_attempt_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
