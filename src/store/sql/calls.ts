import { sql } from "kysely";
import type { Calls, CallState } from "../calls.ts";
import { type Database, first, run, send } from "./database.ts";

/** Partial indexes are used only for queries that say the same in the same words. */
const ASKED = sql<boolean>`state = 'asked'`;

export function createCalls(db: Database): Calls {
  const { build } = db;
  return {
    ask: ({ id, deviceId, kind, request }, withinMs) =>
      db.write(function* () {
        yield* send(
          build.insertInto("device_calls").values({
            id,
            device_id: deviceId,
            kind,
            request,
            deadline: sql<number>`${db.clockMs} + ${sql.lit(withinMs)}`,
            state: "asked",
            holder: null,
            answer: null,
          }).compile(),
        );
      }, { key: `call ${id}` }),
    take: (holder, deviceIds, limit) =>
      db.write(function* () {
        if (deviceIds.length === 0) return [];
        const asked = build.selectFrom("device_calls").select("number").where("device_id", "in", deviceIds)
          .where(ASKED).where("deadline", ">", db.clockMs).orderBy("number").limit(limit);
        const rows = yield* run(
          build.updateTable("device_calls").set({ state: "taken", holder })
            .where(db.among("number", db.unclaimed(asked)))
            .returning(["number", "id", "device_id", "kind", "request"]).compile(),
        );
        return rows.toSorted((a, b) => a.number - b.number)
          .map(({ id, device_id: deviceId, kind, request }) => ({ id, deviceId, kind, request }));
      }, { key: "calls" }),
    answer: (id, holder, answer) =>
      db.write(function* () {
        const query = build.updateTable("device_calls").set({ state: "done", answer }).where("id", "=", id)
          .where("holder", "=", holder).where("state", "=", "taken").returning("id");
        return (yield* first(query.compile())) !== undefined;
      }, { key: `call ${id}` }),
    outcome: (id) =>
      db.read(function* () {
        const row = yield* first(
          build.selectFrom("device_calls").select(["state", "answer"])
            .select((eb) => eb("deadline", "<=", db.clockMs).as("is_late")).where("id", "=", id).compile(),
        );
        if (row === undefined) return undefined;
        const state = row.state === "asked" && row.is_late ? "lost" : row.state as CallState;
        return { state, answer: row.answer };
      }),
    prune: (olderThanMs, limit) =>
      db.write(function* () {
        const old = build.selectFrom("device_calls").select("number")
          .where("deadline", "<", sql<number>`${db.clockMs} - ${sql.lit(olderThanMs)}`)
          .orderBy("deadline").limit(limit);
        const query = build.deleteFrom("device_calls").where("number", "in", old).returning("number");
        return (yield* run(query.compile())).length;
      }),
  };
}
