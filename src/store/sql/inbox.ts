import { type Selectable, sql } from "kysely";
import { NotFoundError } from "../../errors.ts";
import { type Database, first, MissingParentError, run } from "../database.ts";
import type { Inbox, InboxMessage } from "../inbox.ts";
import { hot } from "./hot.ts";
import { flagOf } from "./rows.ts";
import type { InboxRow } from "./tables.ts";

/** Rows that are removed in one transaction. */
const STEP = 500;

function toMessage(row: Selectable<InboxRow>): InboxMessage {
  return {
    deviceId: row.device_id,
    messageId: row.message_id,
    chat: row.chat,
    sender: row.sender,
    fromMe: row.from_me === 1,
    payload: row.payload,
    sentAt: row.sent_at,
  };
}

export function createInbox(db: Database): Inbox {
  const { build } = db;
  const inbox = () => build.selectFrom("inbox").selectAll();
  const insert = hot((p: {
    deviceId: string;
    messageId: string;
    chat: string;
    sender: string | null;
    fromMe: number;
    payload: Uint8Array;
    sentAt: number;
    published: number;
  }) =>
    build.insertInto("inbox").values({
      device_id: p.deviceId,
      message_id: p.messageId,
      chat: p.chat,
      sender: p.sender,
      from_me: p.fromMe,
      payload: p.payload,
      sent_at: p.sentAt,
      published: p.published,
    }).onConflict((conflict) => conflict.columns(["device_id", "message_id", "chat"]).doNothing())
  );
  const publish = hot((p: { deviceId: string; messageId: string; chat: string }) =>
    build.updateTable("inbox").set({ published: 1 }).where("device_id", "=", p.deviceId)
      .where("message_id", "=", p.messageId).where("chat", "=", p.chat).where("published", "=", 0)
  );
  const byMessage = hot((p: { deviceId: string; messageId: string }) =>
    inbox().where("device_id", "=", p.deviceId).where("message_id", "=", p.messageId).limit(1)
  );
  const byMessageInChat = hot((p: { deviceId: string; messageId: string; chat: string }) =>
    inbox().where("device_id", "=", p.deviceId).where("message_id", "=", p.messageId).where(
      "chat",
      "=",
      p.chat,
    )
  );

  function store(messages: readonly InboxMessage[], published: boolean): Promise<void> {
    return db.write(function* () {
      for (const { fromMe, ...message } of messages) {
        yield* run(insert({ ...message, fromMe: flagOf(fromMe), published: flagOf(published) }));
      }
    }).catch((error: unknown) => {
      const unknown = error instanceof MissingParentError;
      throw unknown ? new NotFoundError("device", messages[0].deviceId) : error;
    });
  }

  return {
    journal: (message) => store([message], false),
    keep: (messages) => messages.length === 0 ? Promise.resolve() : store(messages, true),
    published: (deviceId, messages) =>
      db.write(function* () {
        for (const { chat, messageId } of messages) yield* run(publish({ deviceId, messageId, chat }));
      }),
    unpublished: (deviceId, limit) =>
      db.read(function* () {
        const rows = yield* run(
          inbox().where("device_id", "=", deviceId).where("published", "=", sql.lit(0))
            .orderBy("number").limit(limit).compile(),
        );
        return rows.map(toMessage);
      }),
    get: (deviceId, messageId, chat) =>
      db.read(function* () {
        const row = yield* first(
          chat === undefined
            ? byMessage({ deviceId, messageId })
            : byMessageInChat({ deviceId, messageId, chat }),
        );
        return row && toMessage(row);
      }),
    history: (deviceId, chat, { limit, before }) =>
      db.read(function* () {
        let query = inbox().where("device_id", "=", deviceId).where("chat", "=", chat);
        if (before !== undefined) query = query.where("sent_at", "<", before);
        const rows = yield* run(
          query.orderBy("sent_at", "desc").orderBy("number", "desc").limit(limit).compile(),
        );
        return rows.map(toMessage);
      }),
    chats: (deviceId, { limit, offset }) =>
      db.read(function* () {
        // jumps from one chat to the next in the index, instead of reading all messages
        const query = sql<{ chat: string; last_at: number }>`
          WITH RECURSIVE each_chat (chat) AS (
            SELECT min(chat) FROM inbox WHERE device_id = ${deviceId}
            UNION ALL
            SELECT (SELECT min(chat) FROM inbox WHERE device_id = ${deviceId} AND chat > each_chat.chat)
            FROM each_chat WHERE each_chat.chat IS NOT NULL
          )
          SELECT chat, (
            SELECT max(sent_at) FROM inbox WHERE device_id = ${deviceId} AND inbox.chat = each_chat.chat
          ) AS last_at
          FROM each_chat WHERE chat IS NOT NULL
          ORDER BY last_at DESC, chat LIMIT ${limit} OFFSET ${offset}`;
        const rows = yield* run(query.compile(build));
        return rows.map((row) => ({ chat: row.chat, lastAt: row.last_at }));
      }),
    async prune(before, limit) {
      let removed = 0;
      while (removed < limit) {
        const step = Math.min(STEP, limit - removed);
        const rows = await db.write(() =>
          run(
            build.deleteFrom("inbox").where(
              "number",
              "in",
              build.selectFrom("inbox").select("number").where("sent_at", "<", before).where(
                "published",
                "=",
                1,
              )
                .orderBy("sent_at").limit(step),
            ).returning("number").compile(),
          )
        );
        removed += rows.length;
        if (rows.length < step) break;
      }
      return removed;
    },
  };
}
