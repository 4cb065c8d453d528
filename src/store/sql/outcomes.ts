import type { Selectable } from "kysely";
import { type Batch, changes, type Database, first, run, type Work } from "../database.ts";
import type { Attempt, Deliveries, Delivery, DeliveryState, DeliveryStatus } from "../deliveries.ts";
import { prepareCounts, Tally } from "./delivery_counts.ts";
import { DeliveryOrder } from "./delivery_order.ts";
import { codeOf, FAILED, literalStatus, PENDING, toDelivery } from "./delivery_row.ts";
import { hot, piecesOf } from "./hot.ts";
import type { RecentDeliveries } from "./recent_deliveries.ts";
import type { DeliveryRow } from "./tables.ts";

type Outcomes = Pick<Deliveries, "record" | "revive" | "attempts">;

/** What attempts lead to, and starting afresh. */
export function createOutcomes(db: Database, recent: RecentDeliveries): Outcomes {
  const { build } = db;
  const counts = prepareCounts(build);
  const order = new DeliveryOrder(build);

  const insertAttempt = hot((p: {
    number: number;
    attempt: number;
    startedAt: number;
    durationMs: number;
    statusCode: number | null;
    error: string | null;
    response: string | null;
  }) =>
    build.insertInto("attempts").values({
      delivery_number: p.number,
      attempt: p.attempt,
      started_at: p.startedAt,
      duration_ms: p.durationMs,
      status_code: p.statusCode,
      error: p.error,
      response: p.response,
    }).onConflict((conflict) =>
      // the same attempt twice, after a lease ran out in the middle of it: the later one tells how it ended
      conflict.columns(["delivery_number", "attempt"]).doUpdateSet((eb) => ({
        started_at: eb.ref("excluded.started_at"),
        duration_ms: eb.ref("excluded.duration_ms"),
        status_code: eb.ref("excluded.status_code"),
        error: eb.ref("excluded.error"),
        response: eb.ref("excluded.response"),
      }))
    )
  );
  type Told = {
    number: number;
    attempt: number;
    statusCode: number | null;
    error: string | null;
    startedAt: number;
    now: number;
  };
  const telling = (p: Told) =>
    build.updateTable("deliveries").set({
      attempts: p.attempt,
      status_code: p.statusCode,
      error: p.error,
      last_attempt_at: p.startedAt,
      leased_until: 0,
      updated_at: p.now,
    }).where("number", "=", p.number);
  const postpone = hot((p: Told & { dueAt: number }) =>
    telling(p).set({ due_at: p.dueAt }).where("status", "=", literalStatus(PENDING))
  );
  const decide = hot((p: Told & { status: number }) =>
    telling(p).set({ status: p.status, blocked: 0 }).where("status", "=", literalStatus(PENDING))
  );
  const fail = hot((p: Told & { recoverAt: number }) =>
    telling(p).set({ status: FAILED, blocked: 0, due_at: p.recoverAt })
      .where("status", "=", literalStatus(PENDING))
  );
  const decideLate = hot((p: Told & { status: number }) => telling(p).set({ status: p.status }));
  const fixed = hot((p: { number: number }) =>
    build.selectFrom("deliveries").select(["webhook_id", "device_id", "name", "created_at", "ordering_key"])
      .select("status").where("number", "=", p.number)
  );

  function* settle(batch: Batch, told: Told, state: DeliveryState): Work<boolean> {
    if (state.status === "pending") {
      if ((yield* changes(postpone({ ...told, dueAt: state.dueAt }))) > 0) return true;
      return yield* settleLate(batch, told, state.status);
    }
    const status = codeOf(state.status);
    const decision = state.status === "failed"
      ? fail({ ...told, recoverAt: state.recoverAt ?? 0 })
      : decide({ ...told, status });
    if ((yield* changes(decision)) === 0) {
      return yield* settleLate(batch, told, state.status);
    }
    const delivery = recent.get(told.number) ?? (yield* first(fixed({ number: told.number })));
    if (delivery === undefined) throw new Error(`Cannot count delivery ${told.number}: it is gone`);
    Tally.of(batch, counts).move(delivery, PENDING, status);
    if (delivery.ordering_key !== null) yield* order.open(delivery.webhook_id, delivery.ordering_key);
    return true;
  }

  /** The delivery was decided meanwhile (cancelled, mostly): an attempt that got through still changes that. */
  function* settleLate(batch: Batch, told: Told, outcome: DeliveryStatus): Work<boolean> {
    const delivery = yield* first(fixed({ number: told.number }));
    if (delivery === undefined) return false;
    const success = codeOf("success");
    if (delivery.status === success) return true;
    const status = outcome === "success" ? success : delivery.status;
    yield* run(decideLate({ ...told, status }));
    Tally.of(batch, counts).move(delivery, delivery.status, status);
    return true;
  }

  function* reviveSome(
    batch: Batch,
    numbers: readonly number[],
    now: number,
    dueAt: number,
  ): Work<Delivery[]> {
    const decided = yield* run(
      build.selectFrom("deliveries").selectAll().where("number", "in", numbers).where("status", "<>", PENDING)
        .compile(),
    );
    const tally = Tally.of(batch, counts);
    const revived: Delivery[] = [];
    for (const row of decided) {
      const fresh = {
        status: PENDING,
        round_start: row.attempts,
        due_at: dueAt,
        leased_until: 0,
        updated_at: now,
      };
      const blocked = yield* comesBehind(row);
      yield* run(
        build.updateTable("deliveries").set({ ...fresh, blocked }).where("number", "=", row.number).compile(),
      );
      tally.move(row, row.status, PENDING);
      revived.push(toDelivery({ ...row, ...fresh, blocked }));
    }
    return revived;
  }

  /** Whether a delivery that becomes pending again has to wait; if not, the one that was first so far has to. */
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
      await db.write(function* (batch) {
        const { deliveryNumber: number, statusCode, error, startedAt } = attempt;
        const told = { number, attempt: attempt.attempt, statusCode, error, startedAt, now };
        if (!(yield* settle(batch, told, state))) return; // removed meanwhile
        const { durationMs, response } = attempt;
        yield* run(
          insertAttempt({
            number,
            attempt: attempt.attempt,
            startedAt,
            durationMs,
            statusCode,
            error,
            response,
          }),
        );
      });
      if (state.status !== "pending") recent.forget(attempt.deliveryNumber);
    },

    async revive(numbers, { now, dueAt }) {
      const revived: Delivery[] = [];
      for (const piece of piecesOf(numbers)) {
        revived.push(...await db.write((batch) => reviveSome(batch, piece, now, dueAt)));
      }
      return revived;
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
        }));
      }),
  };
}
