import { assertEquals, assertGreater } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { newHistoryRequest } from "../../../src/store/history_requests.ts";
import type { Store } from "../../../src/store/store.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import {
  aBlast,
  aDevice,
  aDraft,
  aMessage,
  aNewDelivery,
  anInboxMessage,
  aWebhook,
  deliver,
  settle,
  T0,
} from "../contracts/samples.ts";
import { withFolder } from "../temporary.ts";

/** Tables that grow for as long as the gateway runs. */
const HISTORY =
  "events|opt_outs|deliveries|attempts|delivery_counts|api_keys|attempt_hours|event_hours|replays|short_lived|inbox|chat_reads|history_pages|history_requests|message_texts|message_logs|system_logs|signal_keys|blast_requests";

/** Statements that walk a history table from one end and stop after a few rows, which plans do not show. */
const FROM_ONE_END: readonly RegExp[] = [
  /^select "number", "created_at" as "at" from "deliveries" order by "number" desc limit \?$/,
  /^delete from "system_logs" where "id" in \(select "id" from \(select "id", "created_ms" from "system_logs" order by "id" limit \?\)/,
  /^select \* from "system_logs" order by "id" desc limit \?/,
  /^select \* from "message_logs" order by "id" desc limit \?/,
  /^select "inbox"\.\* from "inbox" inner join "message_texts" .* where "message_texts"\."words" is null limit \?/,
  /^select \(select "number" from "message_texts" order by "number" limit \?\) as "oldest"/,
  /^select "inbox"\.\* from "inbox" order by "inbox"\."number" desc limit \?/,
];

/** Statements that sort a few rows: what two seeks found, one stretch of events, the pending of one webhook, sums. */
const SORTING: readonly RegExp[] = [
  /^update "deliveries" .* union all /,
  /^select "number" from "deliveries" .* and "event_seq" in \(select "seq" from "events"/,
  /^select "number" from "deliveries" where "webhook_id" = \? and "status" = 0 and "blocked" in .* order by \+"number"/,
  /^select "name", "status", sum\("count"\) as "count" from "delivery_counts"/,
  /^WITH wanted \(chat, up_to, message_id\) AS/,
];

/** Does everything that the store can do at least once. */
async function useEverything(store: Store): Promise<void> {
  const device = aDevice({ alias: "kasir" });
  const webhook = aWebhook();
  const webhookId = webhook.id;
  const tenantId = DEFAULT_TENANT;
  const draft = aDraft({ device: { id: device.id, alias: null }, dedupeKey: "k" });
  await store.devices.create(device);
  await store.webhooks.create(webhook);

  await store.events.append(draft, [aNewDelivery(webhookId, { orderingKey: "chat" })], T0);
  const delivery = await deliver(store, webhookId);
  await store.events.append(aDraft(), Array.from({ length: 10_100 }, () => aNewDelivery(webhookId)), T0);
  await store.deliveries.list({ webhookIds: [webhookId], status: "pending", name: "none" }, { limit: 5 });
  const { number, eventId, eventSeq } = delivery;
  const at = { now: T0, leaseMs: 1, limit: 5 };
  await store.deliveries.claim(number, at);
  await store.deliveries.claimDue(webhookId, at);
  await store.deliveries.claimHeads(webhookId, at);
  await store.deliveries.claimHeads(webhookId, { ...at, keys: ["chat"] });
  await store.deliveries.release([number], T0);
  await store.deliveries.due([webhookId], T0);
  await settle(store, delivery, "success");
  await settle(store, delivery, "failed");
  await store.deliveries.recover([number], { now: T0, dueAt: T0 });
  await store.deliveries.revive([number], { now: T0, dueAt: T0 });
  await store.deliveries.cancelPending(webhookId, T0);
  await store.deliveries.get(number);
  await store.deliveries.attempts(number);
  await store.deliveries.oldestFailed(webhookId, 5);
  await store.deliveries.newestFailed(webhookId);
  await store.deliveries.pendingWebhooks();
  await store.deliveries.failedDue(webhookId, T0, 5);
  await store.deliveries.backlog();
  await store.deliveries.backlog(webhookId);
  await store.events.byDedupePrefix(tenantId, "k", 5);
  const span = { from: 1, to: 2 };
  await store.hours.add({
    attempts: [{ webhookId, hour: 1, first: 1, retried: 0, failed: 0, durations: [1] }],
    events: [{ tenantId, deviceId: null, type: "message.received", hour: 1, count: 1 }],
  });
  await store.hours.attempts([webhookId], span);
  await store.hours.events({ tenantId, types: ["message.received"] }, span);
  await store.hours.events({ tenantId, deviceId: device.id, types: ["message.received"] }, span);
  await store.hours.prune(1, 5);
  await store.replays.create({
    id: "rpl_1",
    tenantId,
    status: "running",
    filter: {},
    total: 1,
    looked: 0,
    replayed: 0,
    after: 0,
    startedAt: T0,
    finishedAt: null,
  });
  await store.apiKeys.create({
    id: "key_1",
    tenantId,
    name: "Assistant",
    scopes: ["read"],
    deviceIds: null,
    readChats: null,
    sendChats: null,
    createdAt: T0,
    expiresAt: null,
    lastUsedAt: null,
  }, "hash");
  const person = { pn: "1@s.whatsapp.net", lid: "1@lid" };
  await store.optOuts.add(tenantId, { ...person, reason: null, source: "api", at: T0 });
  await store.optOuts.find(tenantId, person);
  await store.optOuts.list(tenantId, { limit: 5 });
  await store.optOuts.list(tenantId, { limit: 5, before: 9 });
  await store.optOuts.remove(tenantId, person);
  await store.apiKeys.byHash("hash");
  await store.apiKeys.list(tenantId);
  await store.apiKeys.used("key_1", { now: T0, unless: T0 });
  await store.apiKeys.remove(tenantId, "key_1");
  const thing = { kind: "draft", id: "a", tenantId, about: "x", body: "", createdAt: T0, expiresAt: T0 + 1 };
  await store.shortLived.put(thing);
  await store.shortLived.get("draft", "a", T0);
  await store.shortLived.about("draft", "x", T0);
  await store.shortLived.trim("draft", tenantId, 0);
  await store.shortLived.removeAbout("draft", "x");
  await store.shortLived.prune(T0, 5);
  await store.replays.list(tenantId, 5);
  await store.replays.claim("rpl_1", { holder: "me", now: T0, until: T0 + 1 });
  await store.replays.free(T0, 5);
  await store.replays.progress("rpl_1", { looked: 1, replayed: 1, after: 1 });
  await store.replays.finish("rpl_1", "done", T0);
  await store.replays.prune(T0, 5);
  for (const filter of [{}, { webhookIds: [webhookId] }, { deviceId: device.id }]) {
    await store.deliveries.counts({ ...filter, since: T0 });
  }
  const scopes = [
    { tenantId },
    { webhookIds: [webhookId] },
    { tenantId, webhookIds: [webhookId] },
    { deviceId: device.id },
    { eventId },
  ];
  for (const scope of scopes) {
    for (const status of [undefined, "pending", "failed", "success"] as const) {
      for (
        const more of [{}, { name: "message.received" }, { since: T0 - 5, until: T0 + 5 }, {
          statusCode: 500,
        }]
      ) {
        const filter = { ...scope, ...more, status };
        await store.deliveries.list(filter, { limit: 5 });
        await store.deliveries.list(filter, { limit: 5, after: 1 });
        await store.deliveries.removeDecided({ ...filter, name: "none" }, 5);
      }
    }
  }

  await store.events.get(eventId);
  await store.events.beginning(tenantId, eventId.slice(0, -4), 5);
  await store.events.bySeq([eventSeq, eventSeq + 1]);
  await store.events.range(tenantId);
  for (const scope of [{}, { types: ["custom" as const] }, { deviceIds: [device.id] }]) {
    for (const order of ["oldest", "newest"] as const) {
      await store.events.list({ tenantId, limit: 5, order, ...scope });
      await store.events.list({ tenantId, limit: 5, order, ...scope, after: 1, before: 9, since: T0 - 5 });
    }
  }

  await store.credentials.save(device.id, "creds");
  await store.credentials.setKeys(device.id, [
    { type: "session", id: "a", value: "1" },
    { type: "session", id: "b", value: null },
  ]);
  await store.credentials.keys(device.id, "session", ["a"]);
  await store.credentials.keys(device.id, "session", ["a", "b"]);
  await store.credentials.clear(device.id);

  const message = anInboxMessage(device.id);
  const { chat, messageId } = message;
  await store.inbox.journal([message]);
  await store.inbox.unpublished(device.id, 5);
  await store.inbox.awaited(device.id, 5);
  await store.inbox.told(device.id, [message]);
  await store.inbox.named(device.id, messageId);
  await store.inbox.refile(device.id, "elsewhere@lid", chat);
  await store.inbox.forget(device.id, [{ chat: "elsewhere@lid", messageId }]);
  await store.inbox.published(device.id, [message]);
  await store.inbox.get(device.id, messageId);
  await store.inbox.get(device.id, messageId, chat);
  await store.inbox.history(device.id, chat, { limit: 5 });
  await store.inbox.history(device.id, chat, { limit: 5, before: T0 });
  await store.inbox.history(device.id, chat, { limit: 5, before: { sentAt: T0, messageId } });
  await store.inbox.oldest(device.id, chat, { limit: 5, since: T0 });
  await store.chatReads.note(device.id, [
    { what: "messages", chat, lid: "elsewhere@lid", messageIds: [messageId] },
    { what: "messages", chat, messageIds: [messageId] },
    { what: "until", chat: "elsewhere@lid", at: T0 },
    { what: "unread", chat },
  ]);
  await store.inbox.refile(device.id, "elsewhere@lid", chat);
  await store.chatReads.unread(device.id, [chat, "elsewhere@lid"]);
  await store.chatReads.prune(0, 5);
  await store.history.addPages([{
    deviceId: device.id,
    messageId: "m",
    payload: Uint8Array.of(1),
    cameAt: T0,
  }]);
  await store.history.pages(device.id, 5);
  await store.history.removePage(device.id, "m");
  const past = anInboxMessage(device.id);
  await store.history.file([past], { at: T0, tell: true });
  await store.history.untold(device.id, 5);
  await store.history.told(device.id, [past]);
  const question = { chat, before: null, count: 5, since: null };
  const request = newHistoryRequest({ ...question, tenantId, deviceId: device.id, chats: [chat] }, T0);
  await store.historyRequests.create(request);
  await store.historyRequests.get(device.id, request.id);
  await store.historyRequests.list(device.id, 5);
  await store.historyRequests.open(device.id);
  await store.historyRequests.byAskedId(device.id, "3EB0ASK");
  await store.historyRequests.update(request.id, { askedId: "3EB0ASK" }, T0);
  await store.historyRequests.prune(0, 5);
  const [unread] = await store.messageTexts.unread(5);
  const author = { person: chat, name: "Budi" };
  await store.messageTexts.put([{ number: unread.number, deviceId: device.id, words: "halo", author }]);
  await store.messageTexts.unread(5);
  await store.messageTexts.find(device.id, ["halo"], { limit: 5 });
  await store.messageTexts.find(device.id, ["halo"], { limit: 5, chat, before: 9 });
  await store.messageTexts.named(device.id, "budi", 5);

  const outgoing = aMessage({
    idempotencyKey: "k",
    blastId: "blast_a",
    deviceId: device.id,
    waMessageId: "3EB0",
  });
  await store.messages.create(outgoing);
  await store.messages.get(outgoing.id);
  await store.messages.beginning(tenantId, outgoing.id.slice(0, -4), 5);
  await store.messages.byIdempotencyKey(tenantId, "k");
  await store.messages.byWaMessageId("3EB0", device.id);
  await store.messages.byWaMessageId("3EB0", null);
  await store.messages.change(outgoing.id, () => ({ status: "sent" }), T0);
  await store.messages.waiting(device.id, ["queued"], 5);
  await store.messages.nextScheduled();
  await store.messages.scheduled({ tenantId }, { limit: 5 });
  await store.messages.scheduled({ tenantId, deviceIds: [device.id] }, {
    limit: 5,
    after: { id: outgoing.id, sendAt: T0 },
  });
  await store.messages.isAwaited("3EB0");
  for (const status of [undefined, "sent"] as const) {
    await store.messages.list({ tenantId, status }, { limit: 5 });
    await store.messages.list({ tenantId, status, channel: "qiscus" }, { limit: 5, offset: 2 });
    await store.messages.list({ tenantId, status, deviceId: device.id }, { limit: 5 });
    await store.messages.list({ tenantId, status, recipientPhone: "0812" }, { limit: 5 });
    await store.messages.list({ status, deviceId: device.id }, { limit: 5 });
    await store.messages.list({ status, deviceId: device.id }, { limit: 5, before: outgoing.id });
  }
  await store.messages.list({ blastId: "blast_a" }, { limit: 5 });
  for (const reached of ["sent", "delivered", "read"] as const) {
    await store.messages.list({ tenantId, blastId: "blast_a", reached }, { limit: 5, before: outgoing.id });
  }

  const blast = aBlast({ status: "scheduled", scheduledAt: T0 });
  await store.blasts.create(blast, { idempotencyKey: "k", digest: "d" });
  await store.blasts.accept(blast.id, blast, { messageIds: [], duplicates: [], qiscusEnabled: false }, T0);
  await store.blasts.byIdempotencyKey(tenantId, "k");
  await store.blasts.nextScheduled();
  await store.blasts.discard(blast.id);

  await store.systemLog.write({ level: "info", message: "webhook", metadata: null, createdAt: T0 });
  await store.systemLog.list({}, { limit: 5 });
  await store.systemLog.get(1);
  await store.systemLog.amend(1, { events: 1 });
  await store.events.byDedupeKey(tenantId, "k");
  await store.deliveries.ofEvents(tenantId, ["k", "l"]);
  await store.systemLog.list({ level: "info" }, { limit: 5, offset: 1 });
  await store.systemLog.list({ tenantId }, { limit: 5, before: 9 });
  await store.systemLog.list({ tenantId, level: "info" }, { limit: 5 });

  await store.systemLog.prune(T0 + 1, 5);
  await store.inbox.prune(T0 + 1, 5);
  await store.messageHistory.pruneAll(T0 + 1, 5);
  await store.blasts.prune(T0 + 1, 5);
  await store.events.prune(T0 + 1, 5);
  await store.webhooks.remove(webhookId, T0);
  await store.devices.remove(device.id);
  await store.tenants.remove("tenant_x");
}

/** The steps by which SQLite would run a statement. */
function planOf(database: DatabaseSync, sql: string): string[] {
  return database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => String(detail));
}

Deno.test("sqlite store reaches its history through indexes only", () =>
  withFolder(async (folder) => {
    const statements = new Set<string>();
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path, onPrepare: (sql) => statements.add(sql) });
    await useEverything(store);
    await store.close();
    const database = new DatabaseSync(path, { readOnly: true });

    const offences: string[] = [];
    for (const sql of statements) {
      const fits = (patterns: readonly RegExp[]) => patterns.some((pattern) => pattern.test(sql));
      for (const step of planOf(database, sql)) {
        const scans = new RegExp(`^SCAN (${HISTORY})\\b`).test(step) && !fits(FROM_ONE_END);
        const sorts = /TEMP B-TREE/.test(step) && new RegExp(`"(${HISTORY})"`).test(sql) && !fits(SORTING);
        const ranges = new RegExp(`^SEARCH (${HISTORY}) USING INTEGER PRIMARY KEY .rowid[<>]`).test(step) &&
          /"(tenant_id|webhook_id|device_id)" = \?/.test(sql);
        if (scans || sorts || ranges) offences.push(`${step} <= ${sql}`);
      }
    }
    database.close();

    assertEquals(offences, []);
    assertGreater(statements.size, 80);
  }));

