import { sql } from "kysely";
import type { DeviceId } from "../../ids.ts";
import { type ChatRead, type ChatReads, MOST_UNREAD, type Unread } from "../chat_reads.ts";
import { changes, type Database, first, MissingParentError, run, send, type Work } from "./database.ts";
import { LONGEST_LIST, piecesOf } from "./hot.ts";
import { AWAITED } from "./inbox_states.ts";

/** Stands for all chats of a device. */
const EVERY_CHAT = "";

/** Where one thread does all, others have a turn after so many chats: each may take a hundred rows. */
const CHATS_TOGETHER = 16;

/** The message that was read last; without an id, all messages of that time were read. */
interface Place {
  readonly at: number;
  readonly messageId: string | null;
}

export function createChatReads(db: Database): ChatReads {
  const { build } = db;

  return {
    note(deviceId, reads) {
      if (reads.length === 0) return Promise.resolve();
      return db.write(function* () {
        for (const read of reads) yield* note(db, deviceId, read);
      }, { key: `device ${deviceId}`, unhurried: true }).catch((error: unknown) => {
        if (!(error instanceof MissingParentError)) throw error; // the device was removed, and its chats with it
      });
    },
    async unread(deviceId, chats) {
      const found = new Map<string, Unread>();
      const together = db.queriesTravel ? LONGEST_LIST : CHATS_TOGETHER;
      for (let start = 0; start < chats.length; start += together) {
        const [piece] = piecesOf(chats.slice(start, start + together));
        for (const [chat, unread] of await db.read(() => countIn(db, deviceId, piece))) {
          found.set(chat, unread);
        }
      }
      return found;
    },
    prune: (before, limit) =>
      db.write(function* () {
        const some = build.selectFrom("chat_reads").select(["device_id", "chat"])
          .where("up_to", "<", before).where("marked_unread", "=", 0).orderBy("up_to").limit(limit);
        return yield* changes(
          sql`DELETE FROM chat_reads WHERE (device_id, chat) IN (${some})`.compile(build),
        );
      }),
  };
}

/** Files how far a chat was read under another address of the same person. */
export function* moveReads(
  db: Database,
  { deviceId, from, to }: { readonly deviceId: DeviceId; readonly from: string; readonly to: string },
): Work<void> {
  const { build } = db;
  const moved = yield* first(
    build.deleteFrom("chat_reads").where("device_id", "=", deviceId).where("chat", "=", from)
      .returningAll().compile(),
  );
  if (moved === undefined) return;
  yield* advance(db, deviceId, to, { at: moved.up_to, messageId: moved.message_id }, moved.marked_unread);
}

function* note(db: Database, deviceId: DeviceId, read: ChatRead): Work<void> {
  if (read.what === "until") {
    return yield* advance(db, deviceId, read.chat, { at: read.at, messageId: null }, 0);
  }
  if (read.what === "unread") return yield* advance(db, deviceId, read.chat, { at: 0, messageId: null }, 1);
  const chats = read.lid === undefined ? [read.chat] : [read.chat, read.lid];
  let newest: { readonly sent_at: number; readonly number: number; readonly message_id: string } | undefined;
  for (const ids of piecesOf(read.messageIds)) {
    const rows = yield* run(
      db.build.selectFrom("inbox").select(["sent_at", "number", "message_id"])
        .where("device_id", "=", deviceId).where("message_id", "in", ids).where("chat", "in", chats)
        .compile(),
    );
    for (const row of rows) {
      const isNewer = newest === undefined || row.sent_at > newest.sent_at ||
        (row.sent_at === newest.sent_at && row.number > newest.number);
      if (isNewer) newest = row;
    }
  }
  if (newest === undefined) return;
  yield* advance(db, deviceId, read.chat, { at: newest.sent_at, messageId: newest.message_id }, 0);
}

