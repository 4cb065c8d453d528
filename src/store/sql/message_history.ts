import { sql } from "kysely";
import { type Database, first, run } from "../database.ts";
import type { MessageCount, MessageHistory } from "../message_history.ts";
import { utcText } from "./times.ts";

export function createMessageHistory(db: Database): MessageHistory {
  const { build } = db;
  return {
    byDay: (tenantId, since) =>
      db.read(function* () {
        let query = build.selectFrom("message_counts").select(["date", "channel", "status", "count"])
          .where("tenant_id", "=", tenantId).where("count", ">", 0).orderBy("date", "desc").orderBy("channel")
          .orderBy("status");
        if (since !== undefined) query = query.where("date", ">=", utcText(since).slice(0, 10));
        return (yield* run(query.compile())) as readonly MessageCount[]; // only triggers on `message_logs` write them
      }),
    failedSince: (since, atMost) =>
      db.read(function* () {
        const failed = build.selectFrom("message_logs").select("id").where("updated_ms", ">=", since)
          .where(sql<boolean>`status = 'failed'`).limit(atMost);
        const query = build.selectFrom(failed.as("failed")).select((eb) =>
          eb.fn.countAll<number>().as("count")
        );
        return (yield* first(query.compile()))?.count ?? 0;
      }),
    prune: (tenantId, before, limit) =>
      db.write(function* () {
        const old = build.selectFrom("message_logs").select("id").where("tenant_id", "=", tenantId)
          .where("status", "in", ["sent", "failed"]).where("created_ms", "<", before).orderBy("id").limit(
            limit,
          );
        const query = build.deleteFrom("message_logs").where("id", "in", old).returning("id");
        return (yield* run(query.compile())).length;
      }),
  };
}
