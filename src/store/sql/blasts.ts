import { noteDeparture } from "./departures.ts";
import { type Insertable, type Selectable, sql } from "kysely";
import { spellingsOf } from "../../events/spellings.ts";
import {
  type BlastAnswer,
  type BlastCounts,
  type BlastMessage,
  type Blasts,
  CANCELLED,
  SENDS_AGAIN,
} from "../blasts.ts";
import { type Database, first, type Query, run, send, type Value, type Work } from "./database.ts";
import { changedBlast, fromBlast, toBlast } from "./blast_row.ts";
import { keepTurn, turnsOf } from "./blast_turns.ts";
import { hot, hotRows, piecesOf } from "./hot.ts";
import { toMessage, toRow } from "./message_row.ts";
import { idsBeginning } from "./prefixes.ts";
import { fromJson, jsonOf } from "./rows.ts";
import type { FailureReason } from "../messages.ts";
import type { MessageRow } from "./tables.ts";
import { utcText } from "./times.ts";

/** Messages that one statement stores, and rows that one transaction removes. */
const ROWS_PER_INSERT = 32;
const MOST_REASONS = 10;
const STEP = 500;
/** Claims of a device are counted in stretches of this length, and forgotten after two days. */
const SLOT_MS = 300_000;
const SLOTS_KEPT = 576;

// Partial indexes are used only when the query says the same in the same words.
const QUEUED = sql<boolean>`status = 'queued'`;
const SCHEDULED = sql<boolean>`status = 'scheduled'`;
const UNCONFIRMED = sql<boolean>`status = 'processing' and message_id is null`;

