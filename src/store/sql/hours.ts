import { DURATION_ENDS_MS, type Hours } from "../hours.ts";
import { type Database, run, send } from "./database.ts";

const SPANS = DURATION_ENDS_MS.length + 1;
const DURATIONS = Array.from({ length: SPANS }, (_, span) => `d${span}` as `d${number}`);

const COUNTS = ["first", "retried", "failed", ...DURATIONS] as const;
/** Rows of one statement: within what SQLite takes of parameters. */
const ROWS_AT_ONCE = 200;

export function createHours(db: Database): Hours {
  const { build } = db;
  return {
    add: ({ attempts, events }) =>
      db.write(function* () {
        // in one order and in few statements: other gateways count in the same rows
        const attemptRows = attempts.map(({ webhookId, hour, first, retried, failed, durations }) => ({
          webhook_id: webhookId,
          hour,
          first,
          retried,
          failed,
          ...durationColumns(durations),
        })).toSorted((a, b) =>
          a.webhook_id < b.webhook_id ? -1 : a.webhook_id > b.webhook_id ? 1 : a.hour - b.hour
        );
        for (const rows of piecesOf(attemptRows)) {
          yield* send(
            build.insertInto("attempt_hours").values(rows)
              .onConflict((conflict) =>
                conflict.columns(["webhook_id", "hour"]).doUpdateSet((eb) =>
                  Object.fromEntries(
                    COUNTS.map((
                      name,
                    ) => [name, eb(`attempt_hours.${name}`, "+", eb.ref(`excluded.${name}`))]),
                  )
                )
              ).compile(),
          );
        }
        const keyOf = ({ tenantId, hour, deviceId, type }: (typeof events)[number]) =>
          `${tenantId} ${hour} ${deviceId ?? ""} ${type}`;
        const eventRows = events.toSorted((a, b) => keyOf(a) < keyOf(b) ? -1 : 1)
          .map(({ tenantId, deviceId, type, hour, count }) => ({
            tenant_id: tenantId,
            device_id: deviceId ?? "",
            type,
            hour,
            count,
          }));
        for (const rows of piecesOf(eventRows)) {
          yield* send(
            build.insertInto("event_hours").values(rows)
              .onConflict((conflict) =>
                conflict.columns(["tenant_id", "hour", "device_id", "type"]).doUpdateSet((eb) => ({
                  count: eb("event_hours.count", "+", eb.ref("excluded.count")),
                }))
              ).compile(),
          );
        }
      }, { lane: "counts" }),

    attempts: (webhookIds, { from, to }) =>
      db.read(function* () {
        if (webhookIds.length === 0) return [];
        const rows = yield* run(
          build.selectFrom("attempt_hours").select("hour")
            .select((eb) => [
              eb.fn.sum<number>("first").as("first"),
              eb.fn.sum<number>("retried").as("retried"),
              eb.fn.sum<number>("failed").as("failed"),
              ...DURATIONS.map((name) => eb.fn.sum<number>(name).as(name)),
            ])
            .where("webhook_id", "in", webhookIds).where("hour", ">=", from).where("hour", "<", to)
            .groupBy("hour").orderBy("hour").compile(),
        );
        return rows.map((row) => ({
          hour: row.hour,
          first: row.first,
          retried: row.retried,
          failed: row.failed,
          durations: DURATIONS.map((name) => row[name]),
        }));
      }),

    events: ({ tenantId, deviceId, types }, { from, to }) =>
      db.read(function* () {
        if (types.length === 0) return [];
        let query = build.selectFrom("event_hours").select(["hour", "type"])
          .select((eb) => eb.fn.sum<number>("count").as("count"))
          .where("tenant_id", "=", tenantId).where("hour", ">=", from).where("hour", "<", to)
          .where("type", "in", types);
        if (deviceId !== undefined) query = query.where("device_id", "=", deviceId);
        return [...yield* run(query.groupBy(["hour", "type"]).compile())];
      }),

    eventsByDevice: ({ tenantId, types }, { from, to }) =>
      db.read(function* () {
        if (types.length === 0) return new Map();
        const rows = yield* run(
          build.selectFrom("event_hours").select("device_id")
            .select((eb) => eb.fn.sum<number>("count").as("count"))
            .where("tenant_id", "=", tenantId).where("hour", ">=", from).where("hour", "<", to)
            .where("type", "in", types).where("device_id", "<>", "").groupBy("device_id").compile(),
        );
        return new Map(rows.map((row) => [row.device_id, row.count]));
      }),

    prune: (before, limit) =>
      db.write(function* () {
        const attempts = yield* run(
          build.deleteFrom("attempt_hours").where(
            (eb) =>
              eb(
                eb.refTuple("webhook_id", "hour"),
                "in",
                build.selectFrom("attempt_hours")
                  .select(["webhook_id", "hour"]).where("hour", "<", before).limit(limit).$asTuple(
                    "webhook_id",
                    "hour",
                  ),
              ),
          ).returning("hour").compile(),
        );
        const events = yield* run(
          build.deleteFrom("event_hours").where(
            (eb) =>
              eb(
                eb.refTuple("tenant_id", "hour", "device_id", "type"),
                "in",
                build.selectFrom("event_hours").select(["tenant_id", "hour", "device_id", "type"])
                  .where("hour", "<", before).limit(limit).$asTuple("tenant_id", "hour", "device_id", "type"),
              ),
          ).returning("hour").compile(),
        );
        return attempts.length + events.length;
      }),
  };
}

function durationColumns(durations: readonly number[]): Record<`d${number}`, number> {
  return Object.fromEntries(DURATIONS.map((name, span) => [name, durations[span] ?? 0]));
}

function piecesOf<T>(list: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / ROWS_AT_ONCE);
  return Array.from(
    { length: count },
    (_, index) => list.slice(index * ROWS_AT_ONCE, (index + 1) * ROWS_AT_ONCE),
  );
}
