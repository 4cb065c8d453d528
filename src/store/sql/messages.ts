import { type Kysely, type Selectable, type SelectQueryBuilder, sql, type Updateable } from "kysely";
import { type Database, first, type Query, run, type Value, type Work } from "../database.ts";
import type { MessageFilter, Messages, OutgoingMessage } from "../messages.ts";
import { hot } from "./hot.ts";
import { changedColumns, toMessage, toRow } from "./message_row.ts";
import type { MessageRow, Tables } from "./tables.ts";

/** Messages that one statement stores. */
const ROWS_PER_INSERT = 16;

export function createMessages(db: Database): Messages {
  const { build } = db;
  const messages = () => build.selectFrom("message_logs").selectAll();
  const byId = hot((p: { id: string }) => messages().where("job_id", "=", p.id));
  const byIdempotencyKey = hot((p: { tenantId: string; key: string }) =>
    messages().where("tenant_id", "=", p.tenantId).where("idempotency_key", "=", p.key)
      .where("idempotency_key", "is not", null)
  );

  // the plus keeps to the index of WhatsApp's id
  const byProvidersId = hot((p: { waMessageId: string }) =>
    withId(messages(), p.waMessageId).where(sql`+device_id`, "is", null)
  );
  const byOwnId = hot((p: { waMessageId: string; deviceId: string }) =>
    withId(messages(), p.waMessageId).where(sql`+device_id`, "=", p.deviceId)
  );
  const update = prepareUpdates(build);

  function* one(query: ReturnType<typeof byId>): Work<OutgoingMessage | undefined> {
    const row = yield* first(query);
    return row && toMessage(row);
  }

  return {
    create: (message) =>
      db.write(function* () {
        const { tenantId, idempotencyKey: key } = message;
        const known = key === null ? undefined : yield* one(byIdempotencyKey({ tenantId, key }));
        if (known !== undefined) return { message: known, created: false };
        yield* run(build.insertInto("message_logs").values(toRow(message)).compile());
        return { message, created: true };
      }),
    createAll(all) {
      const rows = all.map(toRow);
      return db.write(function* () {
        for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
          const some = rows.slice(start, start + ROWS_PER_INSERT);
          yield* run(build.insertInto("message_logs").values(some).compile());
        }
      });
    },
    get: (id) => db.read(() => one(byId({ id }))),
    byIdempotencyKey: (tenantId, key) => db.read(() => one(byIdempotencyKey({ tenantId, key }))),
    byWaMessageId: (waMessageId, deviceId) =>
      db.read(() =>
        one(deviceId === null ? byProvidersId({ waMessageId }) : byOwnId({ waMessageId, deviceId }))
      ),
    change: (id, decide, now) =>
      db.write(function* () {
        const message = yield* one(byId({ id }));
        if (message === undefined) return undefined;
        const change = decide(message);
        if (change === null) return { message, changed: false };
        yield* run(update(changedColumns(change, now), id));
        return { message: { ...message, ...change, updatedAt: now }, changed: true };
      }),
    list: (filter, { limit, offset = 0, before }) =>
      db.read(function* () {
        let query = narrow(messages(), filter).orderBy("id", "desc").limit(limit).offset(offset);
        if (before !== undefined) {
          query = query.where(
            "id",
            "<",
            build.selectFrom("message_logs").select("id").where("job_id", "=", before),
          );
        }
        return (yield* run(query.compile())).map(toMessage);
      }),
    waiting: (deviceId, statuses, limit) =>
      db.read(function* () {
        const found: Selectable<MessageRow>[] = [];
        for (const status of new Set(statuses)) {
          found.push(
            ...yield* run(
              messages().where("device_id", "=", deviceId).where("status", "=", status)
                .where("blast_id", "is", null).orderBy("id").limit(limit).compile(),
            ),
          );
        }
        return found.sort((a, b) => a.id - b.id).slice(0, limit).map(toMessage);
      }),
  };
}

/** Compiles an update of each set of columns once. */
function prepareUpdates(build: Kysely<Tables>) {
  const known = new Map<string, (values: Readonly<Record<string, Value>>) => Query>();
  return (columns: Updateable<MessageRow>, id: string): Query => {
    const names = Object.keys(columns);
    const shape = names.join();
    let query = known.get(shape);
    if (query === undefined) {
      query = hot((p: Readonly<Record<string, Value>>) =>
        build.updateTable("message_logs")
          .set(Object.fromEntries(names.map((name) => [name, p[name]])) as Updateable<MessageRow>) // stand-ins
          .where("job_id", "=", p.job_id as string)
      );
      known.set(shape, query);
    }
    return query({ ...columns as Readonly<Record<string, Value>>, job_id: id });
  };
}

function withId(messages: Selected, waMessageId: string): Selected {
  return messages.where("message_id", "=", waMessageId).where("message_id", "is not", null)
    .orderBy("id", "desc").limit(sql.lit(1)); // SQLite plans anew for each value of a bound limit
}

type Selected = SelectQueryBuilder<Tables, "message_logs", Selectable<MessageRow>>;

function narrow(messages: Selected, filter: MessageFilter): Selected {
  const { tenantId, deviceId, blastId, channel, status, recipientPhone } = filter;
  let query = messages;
  if (tenantId !== undefined) query = query.where("tenant_id", "=", tenantId);
  if (deviceId !== undefined) query = query.where("device_id", "=", deviceId);
  if (blastId !== undefined) query = query.where("blast_id", "=", blastId);
  if (channel !== undefined) query = query.where("channel", "=", channel);
  if (status !== undefined) query = query.where("status", "=", status);
  if (recipientPhone !== undefined) query = query.where("recipient_phone", "=", recipientPhone);
  return query;
}
