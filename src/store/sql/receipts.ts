import type { Selectable } from "kysely";
import { type Database, first, run, send } from "./database.ts";
import type { Receipt } from "../messages.ts";
import type { MemberReceipt, Receipts } from "../receipts.ts";
import { hot } from "./hot.ts";

interface ReceiptRow {
  message_id: string;
  participant: string;
  receipt: string;
  delivered_at: number;
  read_at: number | null;
}

export function createReceipts(db: Database): Receipts {
  const build = db.build.withTables<{ readonly member_receipts: ReceiptRow }>();
  const receipts = () => build.selectFrom("member_receipts").selectAll();
  const one = hot((p: { messageId: string; participant: string }) =>
    receipts().where("message_id", "=", p.messageId).where("participant", "=", p.participant)
  );

  return {
    get: (messageId, participant) =>
      db.read(function* () {
        const row = yield* first(one({ messageId, participant }));
        return row && toReceipt(row);
      }),
    put: (receipt) =>
      db.write(function* () {
        const row = toRow(receipt);
        const { receipt: reached, delivered_at, read_at } = row;
        yield* send(
          build.insertInto("member_receipts").values(row).onConflict((conflict) =>
            conflict.columns(["message_id", "participant"]).doUpdateSet({
              receipt: reached,
              delivered_at,
              read_at,
            })
          ).compile(),
        );
      }, { key: `message ${receipt.messageId}` }),
    counts: (messageId) =>
      db.read(function* () {
        const rows = yield* run(
          build.selectFrom("member_receipts").select((
            eb,
          ) => ["receipt", eb.fn.countAll<number>().as("members")])
            .where("message_id", "=", messageId).groupBy("receipt").compile(),
        );
        const of = (receipt: Receipt) => rows.find((row) => row.receipt === receipt)?.members ?? 0;
        const played = of("played");
        const read = played + of("read");
        return { delivered: read + of("delivered"), read, played };
      }),
    list: (messageId, limit) =>
      db.read(function* () {
        const query = receipts().where("message_id", "=", messageId).orderBy("participant").limit(limit);
        return (yield* run(query.compile())).map(toReceipt);
      }),
  };
}

function toRow({ messageId, participant, receipt, deliveredAt, readAt }: MemberReceipt): ReceiptRow {
  return { message_id: messageId, participant, receipt, delivered_at: deliveredAt, read_at: readAt };
}

function toReceipt(row: Selectable<ReceiptRow>): MemberReceipt {
  return {
    messageId: row.message_id,
    participant: row.participant,
    receipt: row.receipt as Receipt, // only `toRow` writes it
    deliveredAt: row.delivered_at,
    readAt: row.read_at,
  };
}
