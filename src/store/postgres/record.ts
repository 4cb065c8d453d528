import type { RecordEntry } from "../sql/hot_paths.ts";
import { HOUR_MS } from "../../spans.ts";
import { codeOf } from "../sql/delivery_row.ts";
import type { Connection } from "./connection.ts";
import { PLAN_ONCE } from "./plans.ts";

/** As `orderName` names it. */
const LOCK_ORDER = `
  SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM (
    SELECT DISTINCT 'order ' || webhook_id || ' ' || ordering_key AS name FROM deliveries
    WHERE number = ANY($1::bigint[]) AND ordering_key IS NOT NULL ORDER BY 1
  ) AS names`;

/**
 * Writes attempts and where their deliveries stand after them. A delivery that was decided meanwhile
 * (cancelled, mostly) only changes when the attempt got through. Rows are locked and counted in one order
 * everywhere.
 */
export const RECORD = `
WITH told AS (
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[],
    $8::bigint[], $9::bigint[], $10::bigint[], $11::text[])
    AS told (number, attempt, started_at, duration_ms, status_code, error, response, status, due_at, now, headers)
), old AS (
  SELECT number, webhook_id, device_id, name, created_at, status, round_start < 0 AS recovers FROM deliveries
  WHERE number = ANY($1) ORDER BY number FOR UPDATE
), next AS (
  SELECT told.*, old.status AS was, old.recovers, old.webhook_id, old.device_id, old.name, old.created_at,
    CASE WHEN old.status = 0 OR told.status = 1 THEN told.status ELSE old.status END AS becomes
  FROM told JOIN old ON old.number = told.number
), counted AS (
  -- one that recovers counts as failed while it is pending
  SELECT *, CASE WHEN was = 0 AND recovers THEN 2 ELSE was END AS counted_as,
    CASE WHEN becomes = 0 AND recovers THEN 2 ELSE becomes END AS counts_as
  FROM next WHERE was <> 1
), changed AS (
  UPDATE deliveries SET
    attempts = next.attempt, status_code = next.status_code, error = next.error, last_attempt_at = next.started_at,
    leased_until = 0, updated_at = next.now, status = next.becomes,
    blocked = CASE WHEN next.was = 0 AND next.becomes <> 0 THEN 0 ELSE deliveries.blocked END,
    due_at = CASE WHEN next.was = 0 AND next.becomes IN (0, 2) THEN next.due_at ELSE deliveries.due_at END
  FROM next
  WHERE deliveries.number = next.number AND deliveries.number = ANY($1) AND next.was <> 1
), kept AS (
  INSERT INTO attempts (delivery_number, attempt, started_at, duration_ms, status_code, error, response, headers)
  SELECT number, attempt, started_at, duration_ms, status_code, error, response, headers FROM next ORDER BY number
  ON CONFLICT (delivery_number, attempt) DO UPDATE SET started_at = excluded.started_at,
    duration_ms = excluded.duration_ms, status_code = excluded.status_code, error = excluded.error,
    response = excluded.response, headers = excluded.headers
)
INSERT INTO delivery_counts (webhook_id, hour, device_id, name, status, count)
SELECT webhook_id, created_at / ${HOUR_MS}, coalesce(device_id, ''), name, status, sum(more) FROM (
  SELECT webhook_id, created_at, device_id, name, counted_as AS status, -1 AS more FROM counted
    WHERE counted_as <> counts_as
  UNION ALL
  SELECT webhook_id, created_at, device_id, name, counts_as, 1 FROM counted WHERE counted_as <> counts_as
) AS moves
GROUP BY 1, 2, 3, 4, 5 HAVING sum(more) <> 0 ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (webhook_id, hour, device_id, name, status) DO UPDATE SET count = delivery_counts.count + excluded.count`;

/** Opens the first pending delivery of each key of which one was decided. */
export const OPEN_NEXT = `
UPDATE deliveries SET blocked = 0 WHERE blocked = 1 AND number = ANY (ARRAY(
  SELECT (
    SELECT number FROM deliveries AS head WHERE head.webhook_id = keys.webhook_id
      AND head.ordering_key = keys.ordering_key AND head.ordering_key IS NOT NULL AND head.status = 0
    ORDER BY number LIMIT 1
  ) FROM (
    SELECT DISTINCT webhook_id, ordering_key FROM deliveries
    WHERE number = ANY($1::bigint[]) AND ordering_key IS NOT NULL
  ) AS keys
))`;

/**
 * Sends what records outcomes in one transaction, without waiting for an answer. Two outcomes of one delivery
 * must not come together.
 */
export function sendRecord(connection: Connection, entries: readonly RecordEntry[]): Promise<void> {
  const numbers = entries.map(({ attempt }) => attempt.deliveryNumber);
  const isOrdered = entries.some(({ known }) => known === undefined || known.ordering_key !== null);
  const sent: Promise<unknown>[] = [connection.send(PLAN_ONCE)];
  if (isOrdered) sent.push(connection.send(LOCK_ORDER, [numbers]));
  sent.push(connection.send(RECORD, [
    numbers,
    entries.map(({ attempt }) => attempt.attempt),
    entries.map(({ attempt }) => attempt.startedAt),
    entries.map(({ attempt }) => attempt.durationMs),
    entries.map(({ attempt }) => attempt.statusCode),
    entries.map(({ attempt }) => attempt.error),
    entries.map(({ attempt }) => attempt.response),
    entries.map(({ state }) => codeOf(state.status)),
    entries.map(({ state }) =>
      state.status === "pending" ? state.dueAt : state.status === "failed" ? state.recoverAt ?? 0 : 0
    ),
    entries.map(({ now }) => now),
    entries.map(({ attempt }) => attempt.headers === undefined ? null : JSON.stringify(attempt.headers)),
  ]));
  if (isOrdered) sent.push(connection.send(OPEN_NEXT, [numbers]));
  return Promise.all(sent).then(() => {});
}
