import type { NotedDepartures } from "../departures.ts";
import type { MessageId } from "../../ids.ts";
import { type Database, first, send, type Work } from "./database.ts";
import { flagOf } from "./rows.ts";

export function createDepartures(db: Database): NotedDepartures {
  const { build } = db;
  const note = (messageId: MessageId, hasLeft: boolean) =>
    db.write(() => noteDeparture(db, messageId, hasLeft), { key: `departure ${messageId}` });
  return {
    leave: (messageId) => note(messageId, true),
    returned: (messageId) => note(messageId, false),
    fateOf: (messageId) =>
      db.read(function* () {
        const query = build.selectFrom("departures").select("has_left").where("message_id", "=", messageId);
        const row = yield* first(query.compile());
        return row === undefined ? "unknown" : row.has_left === 1 ? "left" : "stayed";
      }),
    forget: (messageId) =>
      db.write(function* () {
        yield* send(build.deleteFrom("departures").where("message_id", "=", messageId).compile());
      }, { key: `departure ${messageId}` }),
  };
}

/** Notes whether a message that is in hand has left. */
export function* noteDeparture({ build }: Database, messageId: MessageId, hasLeft: boolean): Work<void> {
  const has_left = flagOf(hasLeft);
  yield* send(
    build.insertInto("departures").values({ message_id: messageId, has_left })
      .onConflict((conflict) => conflict.column("message_id").doUpdateSet({ has_left })).compile(),
  );
}
