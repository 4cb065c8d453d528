import { type Selectable, sql } from "kysely";
import type { ReceiptStatus } from "../../events/event.ts";
import { type Database, first, run, send } from "./database.ts";
import type { EarlyStatus, EarlyStatuses } from "../early_statuses.ts";
import { hot, piecesOf } from "./hot.ts";
import { flagOf, fromJson, jsonOf } from "./rows.ts";
import type { OrphanRow } from "./tables.ts";

function toEarlyStatus(row: Selectable<OrphanRow>): EarlyStatus {
  return {
    number: row.number,
    waMessageId: row.wa_message_id,
    status: row.status as ReceiptStatus,
    statusAt: row.status_at,
    recipient: row.recipient,
    error: row.error === null ? null : fromJson(row.error),
    announced: row.announced === 1,
    receivedAt: row.received_at,
  };
}

export function createEarlyStatuses(db: Database): EarlyStatuses {
  const { build } = db;
  const statuses = () => build.selectFrom("orphans").selectAll();
  const known = hot((p: { waMessageId: string }) =>
    build.selectFrom("message_logs").select("id").where("message_id", "=", p.waMessageId)
      .where("message_id", "is not", null).limit(sql.lit(1))
  );

  const insert = hot((p: {
    waMessageId: string;
    status: string;
    statusAt: number | null;
    recipient: string | null;
    error: string | null;
    announced: number;
    receivedAt: number;
  }) =>
    build.insertInto("orphans").values({
      wa_message_id: p.waMessageId,
      status: p.status,
      status_at: p.statusAt,
      recipient: p.recipient,
      error: p.error,
      announced: p.announced,
      received_at: p.receivedAt,
    }).onConflict((conflict) => conflict.doNothing())
  );

  return {
    keep({ waMessageId, status, statusAt, recipient, error, announced, receivedAt }) {
      const row = {
        waMessageId,
        status,
        statusAt,
        recipient,
        error: jsonOf(error),
        announced: flagOf(announced),
        receivedAt,
      };
      return db.write(function* () {
        if ((yield* first(known({ waMessageId }))) !== undefined) return false;
        yield* send(insert(row));
        return true;
      });
    },
    of: (waMessageId) =>
      db.read(function* () {
        const query = statuses().where("wa_message_id", "=", waMessageId).orderBy("number");
        return (yield* run(query.compile())).map(toEarlyStatus);
      }),
    claimed: (limit) =>
      db.read(function* () {
        const query = statuses().where((eb) =>
          eb.exists(
            eb.selectFrom("message_logs").select("id").whereRef("message_id", "=", "orphans.wa_message_id")
              .where("message_id", "is not", null),
          )
        ).orderBy("number").limit(limit);
        return (yield* run(query.compile())).map(toEarlyStatus);
      }),
    unannounced: (before, limit) =>
      db.read(function* () {
        const query = statuses().where("received_at", "<", before).where(sql<boolean>`announced = 0`)
          .where("recipient", "is not", null)
          .orderBy("received_at").limit(limit);
        return (yield* run(query.compile())).map(toEarlyStatus);
      }),
    announced: (numbers) =>
      db.write(function* () {
        for (const piece of piecesOf(numbers)) {
          yield* send(
            build.updateTable("orphans").set({ announced: 1 }).where("number", "in", piece).compile(),
          );
        }
      }),
    remove: (numbers) =>
      db.write(function* () {
        for (const piece of piecesOf(numbers)) {
          yield* send(build.deleteFrom("orphans").where("number", "in", piece).compile());
        }
      }),
    prune: (before, limit) =>
      db.write(function* () {
        const old = build.selectFrom("orphans").select("number").where("received_at", "<", before)
          .orderBy("received_at").limit(limit);
        const query = build.deleteFrom("orphans").where("number", "in", old).returning("number");
        return (yield* run(query.compile())).length;
      }),
  };
}
