import { type Selectable, sql } from "kysely";
import { type Database, first, MissingParentError, run, send } from "./database.ts";
import type { IndexedText, MessageTexts, NumberedMessage } from "../message_texts.ts";
import { toMessage } from "./inbox.ts";
import type { InboxRow } from "./tables.ts";

/** With several writers a row may be committed after one with a greater number: so many are looked at again. */
const LOOKED_AT_AGAIN = 1_000;

const toNumbered = (row: Selectable<InboxRow>): NumberedMessage => ({
  number: row.number,
  message: toMessage(row),
});

export function createMessageTexts(db: Database): MessageTexts {
  const { build } = db;
  const inbox = () => build.selectFrom("inbox").selectAll("inbox");

  return {
    unread: (limit) =>
      db.read(function* () {
        const due = yield* run(
          inbox().innerJoin("message_texts", "message_texts.number", "inbox.number")
            .where("message_texts.words", "is", null).limit(limit).compile(),
        );
        const known = yield* first(
          build.selectFrom("message_texts").select((eb) => [
            eb.selectFrom("message_texts").select("number").orderBy("number").limit(1).as("oldest"),
            eb.selectFrom("message_texts").select("number").orderBy("number", "desc").limit(1).as("newest"),
          ]).limit(1).compile(),
        );
        const oldest = known?.oldest ?? null;
        const newest = known?.newest ?? null;
        const rows = [...due];
        if (newest !== null && rows.length < limit) {
          const after = Math.max(newest - LOOKED_AT_AGAIN, oldest ?? 0);
          rows.push(
            ...yield* run(
              inbox().where("inbox.number", ">", after).where((eb) =>
                eb.not(eb.exists(
                  eb.selectFrom("message_texts").select("message_texts.number")
                    .whereRef("message_texts.number", "=", "inbox.number"),
                ))
              ).orderBy("inbox.number").limit(limit - rows.length).compile(),
            ),
          );
        }
        if (rows.length < limit) {
          const older = oldest === null ? inbox() : inbox().where("inbox.number", "<", oldest);
          rows.push(
            ...yield* run(older.orderBy("inbox.number", "desc").limit(limit - rows.length).compile()),
          );
        }
        return rows.map(toNumbered);
      }),
    put(texts) {
      if (texts.length === 0) return Promise.resolve();
      return db.write(function* () {
        yield* send(
          build.insertInto("message_texts").values(texts.map(({ number, deviceId, words }) => ({
            number,
            device_id: deviceId,
            words,
          }))).onConflict((conflict) =>
            conflict.column("number").doUpdateSet((eb) => ({ words: eb.ref("excluded.words") }))
          ).compile(),
        );
        const names = newestNames(texts);
        if (names.length === 0) return;
        yield* send(
          build.insertInto("contact_names").values(names).onConflict((conflict) =>
            conflict.columns(["device_id", "person"]).doUpdateSet((eb) => ({
              name: eb.ref("excluded.name"),
              folded: eb.ref("excluded.folded"),
              number: eb.ref("excluded.number"),
            })).whereRef("contact_names.number", "<=", "excluded.number")
          ).compile(),
        );
      }).catch((error: unknown) => {
        if (!(error instanceof MissingParentError)) throw error; // removed meanwhile: they are not read again
      });
    },
    find: (deviceId, words, { limit, chat, before }) =>
      db.read(function* () {
        // the index first, from its newest end: it stops as soon as the page is full
        const query = sql<Selectable<InboxRow>>`
          SELECT inbox.* FROM (${db.messagesWith(deviceId, words)}) AS found CROSS JOIN inbox
          WHERE inbox.number = found.number AND inbox.device_id = ${deviceId}
          ${chat === undefined ? sql`` : sql`AND inbox.chat = ${chat}`}
          ${before === undefined ? sql`` : sql`AND found.number < ${before}`}
          ORDER BY found.number DESC LIMIT ${limit}`;
        return (yield* run(query.compile(build))).map(toNumbered);
      }),
    named: (deviceId, text, limit) =>
      db.read(function* () {
        const pattern = `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
        return yield* run(
          build.selectFrom("contact_names").select(["person", "name"]).where("device_id", "=", deviceId)
            .where(sql<boolean>`folded like ${pattern} escape '\\'`).orderBy("folded").orderBy("person")
            .limit(limit).compile(),
        );
      }),
  };
}

/** One row a person, the newest: a statement may not change a row twice. */
function newestNames(texts: readonly IndexedText[]) {
  const names = texts.toSorted((a, b) => a.number - b.number).flatMap(({ number, deviceId, author }) =>
    author === null ? [] : [{
      device_id: deviceId,
      person: author.person,
      name: author.name,
      folded: author.name.toLowerCase(),
      number,
    }]
  );
  return [...new Map(names.map((name) => [JSON.stringify([name.device_id, name.person]), name])).values()];
}
