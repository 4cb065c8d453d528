import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { aMessage } from "../contracts/samples.ts";
import { withFolder } from "../temporary.ts";

/** Runs a statement as an operator does beside the running gateway, who has it from the Qiscus guide. */
function ask(path: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all().map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

function withLogs(body: (path: string) => void): Promise<void> {
  return withFolder(async (folder) => {
    const path = `${folder}/logs.db`;
    const now = Date.now();
    const store = openSqliteStore({ path });
    const sent = aMessage({
      waMessageId: "wamid.abc123xyz",
      recipientPhone: "6281234567890",
      createdAt: now - 90_000,
    });
    const failed = aMessage({ waMessageId: "wamid.B", createdAt: now - 60_000, updatedAt: now - 60_000 });
    await store.messages.createAll([sent, failed, aMessage()]);
    await store.messages.change(sent.id, () => ({ status: "sent", receipt: "read" }), now);
    const error = { code: 1, message: "Delivery failed" };
    await store.messages.change(failed.id, () => ({ status: "failed", error }), now - 30_000);
    await store.systemLog.write({
      level: "info",
      message: "webhook received",
      metadata: null,
      createdAt: now,
    });
    await store.systemLog.write({ level: "info", message: "started", metadata: null, createdAt: now });
    body(path);
    await store.close();
  });
}

Deno.test("operators find a message by its id in message_logs", () =>
  withLogs((path) => {
    const rows = ask(path, "SELECT * FROM message_logs WHERE message_id = 'wamid.abc123xyz'");

    assertEquals(rows.length, 1);
    assertEquals(rows[0].status, "sent");
    assertEquals(rows[0].receipt, "read");
  }));

Deno.test("operators read the latest message updates from message_logs", () =>
  withLogs((path) => {
    const rows = ask(
      path,
      `
  SELECT
    message_id,
    status,
    recipient_phone,
    created_at,
    updated_at
  FROM message_logs
  WHERE message_id IS NOT NULL
  ORDER BY updated_at DESC
  LIMIT 10
`,
    );

    assertEquals(rows.map(({ message_id, status }) => [message_id, status]), [
      ["wamid.abc123xyz", "sent"],
      ["wamid.B", "failed"],
    ]);
    assertEquals(rows[0].recipient_phone, "6281234567890");
    for (const { created_at, updated_at } of rows) {
      for (const text of [created_at, updated_at]) {
        assert(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(String(text)));
      }
    }
  }));

Deno.test("operators count the webhooks of today in system_logs", () =>
  withLogs((path) => {
    const [row] = ask(
      path,
      `
  SELECT COUNT(*)
  FROM system_logs
  WHERE message LIKE '%webhook%'
    AND DATE(created_at) = DATE('now')
`,
    );

    assertEquals(row["COUNT(*)"], 1);
  }));

Deno.test("operators break messages down by status", () =>
  withLogs((path) => {
    const rows = ask(
      path,
      `
  SELECT
    status,
    COUNT(*) as count,
    MAX(updated_at) as last_update
  FROM message_logs
  WHERE message_id IS NOT NULL
  GROUP BY status
`,
    );

    assertEquals(rows.map(({ status, count }) => [status, count]), [["failed", 1], ["sent", 1]]);
  }));

Deno.test("operators count what failed within the last hour, in UTC", () =>
  withLogs((path) => {
    const since = (offset: string) =>
      ask(
        path,
        `
  SELECT COUNT(*)
  FROM message_logs
  WHERE status='failed'
    AND updated_at > datetime('now', '${offset}')
`,
      )[0]["COUNT(*)"];

    assertEquals(since("-1 hour"), 1);
    assertEquals(since("+1 hour"), 0);
  }));
