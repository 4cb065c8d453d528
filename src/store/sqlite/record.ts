import type { Kysely } from "kysely";
import { type Batch, first, run, type Value, type Work } from "../sql/database.ts";
import { prepareCounts, Tally } from "../sql/delivery_counts.ts";
import { DeliveryOrder } from "../sql/delivery_order.ts";
import { codeOf, FAILED, PENDING, SUCCESS } from "../sql/delivery_row.ts";
import { hot } from "../sql/hot.ts";
import type { RecordEntry } from "../sql/hot_paths.ts";
import type { Fixed } from "../sql/recent_deliveries.ts";
import { roundsOf } from "../sql/rounds.ts";
import type { Tables } from "../sql/tables.ts";
import { insertInto, ManyRows } from "./many_rows.ts";

const TOLD = ["number", "attempt", "status_code", "error", "started_at", "now", "status", "due_at"];
const ATTEMPT = ["delivery_number", "attempt"];
const MADE = ["started_at", "duration_ms", "status_code", "error", "response", "headers"];

/** Writes the attempts that end in one commit, and where their deliveries stand after them. */
export type RecordMany = (batch: Batch, entries: readonly RecordEntry[]) => Work<void>;

export function createRecordMany(build: Kysely<Tables>): RecordMany {
  const counts = prepareCounts(build);
  const order = new DeliveryOrder(build);
  const settlePending = new ManyRows(TOLD, (rows) =>
    `WITH told (${TOLD.join(", ")}) AS (VALUES ${rows}) ` +
    "UPDATE deliveries SET attempts = told.attempt, status_code = told.status_code, error = told.error, " +
    "last_attempt_at = told.started_at, leased_until = 0, updated_at = told.now, status = told.status, " +
    `blocked = CASE told.status WHEN ${PENDING} THEN blocked ELSE 0 END, ` +
    `due_at = CASE WHEN told.status IN (${PENDING}, ${FAILED}) THEN told.due_at ELSE deliveries.due_at END ` +
    `FROM told WHERE deliveries.number = told.number AND deliveries.status = ${PENDING} ` +
    "RETURNING number");
  // the same attempt twice, after a lease ran out in the middle of it: the later one tells how it ended
  const insertAttempts = insertInto(
    "attempts",
    [...ATTEMPT, ...MADE],
    ` ON CONFLICT (${ATTEMPT.join(", ")}) DO UPDATE SET ` +
      MADE.map((name) => `${name} = excluded.${name}`).join(", "),
  );
  const settleDecided = hot((p: {
    number: number;
    attempt: number;
    statusCode: number | null;
    error: string | null;
    startedAt: number;
    now: number;
    status: number;
  }) =>
    build.updateTable("deliveries").set({
      attempts: p.attempt,
      status_code: p.statusCode,
      error: p.error,
      last_attempt_at: p.startedAt,
      leased_until: 0,
      updated_at: p.now,
      status: p.status,
    }).where("number", "=", p.number)
  );
  const fixed = hot((p: { number: number }) =>
    build.selectFrom("deliveries").select(["webhook_id", "device_id", "name", "created_at", "ordering_key"])
      .select(["status", "round_start"]).where("number", "=", p.number)
  );

  /**
   * The delivery was decided meanwhile (cancelled, mostly): an attempt that got through still changes that. False: it
   * was removed.
   */
  function* settleLate(batch: Batch, { attempt, state, now }: RecordEntry): Work<boolean> {
    const { deliveryNumber: number, statusCode, error, startedAt } = attempt;
    const delivery = yield* first(fixed({ number }));
    if (delivery === undefined) return false;
    if (delivery.status === SUCCESS) return true;
    const status = state.status === "success" ? SUCCESS : delivery.status;
    yield* run(
      settleDecided({ number, attempt: attempt.attempt, statusCode, error, startedAt, now, status }),
    );
    Tally.of(batch, counts).move(delivery, delivery.status, status);
    return true;
  }

  function* fixedOf({ known, attempt: { deliveryNumber: number } }: RecordEntry): Work<Fixed> {
    if (known !== undefined) return known;
    const row = yield* first(fixed({ number }));
    if (row === undefined) throw new Error(`Cannot count delivery ${number}: it is gone`);
    return { ...row, recovering: row.round_start < 0 };
  }

  /** Settles one outcome each of several deliveries; gives those whose delivery still exists. */
  function* settle(batch: Batch, entries: readonly RecordEntry[]): Work<readonly RecordEntry[]> {
    const told: Value[] = [];
    for (const { attempt, state, now } of entries) {
      const dueAt = state.status === "pending"
        ? state.dueAt
        : "recoverAt" in state
        ? state.recoverAt ?? 0
        : 0;
      told.push(attempt.deliveryNumber, attempt.attempt, attempt.statusCode, attempt.error);
      told.push(attempt.startedAt, now, codeOf(state.status), dueAt);
    }
    const settled = new Set<number>();
    for (const { number } of yield* settlePending.all<{ number: number }>(told)) settled.add(number);
    const tally = Tally.of(batch, counts);
    const opened = new Map<string, Fixed>();
    const kept: RecordEntry[] = [];
    for (const entry of entries) {
      if (!settled.has(entry.attempt.deliveryNumber)) {
        if (yield* settleLate(batch, entry)) kept.push(entry);
        continue;
      }
      kept.push(entry);
      if (entry.state.status === "pending") continue;
      const delivery = yield* fixedOf(entry);
      tally.move(delivery, delivery.recovering ? FAILED : PENDING, codeOf(entry.state.status));
      const { webhook_id, ordering_key } = delivery;
      if (ordering_key !== null) opened.set(`${webhook_id} ${ordering_key}`, delivery);
    }
    for (const { webhook_id, ordering_key } of opened.values()) {
      if (ordering_key !== null) yield* order.open(webhook_id, ordering_key);
    }
    return kept;
  }

  return function* (batch, entries) {
    for (const round of roundsOf(entries, ({ attempt }) => attempt.deliveryNumber)) {
      const made: Value[] = [];
      for (const { attempt } of yield* settle(batch, round)) {
        const { deliveryNumber, startedAt, durationMs, statusCode, error, response, headers } = attempt;
        made.push(deliveryNumber, attempt.attempt, startedAt, durationMs, statusCode, error, response);
        made.push(headers === undefined ? null : JSON.stringify(headers));
      }
      yield* insertAttempts.run(made);
    }
  };
}