/** Writes only what changes something: most of what is told was known. */
function* advance(
  db: Database,
  deviceId: DeviceId,
  chat: string,
  place: Place,
  markedUnread: number,
): Work<void> {
  const { build } = db;
  const known = yield* first(
    db.locked(
      build.selectFrom("chat_reads").selectAll().where("device_id", "=", deviceId).where("chat", "=", chat),
    )
      .compile(),
  );
  const before = known && { at: known.up_to, messageId: known.message_id };
  const isLater = before === undefined || (yield* isAfter(db, deviceId, chat, place, before));
  if (!isLater && known?.marked_unread === markedUnread) return;
  const { at, messageId } = isLater || before === undefined ? place : before;
  const change = { up_to: at, message_id: messageId, marked_unread: markedUnread };
  yield* send(
    build.insertInto("chat_reads").values({ device_id: deviceId, chat, ...change }).onConflict((conflict) =>
      conflict.columns(["device_id", "chat"]).doUpdateSet(change)
    ).compile(),
  );
}

function* isAfter(
  db: Database,
  deviceId: DeviceId,
  chat: string,
  place: Place,
  before: Place,
): Work<boolean> {
  if (place.at !== before.at) return place.at > before.at;
  if (before.messageId === null || place.messageId === before.messageId) return false;
  if (place.messageId === null) return true;
  const rows = yield* run(
    db.build.selectFrom("inbox").select(["number", "message_id"]).where("device_id", "=", deviceId)
      .where("message_id", "in", [place.messageId, before.messageId]).where("chat", "=", chat).compile(),
  );
  const numberOf = (id: string | null) => rows.find(({ message_id }) => message_id === id)?.number ?? 0;
  return numberOf(place.messageId) > numberOf(before.messageId);
}

/** Looks at the newest messages of each chat, back to the one that was read last, to our own, or so many. */
function* countIn(
  db: Database,
  deviceId: DeviceId,
  chats: readonly string[],
): Work<ReadonlyMap<string, Unread>> {
  const { build } = db;
  const known = yield* run(
    build.selectFrom("chat_reads").selectAll().where("device_id", "=", deviceId)
      .where("chat", "in", [EVERY_CHAT, ...chats]).compile(),
  );
  const rowOf = new Map(known.map((row) => [row.chat, row]));
  const every = rowOf.get(EVERY_CHAT)?.up_to ?? -1;
  const wanted = chats.map((chat) => {
    const row = rowOf.get(chat);
    const isOwn = row !== undefined && row.up_to >= every;
    const [upTo, messageId] = isOwn ? [row.up_to, row.message_id] : [every, null];
    return sql`(CAST(${chat} AS TEXT), CAST(${upTo} AS BIGINT), CAST(${messageId} AS TEXT))`;
  });
  const rows = yield* run(
    sql<{ chat: string; count: number }>`
      WITH wanted (chat, up_to, message_id) AS (VALUES ${sql.join(wanted)})
      SELECT chat, (
        SELECT count(*) FROM (
          SELECT counts, sum(from_me) OVER (ORDER BY sent_at DESC, number DESC) AS answers FROM (
            SELECT sent_at, number, from_me,
              CASE WHEN from_me = 0 AND quiet IS NULL AND fetched_at IS NULL AND published <> ${
      sql.lit(AWAITED)
    }
                THEN 1 ELSE 0 END AS counts
            FROM inbox
            WHERE device_id = ${deviceId} AND inbox.chat = wanted.chat AND sent_at >= wanted.up_to AND (
              sent_at > wanted.up_to OR number > (
                SELECT last.number FROM inbox AS last WHERE last.device_id = ${deviceId}
                  AND last.message_id = wanted.message_id AND last.chat = wanted.chat
              )
            )
            ORDER BY sent_at DESC, number DESC LIMIT ${sql.lit(MOST_UNREAD)}
          ) AS latest
        ) AS counted WHERE answers = 0 AND counts = 1
      ) AS count FROM wanted`.compile(build),
  );
  return new Map(
    rows.map((
      { chat, count },
    ) => [chat, { count: Number(count), marked: rowOf.get(chat)?.marked_unread === 1 }]),
  );
}
