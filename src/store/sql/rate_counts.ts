import type { RateCounts } from "../rate_counts.ts";
import { type Database, first, run } from "./database.ts";

export function createRateCounts(db: Database): RateCounts {
  const { build } = db;
  return {
    async add(hits) {
      if (hits.length === 0) return [];
      const rows = hits.map(({ name, key, endsAt: ends_at, hits }) => ({ name, key, ends_at, hits }))
        // in one order: other gateways count in the same rows
        .toSorted((a, b) => a.name < b.name || (a.name === b.name && a.key < b.key) ? -1 : 1);
      return await db.write(function* () {
        const query = build.insertInto("rate_hits").values(rows)
          .onConflict((conflict) =>
            conflict.columns(["name", "key", "ends_at"]).doUpdateSet((eb) => ({
              hits: eb("rate_hits.hits", "+", eb.ref("excluded.hits")),
            }))
          )
          .returning(["name", "key", "ends_at", "hits"]);
        return (yield* run(query.compile()))
          .map(({ name, key, ends_at: endsAt, hits }) => ({ name, key, endsAt, hits }));
      }, { lane: "counts" });
    },
    now: () =>
      db.read(function* () {
        return (yield* first(build.selectNoFrom(db.clockMs.as("now")).compile()))!.now; // one row without a table
      }),
    prune: (before, limit) =>
      db.write(function* () {
        const old = build.selectFrom("rate_hits").select(["name", "key", "ends_at"])
          .where("ends_at", "<", before).limit(limit);
        const query = build.deleteFrom("rate_hits").where((eb) =>
          eb(eb.refTuple("name", "key", "ends_at"), "in", old.$asTuple("name", "key", "ends_at"))
        );
        return (yield* run(query.returning("name").compile())).length;
      }, { lane: "counts" }),
  };
}
