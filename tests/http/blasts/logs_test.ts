import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { setUpBlasting } from "../../support/blasting.ts";
import { aMessage } from "../../support/messaging.ts";

type Row = Record<string, unknown>;

async function withMessages() {
  const server = await setUpBlasting();
  const now = Date.now();
  const at = { createdAt: now, updatedAt: now };
  await server.store.messages.createAll([
    aMessage({ status: "sent", channel: "qiscus", deviceId: null, waMessageId: "wamid.A", ...at }),
    aMessage({ status: "failed", error: { code: 1, message: "Delivery failed" }, ...at }),
    aMessage({ status: "queued", waMessageId: null, recipientPhone: "0812", ...at }),
  ]);
  return server;
}

Deno.test("logs list messages, newest first", async () => {
  await using server = await withMessages();

  const { status, json } = await server.ask("GET", "/api/logs/messages?limit=2");

  const logs = json.logs as Row[];
  assertEquals([status, json.success, json.count, logs.map((row) => row.status)], [200, true, 2, [
    "queued",
    "failed",
  ]]);
  const [, failed] = logs;
  assertEquals([failed.error_message, failed.channel, failed.provider], [
    "Delivery failed",
    "whatsapp",
    "device",
  ]);
  assertMatch(String(failed.created_at), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
});

Deno.test("logs narrow messages by status, channel and phone", async () => {
  await using server = await withMessages();
  const queries = [
    "status=failed",
    "status=sent",
    "channel=whatsapp",
    "channel=qiscus",
    "channel=email",
    "phone=0812",
  ];

  const found = await Promise.all(
    queries.map(async (query) => (await server.ask("GET", `/api/logs/messages?${query}`)).json.logs as Row[]),
  );

  assertEquals(found.map((rows) => rows.map((row) => row.status)), [
    ["failed"],
    ["sent"],
    ["queued", "failed", "sent"],
    ["sent"],
    [],
    ["queued"],
  ]);
});

Deno.test("logs fall back to their defaults for numbers that are none, and refuse words that are none", async () => {
  await using server = await withMessages();

  const lenient = await server.ask("GET", "/api/logs/messages?limit=abc&offset=-1");
  const all = await server.ask("GET", "/api/logs/messages?limit=0");
  const strict = await server.ask("GET", "/api/logs/messages?status=flying");

  assertEquals([lenient.json.count, all.json.count, strict.status], [3, 3, 400]);
});

Deno.test("logs list what happened, by level", async () => {
  await using server = await setUpBlasting();
  await server.ask("POST", "/webhooks/qiscus", { statuses: [{ id: "wamid.A", status: "sent" }] });
  await server.ask("POST", "/webhooks/qiscus", "not json");

  const { json } = await server.ask("GET", "/api/logs/system?level=info&limit=20");

  const logs = json.logs as Row[];
  assert(logs.length > 0 && logs.every((row) => row.level === "info"));
  assert(logs.some((row) => String(row.message).includes("webhook")));
  assertEquals(typeof logs[0].metadata, "string");
});

Deno.test("logs count messages", async () => {
  await using server = await withMessages();

  const stats = await server.ask("GET", "/api/logs/messages/stats");
  const byDate = await server.ask("GET", "/api/logs/messages/stats/by-date?days=1");
  const jobs = await server.ask("GET", "/api/messages/stats");

  const counts = { queued: 1, processing: 0, sent: 1, failed: 1 };
  assertEquals(stats.json.stats, {
    email: { queued: 0, processing: 0, sent: 0, failed: 0 },
    whatsapp: counts,
    total: counts,
  });
  const [{ createdAt }] = await server.store.messages.list({}, { limit: 1 });
  const date = new Date(createdAt).toISOString().slice(0, 10); // a day may be over since
  const onThisDay = (status: string) => ({ date, channel: "whatsapp", status, count: 1 });
  assertEquals(byDate.json.stats, ["sent", "failed", "queued"].map(onThisDay));
  assertEquals(jobs.json.stats, { waiting: 1, active: 0, completed: 1, failed: 1 });
});

Deno.test("logs can be cleaned of what is old and decided", async () => {
  const now = Date.now();
  await using server = await withMessages();
  const old = { createdAt: now - 40 * 24 * 3_600_000, updatedAt: now };
  await server.store.messages.createAll([
    aMessage({ status: "sent", ...old }),
    aMessage({ status: "queued", ...old }),
  ]);

  const kept = await server.ask("POST", "/api/logs/cleanup", { days: 50 });
  const cleaned = await server.ask("POST", "/api/logs/cleanup", { days: "30" });

  assertEquals([kept.json.deletedMessages, cleaned.json.deletedMessages], [0, 1]);
  assertEquals((await server.store.messages.list({}, { limit: 10 })).length, 4);
});

Deno.test("logs answer the questions of the field's sqlite3 commands", async () => {
  await using server = await withMessages();
  await server.ask("POST", "/webhooks/qiscus", { statuses: [{ id: "wamid.A", status: "sent" }] });
  const database = new DatabaseSync(join(server.folder, "logs.db"), { readOnly: true });
  const count = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);

  const rows = database.prepare(
    "SELECT message_id,status,recipient_phone,created_at,updated_at FROM message_logs WHERE message_id='wamid.A'",
  ).all();
  const recent = count(
    "SELECT COUNT(*) FROM message_logs WHERE status='failed' AND updated_at > datetime('now', '-1 hour')",
  );
  const future = count(
    "SELECT COUNT(*) FROM message_logs WHERE status='failed' AND updated_at > datetime('now', '+1 hour')",
  );
  const today = count(
    "SELECT COUNT(*) FROM system_logs WHERE message LIKE '%webhook%' AND DATE(created_at) = DATE('now')",
  );
  database.close();

  assertEquals([rows.length, recent, future, today], [1, 1, 0, 1]);
});
