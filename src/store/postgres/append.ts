import { LeaseLostError, NotFoundError } from "../../errors.ts";
import { LEASE_MS } from "../deliveries.ts";
import { StaleWebhooksError } from "../events.ts";
import type { AppendEntry, AppendResult, Outcome } from "../sql/hot_paths.ts";
import { HOUR_MS } from "../../spans.ts";
import { orderName } from "../sql/locks.ts";
import type { Connection } from "./connection.ts";
import { lockLeases } from "./lease_locks.ts";
import { PLAN_ONCE } from "./plans.ts";

/**
 * The tenants' rows are locked before the numbers are given, in a statement of its own, so that the next one
 * sees what the holder before committed: numbers without gaps, and no dedupe key missed.
 */
const LOCK_TENANTS = `
  SELECT id FROM tenants WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE`;

const LOCK_ORDER = `
  SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name`;

/**
 * Stores events and their deliveries and gives their numbers. Numbers grow in the order of `ord`. What is
 * looked up is looked up by `= ANY`, so that no plan reads a table through.
 */
export const APPEND = `
WITH given AS (
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $20::bigint[])
    AS given (ord, tenant_id, id, type, device_id, device_alias, at, dedupe_key, data, fence, holder, epoch, version)
), known AS (
  SELECT tenant_id, dedupe_key, id FROM events
  WHERE tenant_id = ANY($2) AND dedupe_key = ANY($8) AND dedupe_key IS NOT NULL
), held AS (
  SELECT name, holder, epoch FROM leases WHERE name = ANY($10)
), judged AS (
  SELECT given.*, tenants.id AS tenant, known.id AS known_id,
    given.fence IS NOT NULL AND held.name IS NULL AS is_lost,
    given.version <> tenants.webhooks_version AS is_stale
  FROM given
  LEFT JOIN tenants ON tenants.id = given.tenant_id
  LEFT JOIN known ON known.tenant_id = given.tenant_id AND known.dedupe_key = given.dedupe_key
  LEFT JOIN held ON held.name = given.fence AND held.holder = given.holder AND held.epoch = given.epoch
), fresh AS (
  SELECT *, row_number() OVER (PARTITION BY tenant_id ORDER BY ord) AS nth FROM judged
  WHERE tenant IS NOT NULL AND known_id IS NULL AND NOT is_lost AND is_stale IS NOT TRUE
), counter AS (
  SELECT id, greatest(last_seq, (SELECT max(tenant_seq) FROM events WHERE events.tenant_id = tenants.id)) AS before
  FROM tenants WHERE id = ANY($2)
), numbered AS (
  SELECT *, nextval('event_seqs') AS seq FROM (
    SELECT fresh.*, counter.before + fresh.nth AS tenant_seq
    FROM fresh JOIN counter ON counter.id = fresh.tenant_id ORDER BY fresh.ord
  ) AS in_order
), stored AS (
  INSERT INTO events (seq, tenant_id, tenant_seq, id, type, device_id, device_alias, at, dedupe_key, data)
  SELECT seq, tenant_id, tenant_seq, id, type, device_id, device_alias, at, dedupe_key, data FROM numbered
), wanted AS (
  SELECT *, nextval('delivery_numbers') AS number FROM (
    SELECT d.ord, d.webhook_id, d.name, d.ordering_key, d.leased_until, numbered.tenant_id,
      numbered.seq AS event_seq, numbered.id AS event_id, numbered.device_id, numbered.at,
      CASE
        WHEN d.ordering_key IS NULL THEN 0
        WHEN row_number() OVER (PARTITION BY d.webhook_id, d.ordering_key ORDER BY d.ord) > 1 THEN 1
        WHEN EXISTS (
          SELECT FROM deliveries AS before WHERE before.webhook_id = d.webhook_id
            AND before.ordering_key = d.ordering_key AND before.ordering_key IS NOT NULL AND before.status = 0
        ) THEN 1
        ELSE 0
      END AS blocked
    FROM unnest($13::bigint[], $14::bigint[], $15::text[], $16::text[], $17::text[], $18::bigint[])
      AS d (ord, event_ord, webhook_id, name, ordering_key, leased_until)
    JOIN numbered ON numbered.ord = d.event_ord ORDER BY d.ord
  ) AS in_order
), added AS (
  INSERT INTO deliveries (number, tenant_id, webhook_id, event_seq, event_id, device_id, name, status, blocked, due_at,
    leased_until, lease_epoch, ordering_key, created_at, updated_at)
  SELECT number, tenant_id, webhook_id, event_seq, event_id, device_id, name, 0, blocked, at, leased_until,
    $19::bigint, ordering_key, at, at FROM wanted
), counts AS (
  INSERT INTO delivery_counts (webhook_id, hour, device_id, name, status, count)
  SELECT webhook_id, at / ${HOUR_MS}, coalesce(device_id, ''), name, 0, count(*) FROM wanted
  GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (webhook_id, hour, device_id, name, status)
    DO UPDATE SET count = delivery_counts.count + excluded.count
)
SELECT 'event' AS what, ord, seq AS number, tenant_seq, NULL AS id FROM numbered
UNION ALL SELECT 'delivery', ord, number, NULL, NULL FROM wanted
UNION ALL SELECT CASE WHEN tenant IS NULL THEN 'no tenant' WHEN is_lost THEN 'lost' WHEN known_id IS NOT NULL THEN 'known' ELSE 'stale' END,
  ord, NULL, NULL, known_id FROM judged WHERE tenant IS NULL OR is_lost OR known_id IS NOT NULL OR is_stale`;

