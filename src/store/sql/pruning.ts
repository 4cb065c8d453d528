import type { Selectable } from "kysely";
import { type Batch, type Database, run, send, type Work } from "./database.ts";
import type { DeliveryFilter } from "../deliveries.ts";
import { prepareCounts, Tally } from "./delivery_counts.ts";
import { findDeliveries } from "./delivery_list.ts";
import { PENDING } from "./delivery_row.ts";
import { piecesOf } from "./hot.ts";
import type { DeliveryRow } from "./tables.ts";

/** Rows that are looked at and removed in one transaction. */
const STEP = 500;

/** Removes decided deliveries with their attempts, the oldest first. */
export async function removeDecided(db: Database, filter: DeliveryFilter, limit: number): Promise<number> {
  const numbers = await findDeliveries(db, { filter, order: "asc", decidedOnly: true, limit });
  let removed = 0;
  for (const piece of piecesOf(numbers)) {
    removed += await db.write(function* (batch) {
      const rows = yield* run(
        db.build.deleteFrom("deliveries").where("number", "in", piece).where("status", "<>", PENDING)
          .returning(REMOVED).compile(),
      );
      yield* forget(db, batch, rows);
      return rows.length;
    });
  }
  return removed;
}

/** Removes old events whose deliveries are decided, with these. Deliveries of removed webhooks count as decided. */
export async function pruneEvents(db: Database, before: number, limit: number): Promise<number> {
  let removed = 0;
  let after = 0;
  while (removed < limit) {
    const step = await db.write((batch) => pruneStep(db, batch, { after, before, limit: limit - removed }));
    removed += step.removed;
    if (step.last === undefined) break;
    after = step.last;
  }
  return removed;
}

interface Stretch {
  readonly after: number;
  readonly before: number;
  readonly limit: number;
}

function* pruneStep(db: Database, batch: Batch, stretch: Stretch): Work<{ removed: number; last?: number }> {
  const { build } = db;
  const rows = yield* run(
    build.selectFrom("events").select(["seq", "at"]).select((eb) =>
      eb.exists(
        eb.selectFrom("deliveries").innerJoin("webhooks", "webhooks.id", "deliveries.webhook_id")
          .select("deliveries.number").whereRef("deliveries.event_seq", "=", "events.seq")
          .where("deliveries.status", "=", PENDING),
      ).as("in_use")
    ).where("seq", ">", stretch.after).orderBy("seq").limit(Math.min(STEP, stretch.limit)).compile(),
  );
  const old = rows.filter(({ at }) => at < stretch.before);
  const seqs = old.filter(({ in_use }) => !in_use).map(({ seq }) => seq);
  yield* removeEvents(db, batch, seqs);
  // clocks are set back now and then, so one young event in between does not end it
  return { removed: seqs.length, last: old.length === 0 ? undefined : rows[rows.length - 1].seq };
}

/** Removes events and all of their deliveries. */
export function* removeEvents(db: Database, batch: Batch, seqs: readonly number[]): Work<void> {
  const { build } = db;
  for (const piece of piecesOf(seqs)) {
    const rows = yield* run(
      build.deleteFrom("deliveries").where("event_seq", "in", piece).returning(REMOVED).compile(),
    );
    yield* forget(db, batch, rows);
    yield* send(build.deleteFrom("events").where("seq", "in", piece).compile());
  }
}

const REMOVED = ["number", "webhook_id", "device_id", "name", "created_at", "status"] as const;
type Removed = Pick<Selectable<DeliveryRow>, typeof REMOVED[number]>;

/** Removes what hangs on removed deliveries, and counts them out. */
function* forget(db: Database, batch: Batch, rows: readonly Removed[]): Work<void> {
  const tally = Tally.of(batch, prepareCounts(db.build));
  for (const row of rows) tally.remove(row, row.status);
  for (const piece of piecesOf(rows.map(({ number }) => number))) {
    yield* send(db.build.deleteFrom("attempts").where("delivery_number", "in", piece).compile());
  }
}
