import { type Selectable, sql } from "kysely";
import { type Database, first, run, send } from "./database.ts";
import type { Replay, Replays } from "../replays.ts";
import { fromJson, jsonOf } from "./rows.ts";
import type { ReplayRow } from "./tables.ts";

/** As the index of those under way has it. */
const RUNNING = sql.lit("running");

function toReplay(row: Selectable<ReplayRow>): Replay {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    status: row.status as Replay["status"],
    filter: fromJson(row.filter),
    total: row.total,
    looked: row.looked,
    replayed: row.replayed,
    after: row.after_number,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

export function createReplays(db: Database): Replays {
  const { build } = db;
  return {
    create: (replay) =>
      db.write(function* () {
        yield* send(
          build.insertInto("replays").values({
            id: replay.id,
            tenant_id: replay.tenantId,
            status: replay.status,
            filter: jsonOf(replay.filter),
            total: replay.total,
            looked: replay.looked,
            replayed: replay.replayed,
            after_number: replay.after,
            holder: null,
            held_until: 0,
            started_at: replay.startedAt,
            finished_at: replay.finishedAt,
          }).compile(),
        );
      }),
    get: (id) =>
      db.read(function* () {
        const row = yield* first(build.selectFrom("replays").selectAll().where("id", "=", id).compile());
        return row && toReplay(row);
      }),
    list: (tenantId, limit) =>
      db.read(function* () {
        const query = build.selectFrom("replays").selectAll().where("tenant_id", "=", tenantId)
          .orderBy("started_at", "desc").limit(limit);
        return (yield* run(query.compile())).map(toReplay);
      }),
    claim: (id, { holder, now, until }) =>
      db.write(function* () {
        const row = yield* first(
          build.updateTable("replays").set({ holder, held_until: until }).where("id", "=", id)
            .where("status", "=", RUNNING)
            .where((eb) => eb.or([eb("held_until", "<=", now), eb("holder", "=", holder)]))
            .returningAll().compile(),
        );
        return row && toReplay(row);
      }),
    free: (now, limit) =>
      db.read(function* () {
        const query = build.selectFrom("replays").selectAll().where("status", "=", RUNNING)
          .where("held_until", "<=", now).orderBy("held_until").limit(limit);
        return (yield* run(query.compile())).map(toReplay);
      }),
    progress: (id, { looked, replayed, after }) =>
      db.write(function* () {
        yield* send(
          build.updateTable("replays").set({ looked, replayed, after_number: after }).where("id", "=", id)
            .where("status", "=", RUNNING).compile(),
        );
      }),
    finish: (id, status, now) =>
      db.write(function* () {
        yield* send(
          build.updateTable("replays").set({ status, finished_at: now }).where("id", "=", id)
            .where("status", "=", RUNNING).compile(),
        );
        const row = yield* first(build.selectFrom("replays").selectAll().where("id", "=", id).compile());
        return row && toReplay(row);
      }),
    prune: (before, limit) =>
      db.write(function* () {
        const old = build.selectFrom("replays").select("id").where("finished_at", "<", before)
          .orderBy("finished_at").limit(limit);
        return (yield* run(build.deleteFrom("replays").where("id", "in", old).returning("id").compile()))
          .length;
      }),
  };
}
