import { type Selectable, sql } from "kysely";
import { NotFoundError } from "../../errors.ts";
import { type Database, MissingParentError, run, send } from "./database.ts";
import type { HistoryEnd, Inbox, InboxKey, InboxMessage } from "../inbox.ts";
import { moveReads } from "./chat_reads.ts";
import { hot } from "./hot.ts";
import { AWAITED, PUBLISHED, TOLD, UNPUBLISHED } from "./inbox_states.ts";
import { flagOf } from "./rows.ts";
import type { InboxRow } from "./tables.ts";

/** Rows that are removed in one transaction. */
const STEP = 500;

/** Whether a row has no content. */
export const isPlaceholder = sql<boolean>`inbox.published IN (${sql.lit(AWAITED)}, ${sql.lit(TOLD)})`;
/** Live content takes the place of placeholders, and of what would have been told as past. */
const isReplaced = sql<boolean>`inbox.published >= ${sql.lit(AWAITED)}`;

export function toMessage(row: Selectable<InboxRow>): InboxMessage {
  return {
    deviceId: row.device_id,
    messageId: row.message_id,
    chat: row.chat,
    sender: row.sender,
    fromMe: row.from_me === 1,
    payload: row.payload,
    sentAt: row.sent_at,
    ...(row.published === AWAITED || row.published === TOLD ? { placeholder: true as const } : {}),
    ...(row.fetched_at === null ? {} : { fetched: true as const }),
    ...(row.quiet === 1 ? { quiet: true as const } : {}),
  };
}

/** As many as there are chats with a message of one id: hardly ever more than one. */
function oldestFirst<R extends { readonly number: number }>(rows: readonly R[]): readonly R[] {
  return rows.length < 2 ? rows : rows.toSorted((a, b) => a.number - b.number);
}

