import { type Selectable, sql } from "kysely";
import { nextTurn } from "../../async/next_turn.ts";
import type { EventType } from "../../events/event.ts";
import type { WebhookId } from "../../ids.ts";
import { type Database, first, run, type Work } from "./database.ts";
import type { Deliveries, Delivery, DeliveryFilter } from "../deliveries.ts";
import { cancelPending } from "./cancelling.ts";
import { createClaims } from "./claims.ts";
import { createCounts } from "./delivery_counts.ts";
import { countDeliveries, findDeliveries, fits, searchDeliveries } from "./delivery_list.ts";
import { FAILED, INDEXED_AS_PENDING, literalStatus, PENDING, toDelivery } from "./delivery_row.ts";
import { hot, piecesOf } from "./hot.ts";
import { createOutcomes } from "./outcomes.ts";
import { removeDecided } from "./pruning.ts";
import type { RecentDeliveries } from "./recent_deliveries.ts";
import type { DeliveryRow } from "./tables.ts";

const TEST: EventType = "webhook.test";
/** Failed deliveries of a webhook that are counted one by one, in one turn. */
const MOST_DUE_AGAIN = 10_000;

export function createDeliveries(db: Database, recent: RecentDeliveries): Deliveries {
  const { build } = db;
  const deliveries = () => build.selectFrom("deliveries").selectAll();
  const byNumber = hot((p: { number: number }) => deliveries().where("number", "=", p.number));
  const nextPending = hot((p: { after: string }) =>
    build.selectFrom("deliveries").select("webhook_id").where("status", "=", literalStatus(PENDING))
      .where(INDEXED_AS_PENDING).where("webhook_id", ">", p.after).orderBy("webhook_id").limit(
        sql.lit(1),
      )
  );

  /** Those that failed, but tests: whoever made one was told how it went, and nobody waits for it any more. */
  const failedOf = (webhookId: WebhookId) =>
    deliveries().where("webhook_id", "=", webhookId).where("status", "=", literalStatus(FAILED)).where((eb) =>
      eb.not(eb.exists(
        eb.selectFrom("events").select("events.seq").whereRef("events.seq", "=", "deliveries.event_seq")
          .where("events.type", "=", TEST),
      ))
    );

  async function inOrder(numbers: readonly number[]): Promise<readonly Delivery[]> {
    const found = new Map<number, Selectable<DeliveryRow>>();
    for (const piece of piecesOf(numbers)) {
      const rows = await db.read(() => run(deliveries().where("number", "in", piece).compile()));
      for (const row of rows) found.set(row.number, row);
    }
    return numbers.flatMap((number) => {
      const row = found.get(number);
      return row === undefined ? [] : [toDelivery(row)];
    });
  }

  return {
    ...createClaims(db, recent),
    ...createOutcomes(db, recent),
    ...createCounts(db),
    get: (number) =>
      db.read(function* () {
        const row = yield* first(byNumber({ number }));
        return row && toDelivery(row);
      }),
    async list(filter, page) {
      const search = "after" in page
        ? { ...page, order: "asc" as const }
        : { ...page, order: "desc" as const };
      return inOrder(await findDeliveries(db, { filter, ...search }));
    },
    async search(filter, page) {
      const { numbers, lookedTo } = await searchDeliveries(db, { filter, order: "desc", ...page });
      return { deliveries: await inOrder(numbers), lookedTo };
    },
    ofEvents: (tenantId, dedupeKeys) =>
      db.read(function* () {
        const found = new Map<string, Delivery[]>();
        for (const piece of piecesOf(dedupeKeys)) {
          const rows = yield* run(
            build.selectFrom("events").innerJoin("deliveries", "deliveries.event_seq", "events.seq")
              .where("events.tenant_id", "=", tenantId).where("events.dedupe_key", "in", piece)
              .where("events.dedupe_key", "is not", null)
              .selectAll("deliveries").select("events.dedupe_key as key").compile(),
          );
          for (const row of rows.toSorted((a, b) => a.number - b.number)) {
            const key = row.key ?? "";
            found.set(key, [...found.get(key) ?? [], toDelivery(row)]);
          }
        }
        return found;
      }),
    count: (filter, atMost) => countDeliveries(db, filter, atMost),
    oldestFailed: (webhookId, limit, after = 0) =>
      db.read(function* () {
        const rows = yield* run(
          failedOf(webhookId).where("number", ">", after).orderBy("number").limit(limit).compile(),
        );
        return rows.map(toDelivery);
      }),
    newestFailed: (webhookId) =>
      db.read(function* () {
        const row = yield* first(
          failedOf(webhookId).orderBy("number", "desc").limit(sql.lit(1)).compile(),
        );
        return row && toDelivery(row);
      }),
    failedDue: (webhookId, now, limit) =>
      db.read(function* () {
        const recoverable = build.selectFrom("deliveries").where("webhook_id", "=", webhookId)
          .where("status", "=", literalStatus(FAILED)).where("due_at", ">", sql.lit(0)).orderBy("due_at");
        const due = yield* run(
          recoverable.select("number").where("due_at", "<=", now).limit(sql.lit(limit)).compile(),
        );
        const next = yield* first(
          recoverable.select("due_at").where("due_at", ">", now).limit(sql.lit(1)).compile(),
        );
        return { numbers: due.map(({ number }) => number), nextDueAt: next?.due_at };
      }),
    async countDueAgain(webhookIds, filter) {
      let count = 0;
      for (const webhookId of webhookIds) {
        count += await db.read(() => countDueAgain(db, webhookId, filter));
        await nextTurn(); // a webhook may have thousands
      }
      return count;
    },
    pendingWebhooks: () =>
      db.read(function* () {
        const found: string[] = [];
        for (;;) {
          // from one webhook to the next, so that the index is not read through
          const next = yield* first(nextPending({ after: found.at(-1) ?? "" }));
          if (next === undefined) return found;
          found.push(next.webhook_id);
        }
      }),
    cancelPending: (webhookId, now) => cancelPending(db, webhookId, now),
    cancelStray: (webhookId, now) => cancelPending(db, webhookId, now, "stray"),
    removeDecided: (filter, limit) => removeDecided(db, filter, limit),
  };
}

function* countDueAgain({ build }: Database, webhookId: WebhookId, filter: DeliveryFilter): Work<number> {
  const columns = [
    "status",
    "round_start",
    "due_at",
    "tenant_id",
    "webhook_id",
    "device_id",
    "name",
  ] as const;
  const own = build.selectFrom("deliveries").select([...columns, "status_code", "created_at"])
    .where("webhook_id", "=", webhookId).limit(sql.lit(MOST_DUE_AGAIN));
  // each as an index has it
  const failed = own.where("status", "=", literalStatus(FAILED)).where("due_at", ">", sql.lit(0));
  const recovering = own.where("status", "=", literalStatus(PENDING)).where("round_start", "<", sql.lit(0));
  let count = 0;
  for (const found of [failed, recovering]) {
    const row = yield* first(
      build.selectFrom(found.as("deliveries")).where((eb) => fits(eb, { filter }))
        .select((eb) => eb.fn.countAll<number>().as("count")).compile(),
    );
    count += row?.count ?? 0;
  }
  return count;
}
