// Fills a gateway's database with a long history, by SQL: a million deliveries and all that pages list beside them.
import { DatabaseSync } from "node:sqlite";
import { HOUR_MS } from "../../src/spans.ts";

const DAYS = 30;
const SPAN_MS = DAYS * 24 * HOUR_MS;

/** What a database has to hold before: one event, one message in and one out, and these webhooks. */
export interface History {
  readonly deliveries: number;
  readonly webhookIds: readonly string[];
  readonly deviceId: string;
}

/**
 * Adds the history of a month, evenly over it: deliveries of every webhook for each event, one in twenty of them failed,
 * with an attempt each; messages in 2,000 chats, messages out, lines of the log.
 */
export function fillHistory(path: string, { deliveries, webhookIds, deviceId }: History, now: number): void {
  const database = new DatabaseSync(path);
  const many = webhookIds.length;
  const events = Math.floor(deliveries / many);
  const others = Math.floor(deliveries / 10);
  const from = now - SPAN_MS;
  const one = (sql: string) => database.prepare(sql).get() as Record<string, number>;
  const { seq } = one("SELECT max(seq) AS seq FROM events");
  const { number } = one("SELECT coalesce(max(number), 0) AS number FROM deliveries");
  const { number: inbox } = one("SELECT max(number) AS number FROM inbox");
  const { tenant } = one("SELECT max(tenant_seq) AS tenant FROM events");
  const at = (n: string, of: number) => `(${from} + CAST(${n} * ${SPAN_MS}.0 / ${of} AS INTEGER))`;
  const numbers = (count: number) =>
    `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${count})`;
  const columnsOf = (table: string) =>
    (database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all() as { name: string }[])
      .map(({ name }) => name);
  /** Copies the table's last row `count` times with some columns changed. */
  const copy = (table: string, count: number, where: string, change: Readonly<Record<string, string>>) => {
    const columns = columnsOf(table).filter((name) => change[name] !== "");
    const values = columns.map((name) => change[name] ?? `was."${name}"`);
    database.exec(`${numbers(count)}
      INSERT INTO ${table} (${columns.map((name) => `"${name}"`)}) SELECT ${values}
      FROM n, (SELECT * FROM ${table} WHERE ${where} ORDER BY rowid DESC LIMIT 1) AS was`);
  };
  database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN");
  copy("events", events, "type = 'message.received'", {
    seq: `${seq} + n`,
    tenant_seq: `${tenant} + n`,
    id: "'evt_bench' || n",
    dedupe_key: "NULL",
    at: at("n", events),
  });
  const webhook = `CASE n % ${many} ${
    webhookIds.map((id, index) => `WHEN ${index} THEN '${id}'`).join(" ")
  } END`;
  const failed = "n % 20 = 7";
  database.exec(`${numbers(deliveries)}
    INSERT INTO deliveries (number, tenant_id, webhook_id, event_seq, event_id, device_id, name, status, blocked,
      attempts, due_at, leased_until, lease_epoch, status_code, error, last_attempt_at, created_at, updated_at)
    SELECT ${number} + n, 'tenant_default', ${webhook}, ${seq} + 1 + (n - 1) / ${many}, 'evt_bench' || (1 + (n - 1) / ${many}),
      '${deviceId}', 'message.received', CASE WHEN ${failed} THEN 2 ELSE 1 END, 0, 1, 0, 0, 1,
      CASE WHEN ${failed} THEN 503 ELSE 200 END, CASE WHEN ${failed} THEN 'HTTP 503' END,
      ${at("n", deliveries)}, ${at("n", deliveries)}, ${at("n", deliveries)} FROM n`);
  database.exec(`${numbers(deliveries)}
    INSERT INTO attempts (delivery_number, attempt, started_at, duration_ms, status_code, error, response)
    SELECT ${number} + n, 1, ${at("n", deliveries)}, 40, CASE WHEN ${failed} THEN 503 ELSE 200 END,
      CASE WHEN ${failed} THEN 'HTTP 503' END, 'ok' FROM n`);
  database.exec(`INSERT INTO delivery_counts (webhook_id, hour, device_id, name, status, count)
    SELECT webhook_id, created_at / ${HOUR_MS}, device_id, name, status, count(*) FROM deliveries
    WHERE number > ${number} GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT DO UPDATE SET count = count + excluded.count`);
  database.exec(
    `INSERT INTO attempt_hours (webhook_id, hour, first, retried, failed, d0, d1, d2, d3, d4, d5, d6, d7, d8)
    SELECT webhook_id, created_at / ${HOUR_MS}, sum(status = 1), 0, sum(status = 2), 0, count(*), 0, 0, 0, 0, 0, 0, 0
    FROM deliveries WHERE number > ${number} GROUP BY 1, 2 ON CONFLICT DO NOTHING`,
  );
  database.exec(`INSERT INTO event_hours (tenant_id, hour, device_id, type, count)
    SELECT tenant_id, at / ${HOUR_MS}, device_id, type, count(*) FROM events WHERE seq > ${seq} GROUP BY 1, 2, 3, 4
    ON CONFLICT DO NOTHING`);
  copy("message_logs", others, "message_id IS NOT NULL", {
    id: "",
    job_id: "'msg_bench' || n",
    message_id: "'BENCH' || n",
    idempotency_key: "NULL",
    created_ms: at("n", others),
    updated_ms: at("n", others),
    sent_at: at("n", others),
  });
  copy("inbox", others, "from_me = 0", {
    number: `${inbox} + n`,
    message_id: "'BENCHIN' || n",
    chat: "(628100000000 + n % 2000) || '@s.whatsapp.net'",
    sent_at: at("n", others),
  });
  database.exec(`${numbers(others)}
    INSERT INTO system_logs (level, message, metadata, created_at, created_ms)
    SELECT CASE WHEN n % 50 = 0 THEN 'error' ELSE 'warn' END, 'delivery.failed', '{"webhookId":"${
    webhookIds[0]
  }"}',
      datetime(${at("n", others)} / 1000, 'unixepoch'), ${at("n", others)} FROM n`);
  database.exec(`UPDATE sequences SET last = ${number + deliveries + 10} WHERE name = 'deliveries';
    UPDATE sequences SET last = ${seq + events + 10} WHERE name = 'events';
    UPDATE tenants SET last_seq = ${tenant + events + 10} WHERE id = 'tenant_default';
    COMMIT`);
  database.close();
}
