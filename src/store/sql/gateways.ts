import { type Selectable, sql } from "kysely";
import { type Database, first, run, send, type Work } from "./database.ts";
import type { GatewayRow, Gateways } from "../gateways.ts";
import { flagOf } from "./rows.ts";
import type { GatewayTableRow } from "./tables.ts";

export function createGateways(db: Database): Gateways {
  const { build } = db;
  return {
    async join(gateway, instead) {
      const number = await db.write(function* () {
        if (db.lockNames === undefined) yield* removeAll(db);
        else if (instead !== undefined) yield* removeGateway(db, instead);
        const { id, name, roles, weight, settingsDigest: settings_digest, version, startedAt } = gateway;
        const row = yield* first(
          build.insertInto("gateways").values({
            id,
            name,
            roles,
            weight,
            draining: 0,
            settings_digest,
            version,
            started_at: startedAt,
            beat: 0,
          }).returning("number").compile(),
        );
        return row?.number;
      }, { lane: "pulse" });
      if (number !== undefined) db.leases.joined(number);
    },
    beat: (id) =>
      db.write(function* () {
        const query = build.updateTable("gateways").set({ beat: sql`beat + 1` }).where("id", "=", id)
          .returning("beat");
        return (yield* first(query.compile())) !== undefined;
      }, { key: `gateway ${id}`, lane: "pulse" }),
    setDraining: (id, draining) =>
      db.write(function* () {
        const query = build.updateTable("gateways").set({ draining: flagOf(draining) }).where("id", "=", id)
          .returning("id");
        return (yield* first(query.compile())) !== undefined;
      }, { lane: "pulse" }),
    all: () =>
      db.read(function* () {
        return (yield* run(build.selectFrom("gateways").selectAll().orderBy("number").compile())).map(
          toGateway,
        );
      }),
    remove: (id, seen) => db.write(() => removeGateway(db, id, seen), { lane: "pulse" }),
  };
}

/** Removes a gateway and lets go of what it holds, in this order: a claim that it makes meanwhile is seen. */
function* removeGateway(db: Database, id: string, seen?: number): Work<boolean> {
  let gone = db.build.deleteFrom("gateways").where("id", "=", id).returning("id");
  if (seen !== undefined) gone = gone.where("beat", "=", seen);
  if ((yield* first(gone.compile())) === undefined) return false;
  yield* send(
    db.build.updateTable("leases")
      .set({ holder: null, epoch: sql`epoch + 1`, prefer: null, free_since: db.clockMs })
      .where("holder", "=", id).where("holder", "is not", null).compile(),
  );
  yield* send(
    db.build.updateTable("device_calls").set({ state: "lost" }).where("holder", "=", id)
      .where(sql<boolean>`state = 'taken'`).compile(),
  );
  return true;
}

function* removeAll(db: Database): Work<void> {
  for (const { id } of yield* run(db.build.selectFrom("gateways").select("id").compile())) {
    yield* removeGateway(db, id);
  }
}

function toGateway(row: Selectable<GatewayTableRow>): GatewayRow {
  return {
    id: row.id,
    name: row.name,
    roles: row.roles,
    weight: row.weight,
    settingsDigest: row.settings_digest,
    version: row.version,
    startedAt: row.started_at,
    beat: row.beat,
    draining: row.draining === 1,
  };
}