interface Row {
  readonly what: "event" | "delivery" | "no tenant" | "lost" | "known" | "stale";
  readonly ord: number;
  readonly number: number;
  readonly tenant_seq: number;
  readonly id: string;
}

/**
 * Sends what stores entries in one transaction, without waiting for an answer: a gateway that is stopped or
 * cut off never holds the tenants' rows. Two entries with the same dedupe key must not come together.
 */
export function sendAppend(
  connection: Connection,
  entries: readonly AppendEntry[],
  holder: number,
): Promise<readonly Outcome[]> {
  const tenants = [...new Set(entries.map(({ draft }) => draft.tenantId))];
  const sent = [connection.send(PLAN_ONCE), connection.send(LOCK_TENANTS, [tenants])];
  const fences = entries.flatMap(({ fence }) => fence?.name ?? []);
  if (fences.length > 0) sent.push(lockLeases(connection, fences));
  const orders = entries.flatMap(({ deliveries }) =>
    deliveries.flatMap(({ webhookId, orderingKey }) =>
      orderingKey === null ? [] : [orderName(webhookId, orderingKey)]
    )
  );
  if (orders.length > 0) sent.push(connection.send(LOCK_ORDER, [[...new Set(orders)].sort()]));
  const appended = connection.send(APPEND, parametersOf(entries, holder));
  sent.push(appended);
  return Promise.all(sent).then(async () => resultsOf(entries, (await appended).rows));
}

function parametersOf(entries: readonly AppendEntry[], holder: number): readonly unknown[] {
  const all = entries.flatMap(({ deliveries, now }, index) =>
    deliveries.map((delivery) => ({ ...delivery, index, now }))
  );
  return [
    entries.map((_, index) => index),
    entries.map(({ draft }) => draft.tenantId),
    entries.map(({ id }) => id),
    entries.map(({ draft }) => draft.type),
    entries.map(({ draft }) => draft.device?.id ?? null),
    entries.map(({ draft }) => draft.device?.alias ?? null),
    entries.map(({ now }) => now),
    entries.map(({ draft }) => draft.dedupeKey ?? null),
    entries.map(({ data }) => data),
    entries.map(({ fence }) => fence?.name ?? null),
    entries.map(({ fence }) => fence?.holder ?? null),
    entries.map(({ fence }) => fence?.epoch ?? null),
    all.map((_, index) => index),
    all.map(({ index }) => index),
    all.map(({ webhookId }) => webhookId),
    all.map(({ name }) => name),
    all.map(({ orderingKey }) => orderingKey),
    all.map(({ claimed, now }) => claimed ? now + LEASE_MS : 0),
    holder,
    entries.map(({ webhooksVersion }) => webhooksVersion ?? null),
  ];
}

function resultsOf(entries: readonly AppendEntry[], rows: readonly Row[]): readonly Outcome[] {
  const byOrd = new Map<number, Row>();
  const numbers: number[] = [];
  for (const row of rows) {
    if (row.what === "delivery") numbers[row.ord] = row.number;
    else byOrd.set(row.ord, row);
  }
  let next = 0;
  return entries.map(({ draft, deliveries, fence }, index): Outcome => {
    const own = numbers.slice(next, next + deliveries.length);
    next += deliveries.length;
    const row = byOrd.get(index);
    switch (row?.what) {
      case "event": {
        const result: AppendResult = {
          is: "stored",
          seq: row.number,
          tenantSeq: row.tenant_seq,
          deliveryNumbers: own,
        };
        return { ok: true, value: result };
      }
      case "known":
        return { ok: true, value: { is: "duplicate", eventId: row.id } satisfies AppendResult };
      case "lost":
        return { ok: false, error: new LeaseLostError(fence?.name ?? "") };
      case "stale":
        return { ok: false, error: new StaleWebhooksError(draft.tenantId) };
      case "no tenant":
        return { ok: false, error: new NotFoundError("tenant", draft.tenantId) };
      default:
        throw new Error(`Cannot tell what became of event ${index}: ${row?.what}`);
    }
  });
}
