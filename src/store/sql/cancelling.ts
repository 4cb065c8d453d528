import type { Kysely } from "kysely";
import type { WebhookId } from "../../ids.ts";
import { type Batch, type Database, run, type Work } from "../database.ts";
import { prepareCounts, Tally } from "./delivery_counts.ts";
import { DeliveryOrder } from "./delivery_order.ts";
import { codeOf, literalStatus, PENDING } from "./delivery_row.ts";
import type { Tables } from "./tables.ts";

const STEP = 500;

/** Cancels some pending deliveries of a webhook, those that wait for others first; returns how many. */
export function* cancelStep(
  build: Kysely<Tables>,
  batch: Batch,
  webhookId: WebhookId,
  now: number,
): Work<number> {
  const cancelled = codeOf("cancelled");
  const numbers = build.selectFrom("deliveries").select("number").where("webhook_id", "=", webhookId)
    .where("status", "=", literalStatus(PENDING)).orderBy("blocked", "desc").limit(STEP);
  const rows = yield* run(
    build.updateTable("deliveries")
      .set({ status: cancelled, blocked: 0, leased_until: 0, updated_at: now })
      .where("number", "in", numbers)
      .returning(["webhook_id", "device_id", "name", "created_at", "ordering_key"])
      .compile(),
  );
  const tally = Tally.of(batch, prepareCounts(build));
  for (const row of rows) tally.move(row, PENDING, cancelled);
  const order = new DeliveryOrder(build);
  for (const key of new Set(rows.map((row) => row.ordering_key))) {
    if (key !== null) yield* order.open(webhookId, key);
  }
  return rows.length;
}

/** Cancels all pending deliveries of a webhook, however many, without holding anybody up for long. */
export async function cancelPending(db: Database, webhookId: WebhookId, now: number): Promise<number> {
  let sum = 0;
  while (true) {
    const cancelled = await db.write((batch) => cancelStep(db.build, batch, webhookId, now));
    sum += cancelled;
    if (cancelled < STEP) return sum;
  }
}
