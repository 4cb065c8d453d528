import type { Kysely } from "kysely";
import { LeaseLostError, NotFoundError } from "../../errors.ts";
import type { EventId, TenantId } from "../../ids.ts";
import { LEASE_MS } from "../deliveries.ts";
import type { HeldLease } from "../leases.ts";
import { type Batch, first, type Query, type Value, type Work } from "../sql/database.ts";
import { prepareCounts, Tally } from "../sql/delivery_counts.ts";
import { DeliveryOrder } from "../sql/delivery_order.ts";
import { PENDING } from "../sql/delivery_row.ts";
import { hot } from "../sql/hot.ts";
import type { AppendEntry, AppendResult, Outcome } from "../sql/hot_paths.ts";
import type { Tables } from "../sql/tables.ts";
import { insertInto, ManyRows } from "./many_rows.ts";

const EVENT = [
  "seq",
  "tenant_id",
  "tenant_seq",
  "id",
  "type",
  "device_id",
  "device_alias",
  "at",
  "dedupe_key",
];
const DELIVERY = [
  "number",
  "tenant_id",
  "webhook_id",
  "event_seq",
  "event_id",
  "device_id",
  "name",
  "status",
];
const STANDING = [
  "blocked",
  "due_at",
  "leased_until",
  "lease_epoch",
  "ordering_key",
  "created_at",
  "updated_at",
];

/** Stores the events that come in one commit with their deliveries, in their order, and tells what each came to. */
export type AppendMany = (batch: Batch, entries: readonly AppendEntry[]) => Work<readonly Outcome[]>;

/** What an entry is, before anything is stored of it. */
type Judged =
  | { readonly is: "fresh" }
  | { readonly is: "duplicate"; readonly eventId: EventId }
  | { readonly is: "lost"; readonly lease: string };

interface Stored {
  readonly entry: AppendEntry;
  readonly seq: number;
  readonly tenantSeq: number;
}