export function createInbox(db: Database): Inbox {
  const { build } = db;
  const inbox = () => build.selectFrom("inbox").selectAll();
  type NewRow = {
    readonly deviceId: string;
    readonly messageId: string;
    readonly chat: string;
    readonly sender: string | null;
    readonly fromMe: number;
    readonly payload: Uint8Array;
    readonly sentAt: number;
    readonly published: number;
    readonly quiet: number | null;
  };
  const into = (p: NewRow) =>
    build.insertInto("inbox").values({
      device_id: p.deviceId,
      message_id: p.messageId,
      chat: p.chat,
      sender: p.sender,
      from_me: p.fromMe,
      payload: p.payload,
      sent_at: p.sentAt,
      published: p.published,
      quiet: p.quiet,
    });
  const insert = hot((p: NewRow) =>
    into(p).onConflict((conflict) => conflict.columns(["device_id", "message_id", "chat"]).doNothing())
  );
  const insertContent = hot((p: NewRow) =>
    into(p).onConflict((conflict) =>
      conflict.columns(["device_id", "message_id", "chat"]).doUpdateSet((eb) => ({
        payload: eb.ref("excluded.payload"),
        sender: eb.ref("excluded.sender"),
        published: eb.ref("excluded.published"),
        quiet: eb.ref("excluded.quiet"),
        fetched_at: null,
      })).where(isReplaced)
    )
  );
  type Step = {
    readonly deviceId: string;
    readonly messageId: string;
    readonly chat: string;
    readonly from: number;
    readonly to: number;
  };
  const advance = hot((p: Step) =>
    build.updateTable("inbox").set({ published: p.to }).where("device_id", "=", p.deviceId)
      .where("message_id", "=", p.messageId).where("chat", "=", p.chat).where("published", "=", p.from)
  );
  const byMessage = hot((p: { deviceId: string; messageId: string }) =>
    inbox().where("device_id", "=", p.deviceId).where("message_id", "=", p.messageId)
  );
  const remove = hot((p: { deviceId: string; messageId: string; chat: string }) =>
    build.deleteFrom("inbox").where("device_id", "=", p.deviceId).where("message_id", "=", p.messageId)
      .where("chat", "=", p.chat)
  );
  const byMessageInChat = hot((p: { deviceId: string; messageId: string; chat: string }) =>
    inbox().where("device_id", "=", p.deviceId).where("message_id", "=", p.messageId).where(
      "chat",
      "=",
      p.chat,
    )
  );

  function store(messages: readonly InboxMessage[], state: number): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    return db.write(function* () {
      for (const { fromMe, placeholder, fetched: _, quiet, ...message } of messages) {
        const published = placeholder ? AWAITED : state;
        const row = { ...message, fromMe: flagOf(fromMe), published, quiet: quiet ? 1 : null };
        yield* send(state === UNPUBLISHED && !placeholder ? insertContent(row) : insert(row));
      }
    }, { key: `device ${messages[0]?.deviceId}` }).catch((error: unknown) => {
      const unknown = error instanceof MissingParentError;
      throw unknown ? new NotFoundError("device", messages[0].deviceId) : error;
    });
  }

  const step = (from: number, to: number) => (deviceId: string, messages: readonly InboxKey[]) =>
    db.write(function* () {
      for (const { chat, messageId } of messages) {
        yield* send(advance({ deviceId, messageId, chat, from, to }));
      }
    }, { key: `device ${deviceId}`, unhurried: true }); // what is told next must not wait for a commit of its own

  const inState = (state: number) => (deviceId: string, limit: number) =>
    db.read(function* () {
      const rows = yield* run(
        inbox().where("device_id", "=", deviceId).where("published", "=", sql.lit(state))
          .orderBy("number").limit(limit).compile(),
      );
      return rows.map(toMessage);
    });

  /** The part of a chat's history that is older than an end. */
  function older(deviceId: string, chat: string, end: HistoryEnd | undefined) {
    const all = inbox().where("device_id", "=", deviceId).where("chat", "=", chat);
    if (end === undefined) return all;
    if (typeof end === "number") return all.where("sent_at", "<", end);
    const { sentAt, messageId } = end;
    return all.where("sent_at", "<=", sentAt).where((eb) =>
      eb.or([
        eb("sent_at", "<", sentAt),
        eb(
          "number",
          "<",
          build.selectFrom("inbox as last").select("last.number").where("last.device_id", "=", deviceId)
            .where("last.message_id", "=", messageId).where("last.chat", "=", chat),
        ),
      ])
    );
  }

  return {
    journal: (messages) => store(messages, UNPUBLISHED),
    keep: (messages) => store(messages, PUBLISHED),
    published: step(UNPUBLISHED, PUBLISHED),
    told: step(AWAITED, TOLD),
    unpublished: inState(UNPUBLISHED),
    awaited: inState(AWAITED),
    named: (deviceId, messageId) =>
      db.read(function* () {
        return oldestFirst(yield* run(byMessage({ deviceId, messageId }))).map(toMessage);
      }),
    forget: (deviceId, messages) =>
      db.write(function* () {
        for (const { chat, messageId } of messages) yield* send(remove({ deviceId, messageId, chat }));
      }),
    refile: (deviceId, from, to) =>
      db.write(function* () {
        // one message that came under both addresses is one
        yield* send(
          build.deleteFrom("inbox").where("device_id", "=", deviceId).where("chat", "=", from).where((eb) =>
            eb.exists(
              eb.selectFrom("inbox as known").select("known.message_id")
                .where("known.device_id", "=", deviceId).where("known.chat", "=", to)
                .whereRef("known.message_id", "=", "inbox.message_id"),
            )
          ).compile(),
        );
        yield* send(
          build.updateTable("inbox").set({ chat: to }).where("device_id", "=", deviceId)
            .where("chat", "=", from).compile(),
        );
        yield* moveReads(db, { deviceId, from, to });
      }),
    get: (deviceId, messageId, chat) =>
      db.read(function* () {
        const rows = chat === undefined
          ? oldestFirst(yield* run(byMessage({ deviceId, messageId })))
          : yield* run(byMessageInChat({ deviceId, messageId, chat }));
        return rows[0] && toMessage(rows[0]);
      }),
    history: (deviceId, chat, { limit, before }) =>
      db.read(function* () {
        const rows = yield* run(
          older(deviceId, chat, before).orderBy("sent_at", "desc").orderBy("number", "desc").limit(limit)
            .compile(),
        );
        return rows.map(toMessage);
      }),
    oldest: (deviceId, chat, { limit, since = 0 }) =>
      db.read(function* () {
        const rows = yield* run(
          inbox().where("device_id", "=", deviceId).where("chat", "=", chat).where("sent_at", ">=", since)
            .orderBy("sent_at").orderBy("number").limit(limit).compile(),
        );
        return rows.map(toMessage);
      }),
    chats: (deviceId, { limit, offset, after }) =>
      db.read(function* () {
        // jumps from one chat to the next in the index, instead of reading all messages
        const query = sql<{ chat: string; last_at: number }>`
          WITH RECURSIVE each_chat (chat) AS (
            SELECT min(chat) FROM inbox WHERE device_id = ${deviceId}
            UNION ALL
            SELECT (SELECT min(chat) FROM inbox WHERE device_id = ${deviceId} AND chat > each_chat.chat)
            FROM each_chat WHERE each_chat.chat IS NOT NULL
          )
          SELECT chat, last_at FROM (
            SELECT chat, (
              SELECT max(sent_at) FROM inbox WHERE device_id = ${deviceId} AND inbox.chat = each_chat.chat
            ) AS last_at
            FROM each_chat WHERE chat IS NOT NULL
          ) AS found ${
          after === undefined
            ? sql``
            : sql`WHERE last_at < ${after.lastAt} OR (last_at = ${after.lastAt} AND chat > ${after.chat})`
        }
          ORDER BY last_at DESC, chat LIMIT ${limit} OFFSET ${offset}`;
        const rows = yield* run(query.compile(build));
        return rows.map((row) => ({ chat: row.chat, lastAt: row.last_at }));
      }),
    async prune(before, limit) {
      const live = () =>
        build.selectFrom("inbox").select("number").where("fetched_at", "is", null)
          .where("sent_at", "<", before).where("published", "in", [PUBLISHED, TOLD]).orderBy("sent_at");
      const fetched = () =>
        build.selectFrom("inbox").select("number").where("fetched_at", "is not", null)
          .where("fetched_at", "<", before).where("published", "in", [PUBLISHED, TOLD]).orderBy("fetched_at");
      let removed = 0;
      for (const some of [live, fetched]) {
        while (removed < limit) {
          const step = Math.min(STEP, limit - removed);
          const rows = await db.write(() =>
            run(
              build.deleteFrom("inbox").where("number", "in", some().limit(step)).returning("number")
                .compile(),
            )
          );
          removed += rows.length;
          if (rows.length < step) break;
        }
      }
      return removed;
    },
  };
}
