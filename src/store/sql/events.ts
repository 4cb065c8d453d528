import type { Selectable } from "kysely";
import type { KabarEvent } from "../../events/event.ts";
import { type Database, first, run, type Work } from "./database.ts";
import type { Events } from "../events.ts";
import { createAppend } from "./append.ts";
import { listEvents } from "./event_list.ts";
import { lastNumber } from "./event_numbers.ts";
import { hot, piecesOf } from "./hot.ts";
import { pruneEvents } from "./pruning.ts";
import { idsBeginning } from "./prefixes.ts";
import type { RecentDeliveries } from "./recent_deliveries.ts";
import { fromJson } from "./rows.ts";
import type { EventRow } from "./tables.ts";

function toEvent(row: Selectable<EventRow>): KabarEvent {
  return {
    seq: row.seq,
    tenantSeq: row.tenant_seq,
    id: row.id,
    type: row.type,
    tenantId: row.tenant_id,
    device: row.device_id === null ? null : { id: row.device_id, alias: row.device_alias },
    at: row.at,
    data: fromJson(row.data),
  } as KabarEvent; // the columns were written from one
}

export function createEvents(db: Database, recent: RecentDeliveries): Events {
  const { build } = db;
  const byId = hot((p: { id: string }) => build.selectFrom("events").selectAll().where("id", "=", p.id));

  function* bySeq(seqs: readonly number[]): Work<ReadonlyMap<number, KabarEvent>> {
    const found = new Map<number, KabarEvent>();
    for (const piece of piecesOf(seqs)) {
      const rows = yield* run(build.selectFrom("events").selectAll().where("seq", "in", piece).compile());
      for (const row of rows) found.set(row.seq, toEvent(row));
    }
    return found;
  }

  return {
    ...createAppend(db, recent),
    get: (id) =>
      db.read(function* () {
        const row = yield* first(byId({ id }));
        return row && toEvent(row);
      }),
    beginning: (tenantId, prefix, limit) =>
      db.read(function* () {
        const place = { table: "events", column: "id" } as const;
        const ids = yield* idsBeginning(db, place, { tenantId, prefix, limit });
        if (ids.length === 0) return [];
        const rows = yield* run(
          build.selectFrom("events").selectAll().where("id", "in", piecesOf(ids)[0]).compile(),
        );
        return rows.map(toEvent).sort((a, b) => b.seq - a.seq);
      }),
    byDedupeKey: (tenantId, dedupeKey) =>
      db.read(function* () {
        const query = build.selectFrom("events").selectAll().where("tenant_id", "=", tenantId)
          .where("dedupe_key", "=", dedupeKey).where("dedupe_key", "is not", null);
        const row = yield* first(query.compile());
        return row && toEvent(row);
      }),
    bySeq: (seqs) => db.read(() => bySeq(seqs)),
    byDedupePrefix: (tenantId, prefix, limit) =>
      db.read(function* () {
        const query = build.selectFrom("events").selectAll().where("tenant_id", "=", tenantId)
          .where("dedupe_key", "is not", null).where("dedupe_key", ">=", prefix)
          .where("dedupe_key", "<", `${prefix}\uffff`).limit(limit);
        return (yield* run(query.compile())).map(toEvent).sort((a, b) => a.seq - b.seq);
      }),
    async list(filter) {
      const seqs = await listEvents(db, filter);
      const found = await db.read(() => bySeq(seqs));
      return seqs.flatMap((seq) => found.get(seq) ?? []);
    },
    range: (tenantId) =>
      db.read(function* () {
        const oldest = yield* first(
          build.selectFrom("events").select("tenant_seq").where("tenant_id", "=", tenantId).orderBy(
            "tenant_seq",
          )
            .limit(1).compile(),
        );
        return { oldest: oldest?.tenant_seq ?? 0, newest: yield* lastNumber(db, tenantId) };
      }),
    prune: (before, limit) => pruneEvents(db, before, limit),
  };
}
