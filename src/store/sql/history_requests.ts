import type { Selectable } from "kysely";
import type { HistoryProgress, HistoryRequest, HistoryRequests, HistoryStatus } from "../history_requests.ts";
import { type Database, first, run, send } from "./database.ts";
import { fromJson, jsonOf, mentioned } from "./rows.ts";
import type { HistoryRequestRow } from "./tables.ts";

const CANCELLED: HistoryStatus = "cancelled";
/** A silent phone may still answer, and is asked on then. */
const CANCELLABLE: readonly HistoryStatus[] = ["asked", "answering", "silent"];

function toRequest(row: Selectable<HistoryRequestRow>): HistoryRequest {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    deviceId: row.device_id,
    chat: row.chat,
    before: row.before_at,
    count: row.count,
    since: row.since,
    chats: fromJson(row.chats),
    status: row.status as HistoryStatus, // written below only
    position: row.position,
    anchor: row.anchor,
    askedId: row.asked_id,
    inChat: row.in_chat,
    pages: row.pages,
    messages: row.messages,
    added: row.added,
    exhausted: row.exhausted,
    unanswered: row.unanswered,
    error: row.error,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  };
}

function columnsOf(progress: Partial<HistoryProgress>) {
  return {
    status: progress.status,
    position: progress.position,
    anchor: progress.anchor,
    asked_id: progress.askedId,
    in_chat: progress.inChat,
    pages: progress.pages,
    messages: progress.messages,
    added: progress.added,
    exhausted: progress.exhausted,
    unanswered: progress.unanswered,
    error: progress.error,
    finished_at: progress.finishedAt,
  };
}

/** What makes two requests the same. */
function questionOf({ chat, before, count, since }: HistoryRequest): string {
  return jsonOf([chat, before, count, since]);
}

export function createHistoryRequests(db: Database): HistoryRequests {
  const { build } = db;
  const rows = () => build.selectFrom("history_requests").selectAll();
  const unfinished = (deviceId: string) =>
    rows().where("device_id", "=", deviceId).where("finished_at", "is", null);

  return {
    create: (request) =>
      db.write(function* () {
        const question = questionOf(request);
        const same = yield* first(
          unfinished(request.deviceId).where("question", "=", question).orderBy("number").limit(1).compile(),
        );
        if (same !== undefined) return toRequest(same);
        yield* send(
          build.insertInto("history_requests").values({
            id: request.id,
            tenant_id: request.tenantId,
            device_id: request.deviceId,
            chat: request.chat,
            before_at: request.before,
            count: request.count,
            since: request.since,
            question,
            chats: jsonOf(request.chats),
            status: request.status,
            position: request.position,
            anchor: request.anchor,
            asked_id: request.askedId,
            in_chat: request.inChat,
            pages: request.pages,
            messages: request.messages,
            added: request.added,
            exhausted: request.exhausted,
            unanswered: request.unanswered,
            error: request.error,
            created_at: request.createdAt,
            updated_at: request.updatedAt,
            finished_at: request.finishedAt,
          }).compile(),
        );
        return request;
      }, { key: `history ${request.deviceId}` }),
    get: (deviceId, id) =>
      db.read(function* () {
        const row = yield* first(
          rows().where("id", "=", id).where("device_id", "=", deviceId).compile(),
        );
        return row && toRequest(row);
      }),
    list: (deviceId, limit) =>
      db.read(function* () {
        const query = rows().where("device_id", "=", deviceId).orderBy("number", "desc").limit(limit);
        return (yield* run(query.compile())).map(toRequest);
      }),
    open: (deviceId) =>
      db.read(function* () {
        return (yield* run(unfinished(deviceId).orderBy("number").compile())).map(toRequest);
      }),
    byAskedId: (deviceId, askedId) =>
      db.read(function* () {
        const query = rows().where("device_id", "=", deviceId).where("asked_id", "=", askedId).limit(1);
        const row = yield* first(query.compile());
        return row && toRequest(row);
      }),
    update: (id, change, now) =>
      db.write(function* () {
        yield* send(
          build.updateTable("history_requests").set({ ...mentioned(columnsOf(change)), updated_at: now })
            .where("id", "=", id).where("status", "!=", CANCELLED).compile(),
        );
      }),
    cancel: (deviceId, id, now) =>
      db.write(function* () {
        const cancelled = yield* run(
          build.updateTable("history_requests")
            .set({ status: CANCELLED, asked_id: null, finished_at: now, updated_at: now })
            .where("id", "=", id).where("device_id", "=", deviceId).where("status", "in", CANCELLABLE)
            .returning("number").compile(),
        );
        return cancelled.length > 0;
      }),
    prune: (before, limit) =>
      db.write(function* () {
        const old = build.selectFrom("history_requests").select("number").where("created_at", "<", before)
          .orderBy("created_at").limit(limit);
        return (yield* run(
          build.deleteFrom("history_requests").where("number", "in", old).returning("number").compile(),
        )).length;
      }),
  };
}
