import type { Selectable } from "kysely";
import type { ShortLived, ShortLivedThing } from "../short_lived.ts";
import { type Database, first, run, send } from "./database.ts";
import type { ShortLivedRow } from "./tables.ts";

function toThing(row: Selectable<ShortLivedRow>): ShortLivedThing {
  return {
    kind: row.kind,
    id: row.id,
    tenantId: row.tenant_id,
    about: row.about,
    body: row.body,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

export function createShortLived(db: Database): ShortLived {
  const { build } = db;
  return {
    put: ({ kind, id, tenantId, about, body, createdAt, expiresAt }) =>
      db.write(function* () {
        const values = { tenant_id: tenantId, about, body, created_at: createdAt, expires_at: expiresAt };
        yield* send(
          build.insertInto("short_lived").values({ kind, id, ...values })
            .onConflict((conflict) =>
              conflict.columns(["kind", "id"]).doUpdateSet({ about, body, expires_at: expiresAt })
                .where("short_lived.tenant_id", "=", tenantId)
            ).compile(),
        );
      }),
    get: (kind, id, now) =>
      db.read(function* () {
        const query = build.selectFrom("short_lived").selectAll()
          .where("kind", "=", kind).where("id", "=", id).where("expires_at", ">", now);
        const row = yield* first(query.compile());
        return row && toThing(row);
      }),
    about: (kind, about, now) =>
      db.read(function* () {
        const query = build.selectFrom("short_lived").selectAll()
          .where("kind", "=", kind).where("about", "=", about).where("expires_at", ">", now)
          .orderBy("created_at", "desc").limit(1);
        const row = yield* first(query.compile());
        return row && toThing(row);
      }),
    removeAbout: (kind, about) =>
      db.write(function* () {
        const query = build.deleteFrom("short_lived").where("kind", "=", kind).where("about", "=", about);
        return (yield* run(query.returning("id").compile())).length;
      }),
    trim: (kind, tenantId, most) =>
      db.write(function* () {
        const rows = yield* run(
          build.selectFrom("short_lived").select("id").where("kind", "=", kind).where(
            "tenant_id",
            "=",
            tenantId,
          )
            .orderBy("created_at", "desc").compile(),
        );
        const old = rows.slice(most).map(({ id }) => id);
        if (old.length === 0) return;
        yield* send(
          build.deleteFrom("short_lived").where("kind", "=", kind).where("id", "in", old).compile(),
        );
      }),
    prune: (before, limit) =>
      db.write(function* () {
        const old = build.selectFrom("short_lived").select(["kind", "id"]).where("expires_at", "<", before)
          .limit(limit);
        const query = build.deleteFrom("short_lived")
          .where((eb) => eb(eb.refTuple("kind", "id"), "in", old.$asTuple("kind", "id")));
        return (yield* run(query.returning("id").compile())).length;
      }),
  };
}
