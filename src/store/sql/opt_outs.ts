import type { Selectable } from "kysely";
import { spellingsOf } from "../../events/spellings.ts";
import type { TenantId } from "../../ids.ts";
import type { News } from "../news.ts";
import { type Addresses, OPT_OUTS, type OptOut, type OptOuts } from "../opt_outs.ts";
import { type Database, first, run, send, type Work } from "./database.ts";
import { hot } from "./hot.ts";
import { hold } from "./locks.ts";
import { fromJson, jsonOf } from "./rows.ts";
import type { OptOutRow } from "./tables.ts";

function toOptOut(row: Selectable<OptOutRow>): OptOut {
  const { number, pn, lid, reason } = row;
  return { number, pn, lid, reason, source: row.source as OptOut["source"], at: row.created_at };
}

/** Who wants no more, on a database of any engine; `news` hears of changed words. */
export function createOptOuts(db: Database, news: News): OptOuts {
  const { build } = db;
  const rows = () => build.selectFrom("opt_outs").selectAll();
  const byPn = hot((p: { tenantId: string; pn: string }) =>
    rows().where("tenant_id", "=", p.tenantId).where("pn", "=", p.pn).where("pn", "is not", null)
  );
  const byLid = hot((p: { tenantId: string; lid: string }) =>
    rows().where("tenant_id", "=", p.tenantId).where("lid", "=", p.lid).where("lid", "is not", null)
  );

  /**
   * Somebody's entries, whichever spelling of the number they have: several when it was not known yet that they are one
   * person's.
   */
  function* entriesOf(tenantId: TenantId, { pn, lid }: Addresses): Work<readonly OptOut[]> {
    const found = lid === null ? [] : [...yield* run(byLid({ tenantId, lid }))];
    for (const spelling of pn === null ? [] : spellingsOf(pn)) {
      found.push(...yield* run(byPn({ tenantId, pn: spelling })));
    }
    return [...new Map(found.map((row) => [row.number, toOptOut(row)])).values()];
  }

  function* removeAll(entries: readonly OptOut[]): Work<void> {
    for (const { number } of entries) {
      yield* send(build.deleteFrom("opt_outs").where("number", "=", number).compile());
    }
  }

  return {
    add: (tenantId, optOut) =>
      db.write(function* () {
        yield* hold(db, [`opt_outs ${tenantId}`]);
        const known = yield* entriesOf(tenantId, optOut);
        const oldest = known.toSorted((a, b) => a.number - b.number)[0];
        const { reason, source } = oldest ?? optOut;
        // A word to opt in counts when it is newer. What is entered once more, as a list every night, is no new wish.
        const said = oldest === undefined || optOut.source === "message" ? [...known, optOut] : known;
        const at = Math.max(...said.map((one) => one.at));
        const spellings = optOut.pn === null ? [] : spellingsOf(optOut.pn);
        const pn = known.find((entry) => entry.pn !== null && spellings.includes(entry.pn))?.pn ??
          optOut.pn ??
          known.find((entry) => entry.pn !== null)?.pn ?? null;
        const lid = optOut.lid ?? known.find((entry) => entry.lid !== null)?.lid ?? null;
        if (known.length === 1 && oldest.pn === pn && oldest.lid === lid && oldest.at === at) {
          return { optOut: oldest, added: false };
        }
        yield* removeAll(known);
        const row = yield* first(
          build.insertInto("opt_outs").values({
            ...(oldest === undefined ? {} : { number: oldest.number }),
            tenant_id: tenantId,
            pn,
            lid,
            reason,
            source,
            created_at: at,
          }).returningAll().compile(),
        );
        if (row === undefined) throw new TypeError("Cannot enter an opt-out: nothing was stored");
        return { optOut: toOptOut(row), added: oldest === undefined };
      }, { key: `opt_outs ${tenantId}` }),
    find: (tenantId, person) =>
      db.read(function* () {
        return (yield* entriesOf(tenantId, person))[0];
      }),
    remove: (tenantId, person) =>
      db.write(function* () {
        yield* hold(db, [`opt_outs ${tenantId}`]);
        const known = yield* entriesOf(tenantId, person);
        yield* removeAll(known);
        return known[0];
      }, { key: `opt_outs ${tenantId}` }),
    list: (tenantId, { limit, before }) =>
      db.read(function* () {
        let query = rows().where("tenant_id", "=", tenantId).orderBy("number", "desc").limit(limit);
        if (before !== undefined) query = query.where("number", "<", before);
        return (yield* run(query.compile())).map(toOptOut);
      }),
    settings: (tenantId) =>
      db.read(function* () {
        const query = build.selectFrom("opt_out_settings").select("value").where("tenant_id", "=", tenantId);
        const row = yield* first(query.compile());
        return row && fromJson(row.value);
      }),
    async saveSettings(tenantId, settings) {
      const value = jsonOf(settings);
      await db.write(function* () {
        yield* send(
          build.insertInto("opt_out_settings").values({ tenant_id: tenantId, value })
            .onConflict((conflict) => conflict.column("tenant_id").doUpdateSet({ value })).compile(),
        );
      }, { key: `opt_out_settings ${tenantId}` });
      news.tell(OPT_OUTS, tenantId);
    },
  };
}
