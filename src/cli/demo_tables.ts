import { DatabaseSync } from "node:sqlite";

type Cell = string | number | null;

const TABLES = [
  {
    title: "message_logs (what went out)",
    sql:
      "SELECT job_id, recipient_phone, status, receipt, message_id, updated_at FROM message_logs ORDER BY id",
  },
  {
    title: "deliveries (what went to webhooks), with their attempts",
    sql: `SELECT d.number AS delivery, d.name AS event,
        CASE d.status WHEN 0 THEN 'pending' WHEN 1 THEN 'success' WHEN 2 THEN 'failed' ELSE 'cancelled' END AS status,
        group_concat(coalesce(a.status_code, a.error), ', ') AS answers
      FROM deliveries d LEFT JOIN attempts a ON a.delivery_number = d.number GROUP BY d.number ORDER BY d.number`,
  },
] as const;

/** The rows of a demonstration's log, as lines to print. */
export function showTables(path: string): readonly string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return TABLES.flatMap(({ title, sql }) => {
      const rows = database.prepare(sql).all() as Record<string, Cell>[];
      return [`   ${title}:`, ...rowsShown(rows).map((line) => `     ${line}`)];
    });
  } finally {
    database.close();
  }
}

function rowsShown(rows: readonly Record<string, Cell>[]): readonly string[] {
  const names = Object.keys(rows[0] ?? {});
  const table = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? "")))];
  const widths = names.map((_, column) => Math.max(...table.map((line) => line[column].length)));
  return table.map((line) => line.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd());
}
