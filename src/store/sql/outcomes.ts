import type { Selectable } from "kysely";
import { type Batch, type Database, run, send, type Work } from "./database.ts";
import type { Attempt, Deliveries, Delivery } from "../deliveries.ts";
import { prepareCounts, Tally } from "./delivery_counts.ts";
import { DeliveryOrder } from "./delivery_order.ts";
import { FAILED, isRecovering, PENDING, RECOVERING, shownStatus, toDelivery } from "./delivery_row.ts";
import { hot, piecesOf } from "./hot.ts";
import { hold, orderName } from "./locks.ts";
import type { RecentDeliveries } from "./recent_deliveries.ts";
import type { DeliveryRow } from "./tables.ts";

type Outcomes = Pick<Deliveries, "record" | "revive" | "recover" | "attempts" | "lastDurations">;

/** What attempts lead to, and starting afresh. */
export function createOutcomes(db: Database, recent: RecentDeliveries): Outcomes {
  const { build } = db;
  const counts = prepareCounts(build);
  const order = new DeliveryOrder(build);

  const makePending = hot((p: {
    number: number;
    status: number;
    round_start: number;
    due_at: number;
    leased_until: number;
    updated_at: number;
    blocked: number;
  }) =>
    build.updateTable("deliveries").set({
      status: p.status,
      round_start: p.round_start,
      due_at: p.due_at,
      leased_until: p.leased_until,
      updated_at: p.updated_at,
      blocked: p.blocked,
    }).where("number", "=", p.number)
  );

  function* reviveSome(
    batch: Batch,
    numbers: readonly number[],
    { now, dueAt }: { readonly now: number; readonly dueAt: number },
    recovers: boolean,
  ): Work<Delivery[]> {
    const wanted = build.selectFrom("deliveries").where("number", "in", numbers)
      .where((eb) =>
        recovers ? eb("status", "=", FAILED) : eb.or([eb("status", "<>", PENDING), eb("round_start", "<", 0)])
      ).orderBy("number");
    if (db.lockNames !== undefined) {
      const keys = yield* run(
        wanted.select(["webhook_id", "ordering_key"]).where("ordering_key", "is not", null).compile(),
      );
      yield* hold(db, keys.map((row) => orderName(row.webhook_id, row.ordering_key ?? "")));
    }
    const decided = yield* run(db.locked(wanted.selectAll()).compile());
    const tally = Tally.of(batch, counts);
    const revived: Delivery[] = [];
    for (const row of decided) {
      const wasInHand = isRecovering(row);
      const fresh = {
        status: PENDING,
        round_start: recovers ? RECOVERING : row.attempts,
        due_at: dueAt,
        leased_until: wasInHand ? row.leased_until : 0,
        updated_at: now,
      };
      const blocked = wasInHand ? row.blocked : yield* comesBehind(row);
      yield* send(makePending({ ...fresh, blocked, number: row.number }));
      tally.move(row, shownStatus(row), shownStatus(fresh));
      revived.push(toDelivery({ ...row, ...fresh, blocked }));
    }
    return revived;
  }

  /**
   * Whether a delivery that becomes pending again has to wait; if not, the one that was first so far has to.
   */
  function* comesBehind(row: Selectable<DeliveryRow>): Work<0 | 1> {
    if (row.ordering_key === null) return 0;
    const head = yield* order.head(row.webhook_id, row.ordering_key);
    if (head === undefined) return 0;
    if (head < row.number) return 1;
    yield* order.block(head);
    return 0;
  }

  return {
    async record(attempt, state, now) {
      await db.hot.record({ attempt, state, now, known: recent.get(attempt.deliveryNumber) });
      if (state.status !== "pending") recent.forget(attempt.deliveryNumber);
    },

    async revive(numbers, at) {
      const revived: Delivery[] = [];
      for (const piece of piecesOf(numbers)) {
        revived.push(...await db.write((batch) => reviveSome(batch, piece, at, false)));
      }
      for (const { number } of revived) recent.forget(number); // one that recovered may be in hand
      return revived;
    },

    async recover(numbers, at) {
      let recovering = 0;
      for (const piece of piecesOf(numbers)) {
        recovering += (await db.write((batch) => reviveSome(batch, piece, at, true))).length;
      }
      return recovering;
    },

    attempts: (number) =>
      db.read(function* () {
        const rows = yield* run(
          build.selectFrom("attempts").selectAll().where("delivery_number", "=", number).orderBy("attempt")
            .compile(),
        );
        return rows.map((row): Attempt => ({
          deliveryNumber: row.delivery_number,
          attempt: row.attempt,
          startedAt: row.started_at,
          durationMs: row.duration_ms,
          statusCode: row.status_code,
          error: row.error,
          response: row.response,
          ...(row.headers !== null && { headers: JSON.parse(row.headers) }),
        }));
      }),

    lastDurations: (numbers) =>
      db.read(function* () {
        const durations = new Map<number, number>();
        for (const piece of piecesOf(numbers)) {
          const rows = yield* run(
            build.selectFrom("deliveries").innerJoin("attempts", (join) =>
              join.onRef("attempts.delivery_number", "=", "deliveries.number")
                .onRef("attempts.attempt", "=", "deliveries.attempts"))
              .select(["deliveries.number", "attempts.duration_ms"])
              .where("deliveries.number", "in", piece).compile(),
          );
          for (const row of rows) {
            durations.set(row.number, row.duration_ms);
          }
        }
        return durations;
      }),
  };
}
