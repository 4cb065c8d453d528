import type { WebhookId } from "../../ids.ts";
import { type Batch, type Database, run, type Work } from "./database.ts";
import { prepareCounts, Tally } from "./delivery_counts.ts";
import { DeliveryOrder } from "./delivery_order.ts";
import { hold, orderName } from "./locks.ts";
import { codeOf, FAILED, INDEXED_AS_PENDING, literalStatus, PENDING } from "./delivery_row.ts";

const STEP = 500;

/** `stray`: only those of a webhook that does not exist. */
type Which = "any" | "stray";

/** Cancels some pending deliveries of a webhook, those that wait for others first; returns how many. */
export function* cancelStep(
  db: Database,
  batch: Batch,
  webhookId: WebhookId,
  now: number,
  which: Which = "any",
): Work<number> {
  const { build } = db;
  const cancelled = codeOf("cancelled");
  const own = build.selectFrom("deliveries").where("webhook_id", "=", webhookId)
    .where("status", "=", literalStatus(PENDING)).where(INDEXED_AS_PENDING);
  const pending = which === "any"
    ? own
    : own.where((eb) =>
      eb.not(eb.exists(eb.selectFrom("webhooks").select("id").where("id", "=", webhookId)))
    );
  if (db.lockNames !== undefined) {
    const keys = yield* run(
      pending.select("ordering_key").where("ordering_key", "is not", null).orderBy("blocked", "desc")
        .limit(STEP).compile(),
    );
    yield* hold(db, keys.map(({ ordering_key }) => orderName(webhookId, ordering_key ?? "")));
  }
  const numbers = db.locked(pending.select("number").orderBy("blocked", "desc").limit(STEP));
  const rows = yield* run(
    build.updateTable("deliveries")
      .set((eb) => ({
        // one that recovers was given up before: it stays so
        status: eb.case().when("round_start", "<", 0).then(FAILED).else(cancelled).end(),
        blocked: 0,
        leased_until: 0,
        updated_at: now,
      }))
      .where(db.among("number", numbers))
      .returning(["webhook_id", "device_id", "name", "created_at", "ordering_key", "round_start"])
      .compile(),
  );
  const tally = Tally.of(batch, prepareCounts(build));
  for (const row of rows) if (row.round_start >= 0) tally.move(row, PENDING, cancelled);
  const order = new DeliveryOrder(build);
  for (const key of new Set(rows.map((row) => row.ordering_key))) {
    if (key !== null) yield* order.open(webhookId, key);
  }
  return rows.length;
}

/** Cancels all pending deliveries of a webhook, however many, without holding anybody up for long. */
export async function cancelPending(
  db: Database,
  webhookId: WebhookId,
  now: number,
  which: Which = "any",
): Promise<number> {
  let sum = 0;
  while (true) {
    const cancelled = await db.write((batch) => cancelStep(db, batch, webhookId, now, which));
    sum += cancelled;
    if (cancelled < STEP) return sum;
  }
}