export function createBlasts(db: Database): Blasts {
  const { build } = db;
  const withId = (id: string) => build.selectFrom("blasts").selectAll().where("id", "=", id);
  const byId = hot((p: { id: string }) => withId(p.id));
  const toChange = hot((p: { id: string }) => db.locked(withId(p.id)));
  const ofBlast = (id: string) => build.selectFrom("message_logs").selectAll().where("blast_id", "=", id);
  const claimNext = hot((p: {
    id: string;
    deviceId: string | null;
    waMessageId: string | null;
    nowText: string;
    now: number;
  }) => {
    const next = db.unclaimed(
      build.selectFrom("message_logs").select("id").where("blast_id", "=", p.id).where(QUEUED)
        .where("receipt", "is", null).orderBy("id").limit(sql.lit(1)),
    );
    return build.updateTable("message_logs").set({
      status: "processing",
      device_id: p.deviceId,
      message_id: sql`case when device_id = ${p.deviceId} then coalesce(message_id, ${p.waMessageId})
        else ${p.waMessageId} end`,
      updated_at: p.nowText,
      updated_ms: p.now,
    }).where(db.among("id", next))
      .where((eb) =>
        eb.exists(
          eb.selectFrom("blasts").select("blasts.id").where("blasts.id", "=", p.id)
            .where("blasts.status", "=", sql.lit("running")),
        )
      ).returningAll();
  });
  const countClaim = hot((p: { deviceId: string; slot: number }) =>
    build.insertInto("blast_claims").values({ device_id: p.deviceId, slot: p.slot, count: 1 })
      .onConflict((conflict) =>
        conflict.columns(["device_id", "slot"]).doUpdateSet({ count: sql`blast_claims.count + 1` })
      )
  );

  let insertMany: ((rows: readonly Readonly<Record<string, Value>>[]) => readonly Query[]) | undefined;
  /** Stores messages that are not there yet; gives the ids of those. Every message has the same columns. */
  function* insert(messages: readonly BlastMessage[]): Work<readonly string[]> {
    const rows = messages.map(({ message, payload }) => ({
      ...toRow(message),
      payload,
      list_row: message.listRow ?? null,
    }));
    insertMany ??= hotRows((slots) => {
      const stand = (slot: Readonly<Record<string, Value>>) =>
        Object.fromEntries(Object.keys(rows[0]).map((name) => [name, slot[name]])) as Insertable<MessageRow>;
      return build.insertInto("message_logs").values(slots.map(stand))
        .onConflict((conflict) => conflict.doNothing()).returning("job_id");
    });
    const stored: string[] = [];
    for (const query of insertMany(rows as readonly Readonly<Record<string, Value>>[])) {
      for (const row of (yield* run(query)) as readonly Pick<Selectable<MessageRow>, "job_id">[]) {
        stored.push(row.job_id);
      }
    }
    return stored;
  }

  /** Messages of one blast but those to a number that it has, or messages before have, in another spelling. */
  function* withoutOtherSpellings(messages: readonly BlastMessage[]): Work<readonly BlastMessage[]> {
    const others = messages.flatMap(({ message }) => spellingsOf(message.to).slice(1));
    if (others.length === 0) return messages;
    const query = build.selectFrom("message_logs").select("to_address")
      .where("blast_id", "=", messages[0].message.blastId).where("to_address", "in", others);
    const taken = new Set((yield* run(query.compile())).map(({ to_address }) => to_address));
    return messages.filter(({ message: { to } }) => {
      if (spellingsOf(to).slice(1).some((other) => taken.has(other))) return false;
      taken.add(to);
      return true;
    });
  }

  return {
    create: (blast, request) =>
      db.write(function* () {
        yield* send(build.insertInto("blasts").values(fromBlast(blast)).compile());
        if (request === undefined) return;
        const { idempotencyKey: idempotency_key, digest } = request;
        const row = { tenant_id: blast.tenantId, idempotency_key, blast_id: blast.id, digest, answer: null };
        yield* send(build.insertInto("blast_requests").values(row).compile());
      }),
    accept: (id, change, answer, now) =>
      db.write(function* () {
        const row = yield* first(toChange({ id }));
        if (row === undefined) return undefined;
        yield* send(
          build.updateTable("blasts").set(changedBlast(change, now)).where("id", "=", id).compile(),
        );
        yield* send(
          build.updateTable("blast_requests").set({ answer: jsonOf(answer) }).where("blast_id", "=", id)
            .compile(),
        );
        return { ...toBlast(row), ...change, updatedAt: now };
      }),
    get: (id) =>
      db.read(function* () {
        const row = yield* first(byId({ id }));
        return row && toBlast(row);
      }),
    beginning: (tenantId, prefix, limit) =>
      db.read(function* () {
        const place = { table: "blasts", column: "id" } as const;
        const ids = yield* idsBeginning(db, place, { tenantId, prefix, limit });
        if (ids.length === 0) return [];
        const rows = yield* run(
          build.selectFrom("blasts").selectAll().where("id", "in", piecesOf(ids)[0]).compile(),
        );
        return rows.map(toBlast).sort((a, b) => b.createdAt - a.createdAt);
      }),
    byIdempotencyKey: (tenantId, key) =>
      db.read(function* () {
        const request = yield* first(
          build.selectFrom("blast_requests").selectAll().where("tenant_id", "=", tenantId)
            .where("idempotency_key", "=", key).compile(),
        );
        if (request === undefined) return undefined;
        const row = yield* first(byId({ id: request.blast_id }));
        if (row === undefined) return undefined;
        const answer = request.answer === null ? null : fromJson<BlastAnswer>(request.answer);
        return { blast: toBlast(row), digest: request.digest, answer };
      }),
    nextScheduled: () =>
      db.read(function* () {
        const query = build.selectFrom("blasts").select(["id", "scheduled_at"]).where(SCHEDULED)
          .where("scheduled_at", "is not", null).orderBy("scheduled_at").limit(1);
        const row = yield* first(query.compile());
        if (row === undefined || row.scheduled_at === null) return undefined;
        return { id: row.id, at: row.scheduled_at };
      }),
    list: (tenantId, { limit, offset = 0 }) =>
      db.read(function* () {
        const query = build.selectFrom("blasts").selectAll().where("tenant_id", "=", tenantId)
          .orderBy("number", "desc").limit(limit).offset(offset);
        return (yield* run(query.compile())).map(toBlast);
      }),
    inStatus: (statuses) =>
      db.read(function* () {
        const query = build.selectFrom("blasts").selectAll().where("status", "in", statuses).orderBy(
          "number",
        );
        return (yield* run(query.compile())).map(toBlast);
      }),
    change: (id, decide, now) =>
      db.write(function* () {
        const row = yield* first(toChange({ id }));
        if (row === undefined) return undefined;
        const blast = toBlast(row);
        const decision = decide(blast);
        if (decision === null) return { blast, changed: false };
        const { turn, ...change } = decision;
        yield* send(
          build.updateTable("blasts").set(changedBlast(change, now)).where("id", "=", id).compile(),
        );
        if (turn !== undefined) yield* keepTurn(db, id, { ...turn, at: now });
        return { blast: { ...blast, ...change, updatedAt: now }, changed: true };
      }),

    add: (messages) =>
      db.write(function* () {
        const stored = new Set<string>();
        for (let start = 0; start < messages.length; start += ROWS_PER_INSERT) {
          const fresh = yield* withoutOtherSpellings(messages.slice(start, start + ROWS_PER_INSERT));
          if (fresh.length === 0) continue;
          for (const id of yield* insert(fresh)) stored.add(id);
        }
        return stored;
      }),
    prune: (before, limit) =>
      db.write(function* () {
        const old = build.selectFrom("blasts").select("number").where("finished_at", "<", before)
          .where((eb) =>
            eb.not(eb.exists(
              eb.selectFrom("message_logs").select("id").whereRef("blast_id", "=", "blasts.id"),
            ))
          ).limit(limit);
        const query = build.deleteFrom("blasts").where("number", "in", old).returning("number");
        return (yield* run(query.compile())).length;
      }),
    async discard(id) {
      const some = build.selectFrom("message_logs").select("id").where("blast_id", "=", id).limit(STEP);
      const remove = build.deleteFrom("message_logs").where("id", "in", some).returning("id").compile();
      while ((await db.write(() => run(remove))).length === STEP);
      await db.write(() => run(build.deleteFrom("blasts").where("id", "=", id).compile()));
    },
    claim: (id, { deviceId, waMessageId, noted, now }) =>
      db.write(function* () {
        const row = yield* first(claimNext({ id, deviceId, waMessageId, now, nowText: utcText(now) }));
        if (row === undefined) return undefined;
        if (deviceId !== null) {
          const slot = Math.floor(now / SLOT_MS);
          yield* send(countClaim({ deviceId, slot }));
          yield* send(
            build.deleteFrom("blast_claims").where("device_id", "=", deviceId)
              .where("slot", "<", slot - SLOTS_KEPT).compile(),
          );
        }
        if (noted) yield* noteDeparture(db, row.job_id, false);
        return toBlastMessage(row);
      }, { key: `blast ${id}` }),
    inHand: (id, limit, after) =>
      db.read(function* () {
        let query = ofBlast(id).where(sql<boolean>`status = 'processing'`).where("receipt", "is", null)
          .where((eb) => eb.or([eb("message_id", "is", null), eb("channel", "=", "whatsapp")]))
          .orderBy("id").limit(limit);
        if (after !== undefined) {
          query = query.where(
            "id",
            ">",
            build.selectFrom("message_logs").select("id").where("job_id", "=", after),
          );
        }
        return (yield* run(query.compile())).map(toBlastMessage);
      }),
    hasInHand: (id) =>
      db.read(function* () {
        const query = build.selectFrom("message_logs").select("id").where("blast_id", "=", id)
          .where(sql<boolean>`status = 'processing'`).where("receipt", "is", null)
          .where((eb) =>
            eb.or([
              eb("channel", "=", "whatsapp"),
              eb("message_id", "is", null).and("error_message", "is", null),
            ])
          ).limit(1);
        return (yield* first(query.compile())) !== undefined;
      }),
    putBack: (messageId, now, { tried } = { tried: false }) =>
      db.write(function* () {
        const message = yield* first(
          build.selectFrom("message_logs").select("blast_id").where("job_id", "=", messageId).compile(),
        );
        const id = message?.blast_id ?? null;
        // locked, so that whoever cancels it finds the message in the queue, or is found here
        const blast = id === null ? undefined : yield* first(toChange({ id }));
        const isOver = blast?.status === "cancelled";
        yield* send(
          build.updateTable("message_logs").set({
            status: isOver ? "failed" : "queued",
            ...(tried ? {} : { message_id: null, device_id: null }),
            error_message: isOver ? CANCELLED : null,
            error_code: null,
            error_reason: null,
            updated_at: utcText(now),
            updated_ms: now,
          }).where("job_id", "=", messageId).where("status", "=", "processing").compile(),
        );
      }),
    giveUp: (id, reason, now, limit) =>
      db.write(function* () {
        const some = build.selectFrom("message_logs").select("id").where("blast_id", "=", id).where(QUEUED)
          .limit(limit);
        const query = build.updateTable("message_logs").set({
          status: "failed",
          error_message: reason,
          updated_at: utcText(now),
          updated_ms: now,
        }).where("id", "in", some).returning("id");
        return (yield* run(query.compile())).length;
      }),
    turns: (id) => db.read(() => turnsOf(db, id)),
    queueAgain: (id, messageIds, now, by) =>
      db.write(function* () {
        const row = yield* first(toChange({ id }));
        if (row === undefined) return undefined;
        const blast = toBlast(row);
        if (!SENDS_AGAIN.has(blast.status)) return { blast, queued: [] };
        const query = build.updateTable("message_logs").set({
          status: "queued",
          message_id: null,
          device_id: null,
          error_message: null,
          error_code: null,
          error_reason: null,
          status_at: null,
          attempts: 0,
          updated_at: utcText(now),
          updated_ms: now,
        }).where("job_id", "in", messageIds).where("blast_id", "=", id).where("channel", "=", "whatsapp")
          .where("status", "=", "failed").where("receipt", "is", null).where("sent_at", "is", null)
          .returning("job_id");
        const queued = (yield* run(query.compile())).map(({ job_id }) => job_id);
        if (queued.length === 0 || blast.status !== "completed") return { blast, queued };
        const change = { status: "running" as const, finishedAt: null };
        yield* send(
          build.updateTable("blasts").set(changedBlast(change, now)).where("id", "=", id).compile(),
        );
        const turn = { what: "again", cause: "person", by, deviceId: null, reason: null } as const;
        yield* keepTurn(db, id, { ...turn, at: now });
        return { blast: { ...blast, ...change, updatedAt: now }, queued };
      }),
    complete: (id, now) =>
      db.write(function* () {
        const row = yield* first(toChange({ id }));
        if (row?.status !== "running") return undefined;
        const left = build.selectFrom("message_logs").select("id").where("blast_id", "=", id).where(QUEUED)
          .limit(1);
        if ((yield* first(left.compile())) !== undefined) return undefined;
        const change = { status: "completed" as const, finishedAt: now };
        yield* send(
          build.updateTable("blasts").set(changedBlast(change, now)).where("id", "=", id).compile(),
        );
        return { ...toBlast(row), ...change, updatedAt: now };
      }),
    counts: (id) =>
      db.read(function* () {
        const query = build.selectFrom("message_logs").select(["status", "receipt"])
          .select((eb) => eb.fn.countAll<number>().as("count")).where("blast_id", "=", id)
          .groupBy(["status", "receipt"]);
        const unconfirmed = build.selectFrom("message_logs").select((eb) =>
          eb.fn.countAll<number>().as("count")
        )
          .where("blast_id", "=", id).where(UNCONFIRMED);
        const failures = build.selectFrom("message_logs").select([
          "error_message as reason",
          "error_reason as word",
        ])
          .select((eb) => eb.fn.countAll<number>().as("count")).where("blast_id", "=", id)
          .where("status", "=", "failed").groupBy(["error_message", "error_reason"]).orderBy("count", "desc")
          .limit(
            MOST_REASONS,
          );
        return {
          ...countsOf(yield* run(query.compile())),
          unconfirmed: (yield* first(unconfirmed.compile()))?.count ?? 0,
          failures: (yield* run(failures.compile())).map(({ reason, word, count }) => ({
            reason: reason ?? "",
            word: word as FailureReason | null,
            count,
          })),
        };
      }),
    activity: (id, limit) =>
      db.read(function* () {
        const minute = sql<number>`coalesce(sent_at, updated_ms) / 60000`;
        const decided = build.selectFrom("message_logs").select(["status"])
          .select((eb) => eb.fn.countAll<number>().as("count"))
          .where("blast_id", "=", id).where("status", "in", ["sent", "failed"]);
        const minutes = yield* run(
          decided.select(minute.as("minute")).groupBy([minute, "status"]).orderBy("minute", "desc")
            .limit(2 * limit).compile(),
        );
        const devices = yield* run(decided.select("device_id").groupBy(["device_id", "status"]).compile());
        const sum = (rows: readonly { readonly status: string; readonly count: number }[], status: string) =>
          rows.reduce((total, row) => row.status === status ? total + Number(row.count) : total, 0);
        const both = (rows: readonly { readonly status: string; readonly count: number }[]) => ({
          sent: sum(rows, "sent"),
          failed: sum(rows, "failed"),
        });
        const starts = [...new Set(minutes.map((row) => Number(row.minute)))].slice(0, limit).toReversed();
        return {
          minutes: starts.map((at) => ({
            at: at * 60_000,
            ...both(minutes.filter((row) => Number(row.minute) === at)),
          })),
          devices: [...new Set(devices.map(({ device_id }) => device_id))].map((deviceId) => ({
            deviceId,
            ...both(devices.filter(({ device_id }) => device_id === deviceId)),
          })),
        };
      }),
    replies: (id) =>
      db.read(function* () {
        // messages come with whole seconds
        const sent = sql`FROM message_logs AS m WHERE m.blast_id = ${id} AND m.status = 'sent'`;
        const since = sql`coalesce(m.sent_at, m.updated_ms) / 1000 * 1000`;
        const query = sql<{ replied: number; opted_out: number }>`
          SELECT (
            SELECT count(*) ${sent} AND EXISTS (
              SELECT 1 FROM inbox WHERE inbox.device_id = m.device_id AND inbox.chat = m.to_address
                AND inbox.sent_at >= ${since} AND inbox.from_me = 0
            )
          ) AS replied, (
            SELECT count(*) ${sent} AND EXISTS (
              SELECT 1 FROM opt_outs WHERE opt_outs.tenant_id = m.tenant_id AND opt_outs.pn = m.to_address
                AND opt_outs.source = 'message' AND opt_outs.created_at >= ${since}
            )
          ) AS opted_out`;
        const row = yield* first(query.compile(build));
        return { replied: Number(row?.replied ?? 0), optedOut: Number(row?.opted_out ?? 0) };
      }),
    claimedSince: (deviceId, since) =>
      db.read(function* () {
        const query = build.selectFrom("blast_claims").select((eb) => eb.fn.sum<number>("count").as("count"))
          .where("device_id", "=", deviceId).where("slot", ">=", Math.floor(since / SLOT_MS));
        return Number((yield* first(query.compile()))?.count ?? 0);
      }),
  };
}

function toBlastMessage(row: Selectable<MessageRow>): BlastMessage {
  return { message: toMessage(row), payload: row.payload };
}

function countsOf(
  rows: readonly { readonly status: string; readonly receipt: string | null; readonly count: number }[],
): Omit<BlastCounts, "unconfirmed" | "failures"> {
  const add = (matches: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(matches).reduce((sum, { count }) => sum + count, 0);
  const inStatus = (status: string) => add((row) => row.status === status);
  const withReceipt = (receipt: string) => add((row) => row.receipt === receipt);
  return {
    queued: inStatus("queued"),
    processing: inStatus("processing"),
    sent: inStatus("sent"),
    failed: inStatus("failed"),
    receipts: {
      delivered: withReceipt("delivered"),
      read: withReceipt("read"),
      played: withReceipt("played"),
    },
  };
}