Deno.test("sqlite store finds the next scheduled blast at the end of an index", () =>
  withFolder(async (folder) => {
    const statements = new Set<string>();
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path, onPrepare: (sql) => statements.add(sql) });
    await store.blasts.nextScheduled();
    await store.close();
    const database = new DatabaseSync(path, { readOnly: true });

    const plans = [...statements].filter((sql) => sql.includes("scheduled")).map((sql) =>
      planOf(database, sql)
    );
    database.close();

    assertEquals(plans, [["SEARCH blasts USING INDEX blasts_scheduled (status=? AND scheduled_at>?)"]]);
  }));

Deno.test("sqlite store looks at a blast's people alone, and at each one's answers by index", () =>
  withFolder(async (folder) => {
    const statements = new Set<string>();
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path, onPrepare: (sql) => statements.add(sql) });
    const blast = aBlast();
    await store.blasts.create(blast);
    statements.clear();
    await store.blasts.replies(blast.id);
    await store.blasts.activity(blast.id, 60);
    await store.blasts.counts(blast.id);
    await store.blasts.queueAgain(blast.id, ["msg_1", "msg_2"], T0, null);
    await store.blasts.turns(blast.id);
    await store.blasts.complete(blast.id, T0);
    await store.close();
    const database = new DatabaseSync(path, { readOnly: true });

    const steps = [...statements].flatMap((sql) => planOf(database, sql));
    database.close();

    assertEquals(steps.filter((step) => /^SCAN (?!CONSTANT ROW)/.test(step)), []);
    const answers = steps.filter((step) => /\b(inbox|opt_outs)\b/.test(step));
    assertEquals(answers, [
      "SEARCH inbox EXISTS USING INDEX inbox_by_chat (device_id=? AND chat=? AND sent_at>?)",
      "SEARCH opt_outs EXISTS USING INDEX opt_outs_by_pn (tenant_id=? AND pn=?)",
    ]);
  }));

