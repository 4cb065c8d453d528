import type { EventDraft, KabarEvent } from "../../events/event.ts";
import { type EventId, newId } from "../../ids.ts";
import { type Batch, type Database, first, run, type Work } from "../database.ts";
import type { Delivery, NewDelivery } from "../deliveries.ts";
import type { Appended, Events } from "../events.ts";
import { prepareCounts, Tally } from "./delivery_counts.ts";
import { DeliveryOrder } from "./delivery_order.ts";
import { PENDING } from "./delivery_row.ts";
import { hot } from "./hot.ts";
import type { RecentDeliveries } from "./recent_deliveries.ts";
import { prepareSequences, Sequences } from "./sequences.ts";

/**
 * How long a delivery that is claimed as it is stored stays with its claimer: longer than it can wait in memory. Leases
 * of a process that died do not count.
 */
export const CLAIM_LEASE_MS = 300_000;

/** Stores events with their deliveries. */
export function createAppend(db: Database, recent: RecentDeliveries): Pick<Events, "append"> {
  const { build, epoch } = db;
  const counts = prepareCounts(build);
  const order = new DeliveryOrder(build);
  const sequences = prepareSequences(build);

  const byDedupeKey = hot((p: { tenantId: string; key: string }) =>
    build.selectFrom("events").select("id").where("tenant_id", "=", p.tenantId).where(
      "dedupe_key",
      "=",
      p.key,
    )
      .where("dedupe_key", "is not", null)
  );
  const insertEvent = hot((p: {
    seq: number;
    tenantId: string;
    tenantSeq: number;
    id: string;
    type: string;
    deviceId: string | null;
    deviceAlias: string | null;
    at: number;
    dedupeKey: string | null;
    data: string;
  }) =>
    build.insertInto("events").values({
      seq: p.seq,
      tenant_id: p.tenantId,
      tenant_seq: p.tenantSeq,
      id: p.id,
      type: p.type,
      device_id: p.deviceId,
      device_alias: p.deviceAlias,
      at: p.at,
      dedupe_key: p.dedupeKey,
      data: p.data,
    })
  );
  const insertDelivery = hot((p: {
    number: number;
    tenantId: string;
    webhookId: string;
    eventSeq: number;
    eventId: string;
    deviceId: string | null;
    name: string;
    blocked: number;
    now: number;
    leasedUntil: number;
    orderingKey: string | null;
  }) =>
    build.insertInto("deliveries").values({
      number: p.number,
      tenant_id: p.tenantId,
      webhook_id: p.webhookId,
      event_seq: p.eventSeq,
      event_id: p.eventId,
      device_id: p.deviceId,
      name: p.name,
      status: PENDING,
      blocked: p.blocked,
      due_at: p.now,
      leased_until: p.leasedUntil,
      lease_epoch: epoch,
      ordering_key: p.orderingKey,
      created_at: p.now,
      updated_at: p.now,
    })
  );

  function* addDelivery(batch: Batch, event: KabarEvent, wanted: NewDelivery): Work<Delivery> {
    const { tenantId, seq: eventSeq, id: eventId, at: now } = event;
    const { webhookId, name, orderingKey, claimed } = wanted;
    const deviceId = event.device?.id ?? null;
    const behind = orderingKey !== null && (yield* order.head(webhookId, orderingKey)) !== undefined;
    const leasedUntil = claimed ? now + CLAIM_LEASE_MS : 0;
    const number = yield* Sequences.of(batch, sequences).nextOf("deliveries");
    yield* run(
      insertDelivery({
        number,
        tenantId,
        webhookId,
        eventSeq,
        eventId,
        deviceId,
        name,
        blocked: behind ? 1 : 0,
        now,
        leasedUntil,
        orderingKey,
      }),
    );
    const counted = { webhook_id: webhookId, device_id: deviceId, name, created_at: now };
    Tally.of(batch, counts).add(counted, PENDING);
    return {
      number,
      tenantId,
      webhookId,
      eventSeq,
      eventId,
      deviceId,
      name,
      status: "pending",
      attempts: 0,
      roundStart: 0,
      dueAt: now,
      orderingKey,
      statusCode: null,
      error: null,
      lastAttemptAt: null,
      createdAt: now,
      updatedAt: now,
    };
  }

  function* append(batch: Batch, entry: Entry): Work<Appended> {
    const { draft, deliveries, now, id, data } = entry;
    const { type, tenantId, device, dedupeKey } = draft;
    if (dedupeKey !== undefined) {
      const known = yield* first(byDedupeKey({ tenantId, key: dedupeKey }));
      if (known !== undefined) return { duplicate: true, eventId: known.id };
    }
    const numbers = Sequences.of(batch, sequences);
    const tenantSeq = yield* numbers.nextOfTenant(tenantId);
    const seq = yield* numbers.nextOf("events");
    yield* run(
      insertEvent({
        seq,
        tenantId,
        tenantSeq,
        id,
        type,
        deviceId: device?.id ?? null,
        deviceAlias: device?.alias ?? null,
        at: now,
        dedupeKey: dedupeKey ?? null,
        data,
      }),
    );
    // the draft's union of types and data is the event's
    const event = {
      seq,
      tenantSeq,
      id,
      type,
      tenantId,
      device,
      at: now,
      data: draft.data,
    } as KabarEvent;
    const added: Delivery[] = [];
    for (const wanted of deliveries) added.push(yield* addDelivery(batch, event, wanted));
    return { duplicate: false, event, deliveries: added };
  }

  return {
    async append(draft, deliveries, now) {
      const entry = { draft, deliveries, now, id: newId("evt"), data: JSON.stringify(draft.data) };
      const appended = await db.write((batch) => append(batch, entry));
      if (!appended.duplicate) appended.deliveries.forEach((delivery) => recent.remember(delivery));
      return appended;
    },
  };
}

interface Entry {
  readonly draft: EventDraft;
  readonly deliveries: readonly NewDelivery[];
  readonly now: number;
  readonly id: EventId;
  /** The draft's data as JSON. */
  readonly data: string;
}
