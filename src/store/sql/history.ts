import { sql } from "kysely";
import { NotFoundError } from "../../errors.ts";
import type { History, HistoryPage } from "../history.ts";
import { type Database, MissingParentError, run, send } from "./database.ts";
import { isPlaceholder, toMessage } from "./inbox.ts";
import { PUBLISHED, UNTOLD } from "./inbox_states.ts";
import { flagOf } from "./rows.ts";

export function createHistory(db: Database): History {
  const { build } = db;

  return {
    addPages(pages) {
      if (pages.length === 0) return Promise.resolve();
      const [{ deviceId: first }] = pages;
      return db.write(function* () {
        const rows = pages.map(({ deviceId, messageId, payload, cameAt }) => ({
          device_id: deviceId,
          message_id: messageId,
          payload,
          came_at: cameAt,
        }));
        yield* send(
          build.insertInto("history_pages").values(rows)
            .onConflict((conflict) => conflict.columns(["device_id", "message_id"]).doNothing()).compile(),
        );
      }, { key: `device ${first}` }).catch((error: unknown) => {
        throw error instanceof MissingParentError ? new NotFoundError("device", first) : error;
      });
    },
    pages: (deviceId, limit) =>
      db.read(function* () {
        const rows = yield* run(
          build.selectFrom("history_pages").selectAll().where("device_id", "=", deviceId).orderBy("number")
            .limit(limit).compile(),
        );
        return rows.map(({ device_id, message_id, payload, came_at }): HistoryPage => ({
          deviceId: device_id,
          messageId: message_id,
          payload,
          cameAt: came_at,
        }));
      }),
    removePage: (deviceId, messageId) =>
      db.write(function* () {
        yield* send(
          build.deleteFrom("history_pages").where("device_id", "=", deviceId)
            .where("message_id", "=", messageId).compile(),
        );
      }),
    file(messages, { at, tell }) {
      if (messages.length === 0) return Promise.resolve(0);
      const [{ deviceId: first }] = messages;
      const distinct = [
        ...new Map(messages.map((one) => [JSON.stringify([one.chat, one.messageId]), one])).values(),
      ];
      return db.write(function* () {
        const rows = yield* run(
          build.insertInto("inbox").values(distinct.map((message) => ({
            device_id: message.deviceId,
            message_id: message.messageId,
            chat: message.chat,
            sender: message.sender,
            from_me: flagOf(message.fromMe),
            payload: message.payload,
            sent_at: message.sentAt,
            published: tell ? UNTOLD : PUBLISHED,
            fetched_at: at,
            quiet: message.quiet ? 1 : null,
          }))).onConflict((conflict) =>
            conflict.columns(["device_id", "message_id", "chat"]).doUpdateSet((eb) => ({
              payload: eb.ref("excluded.payload"),
              sender: eb.ref("excluded.sender"),
              published: eb.ref("excluded.published"),
              quiet: eb.ref("excluded.quiet"),
            })).where(isPlaceholder)
          ).returning("number").compile(),
        );
        return rows.length;
      }, { key: `device ${first}` }).catch((error: unknown) => {
        throw error instanceof MissingParentError ? new NotFoundError("device", first) : error;
      });
    },
    untold: (deviceId, limit) =>
      db.read(function* () {
        const rows = yield* run(
          build.selectFrom("inbox").selectAll().where("device_id", "=", deviceId)
            .where("published", "=", sql.lit(UNTOLD)) // as the index has it
            .orderBy("chat").orderBy("sent_at").orderBy("number").limit(limit).compile(),
        );
        return rows.map(toMessage);
      }),
    told: (deviceId, messages) =>
      db.write(function* () {
        for (const { chat, messageId } of messages) {
          yield* send(
            build.updateTable("inbox").set({ published: PUBLISHED }).where("device_id", "=", deviceId)
              .where("message_id", "=", messageId).where("chat", "=", chat).where("published", "=", UNTOLD)
              .compile(),
          );
        }
      }, { key: `device ${deviceId}` }),
  };
}