Deno.test("sqlite store lists a blast's people by how far their messages came without looking at others", () =>
  withFolder(async (folder) => {
    const statements = new Set<string>();
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path, onPrepare: (sql) => statements.add(sql) });
    statements.clear();
    for (const reached of ["sent", "delivered", "read"] as const) {
      const filter = { tenantId: "tenant_a", blastId: "blast_a", reached };
      await store.messages.list(filter, { limit: 5 });
      await store.messages.list(filter, { limit: 5, before: "msg_a" });
    }
    await store.messages.list({ tenantId: "tenant_a", blastId: "blast_a" }, { limit: 5, before: "msg_a" });
    await store.close();
    const database = new DatabaseSync(path, { readOnly: true });

    const steps = [...statements].flatMap((sql) => planOf(database, sql))
      .filter((step) => /SEARCH message_logs|B-TREE/.test(step) && !step.includes("(job_id=?)"));
    database.close();

    const alone =
      "SEARCH message_logs USING INDEX message_logs_in_blast (blast_id=? AND status=? AND receipt=?";
    const whole = "SEARCH message_logs USING INDEX message_logs_by_blast (blast_id=? AND rowid<?)";
    assertEquals([...new Set(steps)].toSorted(), [whole, `${alone} AND rowid<?)`, `${alone})`]);
  }));

Deno.test("sqlite store finds devices that are down by their status", () =>
  withFolder(async (folder) => {
    const statements = new Set<string>();
    const path = `${folder}/logs.db`;
    const store = openSqliteStore({ path, onPrepare: (sql) => statements.add(sql) });
    await store.devices.list({ kind: "whatsapp", statuses: ["failed", "disconnected"] });
    await store.close();
    const database = new DatabaseSync(path, { readOnly: true });

    const [plan] = [...statements].filter((sql) => sql.includes('"status" in')).map((sql) =>
      planOf(database, sql)
    );
    database.close();

    assertEquals(plan?.[0], "SEARCH devices USING INDEX devices_by_status (status=?)");
  }));
