import { type Selectable, sql } from "kysely";
import { type Database, first, run, send, type Work } from "./database.ts";
import type { HeldLease, Lease, Leases } from "../leases.ts";
import { afterAll } from "./prefixes.ts";
import { flagOf } from "./rows.ts";
import type { LeaseRow } from "./tables.ts";

/** Not among the facts: they lock the row of their gateway, which its beats write. */
const PULSE = { lane: "pulse" } as const;

export function createLeases(db: Database): Leases {
  const { build } = db;
  const leases = () => build.selectFrom("leases").selectAll();

  /** False when the holder is not entered any more. It cannot be removed before the commit. */
  function* isEntered(holder: string): Work<boolean> {
    const query = db.shared(build.selectFrom("gateways").select("id").where("id", "=", holder));
    return (yield* first(query.compile())) !== undefined;
  }
  const taking = (holder: string) =>
    build.updateTable("leases").set({ holder, epoch: sql`epoch + 1`, prefer: null, free_since: null })
      .where("holder", "is", null).returning(["name", "epoch"]);

  return {
    want: (names, wanted) =>
      db.write(function* () {
        for (const name of [...new Set(names)].sort()) {
          yield* send(
            build.insertInto("leases")
              .values({
                name,
                holder: null,
                epoch: 0,
                wanted: flagOf(wanted),
                prefer: null,
                free_since: null,
              })
              .onConflict((conflict) => conflict.column("name").doUpdateSet({ wanted: flagOf(wanted) }))
              .compile(),
          );
        }
      }, PULSE),
    remove: (name) =>
      db.write(function* () {
        yield* send(build.deleteFrom("leases").where("name", "=", name).compile());
      }, PULSE),
    list: (prefix) =>
      db.read(function* () {
        const query = leases().where("name", ">=", prefix).where("name", "<", afterAll(prefix)).orderBy(
          "name",
        );
        return (yield* run(query.compile())).map(toLease);
      }),
    get: (name) =>
      db.read(function* () {
        const row = yield* first(leases().where("name", "=", name).compile());
        return row && toLease(row);
      }),
    claim: (holder, { prefix, limit, patienceMs }) =>
      db.write(function* () {
        if (limit <= 0 || !(yield* isEntered(holder))) return [];
        const free = build.selectFrom("leases").select("name").where("wanted", "=", 1)
          .where("holder", "is", null).where("name", ">=", prefix).where("name", "<", afterAll(prefix))
          .where((eb) =>
            eb.or([
              eb("prefer", "is", null),
              eb("prefer", "=", holder),
              eb("free_since", "<=", sql<number>`${db.clockMs} - ${sql.lit(patienceMs)}`),
            ])
          ).orderBy((eb) => eb.case().when("prefer", "=", holder).then(0).else(1).end()).orderBy("name")
          .limit(limit);
        const rows = yield* run(taking(holder).where(db.among("name", db.unclaimed(free))).compile());
        return rows.map(({ name, epoch }) => ({ name, holder, epoch })).sort((a, b) =>
          a.name < b.name ? -1 : 1
        );
      }, PULSE),
    take: (name, holder) =>
      db.write(function* (): Work<HeldLease | undefined> {
        if (!(yield* isEntered(holder))) return undefined;
        yield* send(
          build.insertInto("leases")
            .values({ name, holder: null, epoch: 0, wanted: 1, prefer: null, free_since: null })
            .onConflict((conflict) => conflict.column("name").doNothing()).compile(),
        );
        const taken = yield* first(taking(holder).where("name", "=", name).compile());
        if (taken !== undefined) return { name, holder, epoch: taken.epoch };
        const row = yield* first(leases().where("name", "=", name).compile());
        return row?.holder === holder ? { name, holder, epoch: row.epoch } : undefined;
      }, PULSE),
    giveBack: (given, prefer) =>
      db.write(function* () {
        for (const { name, holder, epoch } of given.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
          yield* send(
            build.updateTable("leases")
              .set({ holder: null, epoch: epoch + 1, prefer: prefer ?? null, free_since: db.clockMs })
              .where("name", "=", name).where("holder", "=", holder).where("epoch", "=", epoch).compile(),
          );
        }
      }, PULSE),
    stillHeld: (given) =>
      db.read(function* () {
        if (given.length === 0) return [];
        const rows = yield* run(
          build.selectFrom("leases").select(["name", "holder", "epoch"])
            .where("name", "in", given.map(({ name }) => name)).compile(),
        );
        const now = new Map(rows.map((row) => [row.name, row]));
        return given.filter(({ name, holder, epoch }) => {
          const row = now.get(name);
          return row?.holder === holder && row.epoch === epoch;
        });
      }),
  };
}

function toLease(row: Selectable<LeaseRow>): Lease {
  return {
    name: row.name,
    holder: row.holder,
    epoch: row.epoch,
    wanted: row.wanted === 1,
    prefer: row.prefer,
  };
}