/** @param holder Of the leases of deliveries that are stored as claimed. */
export function createAppendMany(build: Kysely<Tables>, holder: number): AppendMany {
  const counts = prepareCounts(build);
  const order = new DeliveryOrder(build);
  const insertEvents = insertInto("events", [...EVENT, "data"]);
  const insertDeliveries = insertInto("deliveries", [...DELIVERY, ...STANDING]);
  // each sequence is moved on once by all that the commit needs of it: no gaps, and no statement for each number
  const moveOn = hot((p: { name: string; by: number }) =>
    build.updateTable("sequences").set((eb) => ({ last: eb("last", "+", p.by) })).where("name", "=", p.name)
      .returning("last")
  );
  const moveTenantOn = hot((p: { tenantId: string; by: number }) =>
    build.updateTable("tenants").set((eb) => ({ last_seq: eb("last_seq", "+", p.by) }))
      .where("id", "=", p.tenantId).returning("last_seq as last")
  );
  const heldLease = hot((p: { name: string; holder: string; epoch: number }) =>
    build.selectFrom("leases").select("name").where("name", "=", p.name).where("holder", "=", p.holder)
      .where("epoch", "=", p.epoch)
  );
  const byDedupeKey = new ManyRows(
    ["tenant_id", "dedupe_key"],
    (rows) =>
      `WITH asked (tenant_id, dedupe_key) AS (VALUES ${rows}) ` +
      "SELECT events.tenant_id, events.dedupe_key, events.id FROM asked CROSS JOIN events " + // in this order
      "WHERE events.tenant_id = asked.tenant_id AND events.dedupe_key = asked.dedupe_key " +
      "AND events.dedupe_key IS NOT NULL",
  );

  /** The events that were stored before under the entries' keys. */
  function* known(entries: readonly AppendEntry[]): Work<Map<string, EventId>> {
    const asked: Value[] = [];
    for (const { draft: { tenantId, dedupeKey } } of entries) {
      if (dedupeKey !== undefined) asked.push(tenantId, dedupeKey);
    }
    const rows = yield* byDedupeKey.all<{ tenant_id: string; dedupe_key: string; id: string }>(asked);
    return new Map(rows.map((row) => [keyOf(row.tenant_id, row.dedupe_key), row.id]));
  }

  /** The leases under which entries are stored, and which are not held like this. */
  function* lost(entries: readonly AppendEntry[]): Work<ReadonlySet<HeldLease | undefined>> {
    const fences = new Set(entries.map(({ fence }) => fence));
    for (const fence of fences) {
      if (fence === undefined) fences.delete(fence);
      else {
        const { name, holder, epoch } = fence;
        if ((yield* first(heldLease({ name, holder, epoch }))) !== undefined) fences.delete(fence);
      }
    }
    return fences;
  }

  function* judge(entries: readonly AppendEntry[]): Work<readonly Judged[]> {
    const lostLeases = yield* lost(entries);
    const stored = yield* known(entries);
    return entries.map(({ id, fence, draft: { tenantId, dedupeKey } }): Judged => {
      if (fence !== undefined && lostLeases.has(fence)) return { is: "lost", lease: fence.name };
      if (dedupeKey === undefined) return { is: "fresh" };
      const key = keyOf(tenantId, dedupeKey);
      const eventId = stored.get(key);
      if (eventId !== undefined) return { is: "duplicate", eventId };
      stored.set(key, id); // others of this commit may tell the same
      return { is: "fresh" };
    });
  }

  /** Moves a sequence on and gives the number before the first new one. */
  function* take(query: Query<{ readonly last: number }>, by: number): Work<number | undefined> {
    const row = yield* first(query);
    return row && row.last - by;
  }

  function* takeOf(name: "events" | "deliveries", by: number): Work<number> {
    const last = yield* take(moveOn({ name, by }), by);
    if (last === undefined) throw new Error(`Cannot number ${name}: the sequence is gone`);
    return last;
  }

  /** The number before the first new one of each tenant; none of a tenant that does not exist. */
  function* takeOfTenants(fresh: readonly AppendEntry[]): Work<Map<TenantId, number>> {
    const wanted = new Map<TenantId, number>();
    for (const { draft: { tenantId } } of fresh) wanted.set(tenantId, (wanted.get(tenantId) ?? 0) + 1);
    const last = new Map<TenantId, number>();
    for (const [tenantId, by] of wanted) {
      const number = yield* take(moveTenantOn({ tenantId, by }), by);
      if (number !== undefined) last.set(tenantId, number);
    }
    return last;
  }

  function* addEvents(fresh: readonly AppendEntry[]): Work<Map<AppendEntry, Stored>> {
    const tenantSeqs = yield* takeOfTenants(fresh);
    const kept = fresh.filter(({ draft }) => tenantSeqs.has(draft.tenantId));
    const stored = new Map<AppendEntry, Stored>();
    if (kept.length === 0) return stored;
    let seq = yield* takeOf("events", kept.length);
    const values: Value[] = [];
    for (const entry of kept) {
      const { draft: { tenantId, type, device, dedupeKey }, id, now, data } = entry;
      const tenantSeq = tenantSeqs.get(tenantId)! + 1;
      tenantSeqs.set(tenantId, tenantSeq);
      seq++;
      values.push(seq, tenantId, tenantSeq, id, type, device?.id ?? null, device?.alias ?? null, now);
      values.push(dedupeKey ?? null, data);
      stored.set(entry, { entry, seq, tenantSeq });
    }
    yield* insertEvents.run(values);
    return stored;
  }

  /** Gives the number before the first delivery; the others follow. */
  function* addDeliveries(batch: Batch, stored: Iterable<Stored>, count: number): Work<number> {
    if (count === 0) return 0;
    const before = yield* takeOf("deliveries", count);
    const tally = Tally.of(batch, counts);
    const values: Value[] = [];
    const waiting = new Set<string>(); // ordering keys of which one is pending
    let number = before;
    for (const { entry: { draft, id, deliveries, now }, seq } of stored) {
      const deviceId = draft.device?.id ?? null;
      for (const { webhookId, name, orderingKey, claimed } of deliveries) {
        let blocked = 0;
        if (orderingKey !== null) {
          const key = keyOf(webhookId, orderingKey);
          if (waiting.has(key) || (yield* order.head(webhookId, orderingKey)) !== undefined) blocked = 1;
          waiting.add(key);
        }
        values.push(++number, draft.tenantId, webhookId, seq, id, deviceId, name, PENDING);
        values.push(blocked, now, claimed ? now + LEASE_MS : 0, holder, orderingKey, now, now);
        tally.add({ webhook_id: webhookId, device_id: deviceId, name, created_at: now }, PENDING);
      }
    }
    yield* insertDeliveries.run(values);
    return before;
  }

  return function* (batch, entries) {
    const judged = yield* judge(entries);
    const stored = yield* addEvents(entries.filter((_, index) => judged[index].is === "fresh"));
    let wanted = 0;
    for (const { entry } of stored.values()) wanted += entry.deliveries.length;
    let number = yield* addDeliveries(batch, stored.values(), wanted);
    const gone = new Set<TenantId>();
    entries.forEach((entry, index) => {
      if (judged[index].is === "fresh" && !stored.has(entry)) gone.add(entry.draft.tenantId);
    });
    return entries.map((entry, index): Outcome => {
      const { draft: { tenantId } } = entry;
      const found = judged[index];
      if (found.is === "lost") return { ok: false, error: new LeaseLostError(found.lease) };
      if (gone.has(tenantId)) return { ok: false, error: new NotFoundError("tenant", tenantId) };
      if (found.is === "duplicate") return { ok: true, value: found satisfies AppendResult };
      const { seq, tenantSeq } = stored.get(entry)!;
      const deliveryNumbers = entry.deliveries.map(() => ++number);
      return { ok: true, value: { is: "stored", seq, tenantSeq, deliveryNumbers } satisfies AppendResult };
    });
  };
}

function keyOf(whose: string, key: string): string {
  return `${whose} ${key}`;
}
