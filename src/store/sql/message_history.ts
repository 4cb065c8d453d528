import { sql } from "kysely";
import { type Database, first, run, type Work } from "./database.ts";
import type { MessageStatus } from "../messages.ts";
import type { MessageCount, MessageHistory } from "../message_history.ts";
import { piecesOf } from "./hot.ts";
import { utcText } from "./times.ts";

/** Messages that are looked at in one go. */
const STEP = 500;
/** What is never touched again. */
const ENDED: readonly MessageStatus[] = ["sent", "failed", "cancelled"];

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
          .where("status", "in", ENDED).where("created_ms", "<", before)
          .where((eb) => eb.or([eb("send_at", "is", null), eb("send_at", "<", before)])).orderBy("id").limit(
            limit,
          );
        const query = build.deleteFrom("message_logs").where("id", "in", old).returning("id");
        return (yield* run(query.compile())).length;
      }),
    async pruneAll(before, limit) {
      let removed = 0;
      let after = 0;
      while (removed < limit) {
        const { ids, last } = await db.read(() => oldOnes(db, { after, before, limit: limit - removed }));
        for (const piece of piecesOf(ids)) {
          removed += await db.write(function* () {
            const query = build.deleteFrom("message_logs").where("id", "in", piece)
              .where("status", "in", ENDED).returning("id");
            return (yield* run(query.compile())).length;
          });
        }
        if (last === undefined) break;
        after = last;
      }
      return removed;
    },
  };
}

/** The next messages that can go, and the last that was looked at: undefined when only young ones follow. */
function* oldOnes(
  { build }: Database,
  { after, before, limit }: { readonly after: number; readonly before: number; readonly limit: number },
): Work<{ readonly ids: readonly number[]; readonly last?: number }> {
  const rows = yield* run(
    build.selectFrom("message_logs").select(["id", "status", "created_ms", "send_at"]).select((eb) =>
      eb.exists(
        eb.selectFrom("blasts").select("blasts.number").whereRef("blasts.id", "=", "message_logs.blast_id")
          .where((blast) => blast.or([blast("finished_at", "is", null), blast("finished_at", ">=", before)])),
      ).as("in_use")
    ).where("id", ">", after).orderBy("id").limit(Math.min(STEP, limit)).compile(),
  );
  const old = rows.filter((row) => row.created_ms < before);
  const ids = old.filter(({ status, in_use, send_at }) =>
    !in_use && ENDED.some((one) => one === status) && (send_at ?? 0) < before
  );
  // clocks are set back now and then, so one young message in between does not end it
  return { ids: ids.map(({ id }) => id), last: old.length === 0 ? undefined : rows[rows.length - 1].id };
}
