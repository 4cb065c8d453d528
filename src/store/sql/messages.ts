import {
  type Insertable,
  type Kysely,
  type RawBuilder,
  type Selectable,
  type SelectQueryBuilder,
  sql,
  type Updateable,
} from "kysely";
import { changes, type Database, first, type Query, run, send, type Value, type Work } from "./database.ts";
import type { MessageFilter, Messages, OutgoingMessage } from "../messages.ts";
import { hot, piecesOf } from "./hot.ts";
import { hold } from "./locks.ts";
import { changedColumns, toMessage, toRow } from "./message_row.ts";
import { idsBeginning } from "./prefixes.ts";
import type { MessageRow, Tables } from "./tables.ts";

/** Messages that one statement stores. */
const ROWS_PER_INSERT = 16;

/** As a constant, so that the index of scheduled messages is used. */
const SCHEDULED = sql<boolean>`status = 'scheduled'`;

export function createMessages(db: Database): Messages {
  const { build } = db;
  const messages = () => build.selectFrom("message_logs").selectAll();
  const byId = hot((p: { id: string }) => messages().where("job_id", "=", p.id));
  const toChange = hot((p: { id: string }) => db.locked(messages().where("job_id", "=", p.id)));
  const byIdempotencyKey = hot((p: { tenantId: string; key: string }) =>
    messages().where("tenant_id", "=", p.tenantId).where("idempotency_key", "=", p.key)
      .where("idempotency_key", "is not", null)
  );

  // unindexed, so that the index of WhatsApp's id is used
  const device = db.unindexedText("device_id");
  const byProvidersId = hot((p: { waMessageId: string }) =>
    withId(messages(), p.waMessageId).where(device, "is", null)
  );
  const byOwnId = hot((p: { waMessageId: string; deviceId: string }) =>
    withId(messages(), p.waMessageId).where(device, "=", p.deviceId)
  );
  const update = prepareUpdates(build);

  let insertOne: ((row: Readonly<Record<string, Value>>) => Query) | undefined;
  /** Every message has the same columns. */
  function insert(message: OutgoingMessage): Query {
    const row = toRow(message);
    insertOne ??= hot((p: Readonly<Record<string, Value>>) =>
      build.insertInto("message_logs").values(
        Object.fromEntries(Object.keys(row).map((name) => [name, p[name]])) as Insertable<MessageRow>, // stand-ins
      )
    );
    return insertOne(row as Readonly<Record<string, Value>>);
  }

  function* one(query: ReturnType<typeof byId>): Work<OutgoingMessage | undefined> {
    const row = yield* first(query);
    return row && toMessage(row);
  }

  return {
    create: (message, { unhurried } = {}) =>
      db.write(function* () {
        const { tenantId, idempotencyKey: key } = message;
        if (key !== null) {
          yield* hold(db, [`message ${tenantId} ${key}`]); // two openings may be asked for the same at once
          const known = yield* one(byIdempotencyKey({ tenantId, key }));
          if (known !== undefined) return { message: known, created: false };
        }
        yield* send(insert(message));
        return { message, created: true };
      }, {
        key: `message ${
          message.idempotencyKey === null ? message.id : `${message.tenantId} ${message.idempotencyKey}`
        }`,
        unhurried,
      }),
    createAll(all) {
      const rows = all.map(toRow);
      return db.write(function* () {
        for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
          const some = rows.slice(start, start + ROWS_PER_INSERT);
          yield* send(build.insertInto("message_logs").values(some).compile());
        }
      });
    },
    get: (id) => db.read(() => one(byId({ id }))),
    beginning: (tenantId, prefix, limit) =>
      db.read(function* () {
        const place = { table: "message_logs", column: "job_id" } as const;
        const ids = yield* idsBeginning(db, place, { tenantId, prefix, limit });
        if (ids.length === 0) return [];
        const rows = yield* run(
          build.selectFrom("message_logs").selectAll().where("job_id", "in", piecesOf(ids)[0]).compile(),
        );
        return [...rows].sort((a, b) => b.id - a.id).map(toMessage);
      }),
    byIdempotencyKey: (tenantId, key) => db.read(() => one(byIdempotencyKey({ tenantId, key }))),
    byWaMessageId: (waMessageId, deviceId) =>
      db.read(() =>
        one(deviceId === null ? byProvidersId({ waMessageId }) : byOwnId({ waMessageId, deviceId }))
      ),
    change: (id, decide, now, believed) =>
      db.write(function* () {
        const asBelieved = believed !== undefined && isTelling(believed) ? decide(believed) : null;
        if (believed !== undefined && asBelieved !== null) {
          const columns = changedColumns(asBelieved, now);
          if ((yield* changes(update(columns, id, believed))) > 0) {
            return { message: { ...believed, ...asBelieved, updatedAt: now }, changed: true };
          }
        }
        const message = yield* one(toChange({ id }));
        if (message === undefined) return undefined;
        const change = decide(message);
        if (change === null) return { message, changed: false };
        yield* send(update(changedColumns(change, now), id));
        return { message: { ...message, ...change, updatedAt: now }, changed: true };
      }, { key: `message ${id}` }),
    list: (filter, { limit, offset = 0, before }) =>
      db.read(function* () {
        let query = narrow(messages(), filter, db.unindexedText("tenant_id"));
        if (before !== undefined) {
          query = query.where(
            "id",
            "<",
            build.selectFrom("message_logs").select("id").where("job_id", "=", before),
          );
        }
        const found = reaching(query, filter.reached).orderBy("id", "desc").limit(limit).offset(offset);
        return (yield* run(found.compile())).map(toMessage);
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
    nextScheduled: () =>
      db.read(function* () {
        const query = build.selectFrom("message_logs").select(["job_id", "send_at"]).where(SCHEDULED)
          .where("send_at", ">", 0).orderBy("send_at").limit(sql.lit(1));
        const row = yield* first(query.compile());
        return row === undefined || row.send_at === null ? undefined : { id: row.job_id, at: row.send_at };
      }),
    scheduled: ({ tenantId, deviceIds }, { limit, after }) =>
      db.read(function* () {
        let query = messages().where(SCHEDULED).where("tenant_id", "=", tenantId).orderBy("send_at").orderBy(
          "job_id",
        ).limit(limit);
        if (deviceIds !== undefined) query = query.where("device_id", "in", deviceIds);
        if (after !== undefined) {
          const { sendAt, id } = after;
          query = query.where("send_at", ">=", sendAt).where((eb) =>
            eb.or([eb("send_at", ">", sendAt), eb("job_id", ">", id)])
          );
        }
        return (yield* run(query.compile())).map(toMessage);
      }),
    isAwaited: (waMessageId) =>
      db.read(function* () {
        const query = build.selectFrom("message_logs").select("id").where("message_id", "=", waMessageId)
          .where("message_id", "is not", null).where("status", "in", ["scheduled", "queued", "processing"])
          .limit(1);
        return (yield* first(query.compile())) !== undefined;
      }),
  };
}

/**
 * What else may be told of such a message changes its status, its attempts or its receipt, so these show whether it
 * still is as believed.
 */
function isTelling({ status }: OutgoingMessage): boolean {
  return status === "queued" || status === "processing" || status === "sent";
}

/**
 * Compiles an update of each set of columns once. With a believed message it changes nothing when the stored one has
 * become another since.
 */
function prepareUpdates(build: Kysely<Tables>) {
  const known = new Map<string, (values: Readonly<Record<string, Value>>) => Query>();
  return (columns: Updateable<MessageRow>, id: string, believed?: OutgoingMessage): Query => {
    const names = Object.keys(columns);
    const shape = `${names.join()} ${believed === undefined ? "" : "as believed"}`;
    let query = known.get(shape);
    if (query === undefined) {
      query = hot((p: Readonly<Record<string, Value>>) => {
        const one = build.updateTable("message_logs")
          .set(Object.fromEntries(names.map((name) => [name, p[name]])) as Updateable<MessageRow>) // stand-ins
          .where("job_id", "=", p.job_id as string);
        return believed === undefined ? one : one
          .where("status", "=", p.believed_status as string)
          .where("attempts", "=", p.believed_attempts as number)
          .where("receipt", "is not distinct from", p.believed_receipt as string | null)
          .where("updated_ms", "=", p.believed_ms as number);
      });
      known.set(shape, query);
    }
    return query({
      ...columns as Readonly<Record<string, Value>>,
      job_id: id,
      ...(believed !== undefined && {
        believed_status: believed.status,
        believed_attempts: believed.attempts,
        believed_receipt: believed.receipt,
        believed_ms: believed.updatedAt,
      }),
    });
  };
}

function withId(messages: Selected, waMessageId: string): Selected {
  return messages.where("message_id", "=", waMessageId).where("message_id", "is not", null)
    .orderBy("id", "desc").limit(sql.lit(1)); // SQLite plans anew for each value of a bound limit
}

type Selected = SelectQueryBuilder<Tables, "message_logs", Selectable<MessageRow>>;

/** Two receipts are two walks through the index, merged: no page has to sort a whole blast. */
function reaching(query: Selected, reached: MessageFilter["reached"]): Selected {
  if (reached === undefined) return query;
  const sent = query.where("status", "=", "sent");
  switch (reached) {
    case "sent":
      return sent.where("receipt", "is", null);
    case "delivered":
      return sent.where("receipt", "=", "delivered");
    case "read":
      return sent.where("receipt", "=", "read").unionAll(sent.where("receipt", "=", "played"));
  }
}

/** @param tenant For a blast: it is one tenant's, and its messages are found by its own indexes. */
function narrow(messages: Selected, filter: MessageFilter, tenant: RawBuilder<string>): Selected {
  const { tenantId, deviceId, blastId, channel, status, recipientPhone } = filter;
  let query = messages;
  if (tenantId !== undefined) {
    query = query.where(blastId === undefined ? "tenant_id" : tenant, "=", tenantId);
  }
  if (deviceId !== undefined) query = query.where("device_id", "=", deviceId);
  if (blastId !== undefined) query = query.where("blast_id", "=", blastId);
  if (channel !== undefined) query = query.where("channel", "=", sql.lit(channel)); // as the indexes of Qiscus have it
  if (status !== undefined) query = query.where("status", "=", status);
  if (recipientPhone !== undefined) query = query.where("recipient_phone", "=", recipientPhone);
  return query;
}
