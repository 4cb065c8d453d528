import type { KabarEvent } from "../../events/event.ts";
import { newId } from "../../ids.ts";
import type { Appended, Events } from "../events.ts";
import type { AppendEntry, AppendResult } from "./hot_paths.ts";
import type { Database } from "./database.ts";
import type { RecentDeliveries } from "./recent_deliveries.ts";

/** Stores events with their deliveries. */
export function createAppend(db: Database, recent: RecentDeliveries): Pick<Events, "append"> {
  return {
    async append(draft, deliveries, now, webhooksVersion) {
      const id = newId("evt");
      const entry = { draft, deliveries, now, id, data: JSON.stringify(draft.data), webhooksVersion };
      const result = await db.hot.append(entry);
      if (result.is === "duplicate") return { duplicate: true, eventId: result.eventId };
      const appended = storedAs(entry, result);
      appended.deliveries.forEach((delivery) => recent.remember(delivery));
      return appended;
    },
  };
}

/** An entry's event and deliveries with their numbers. */
function storedAs(
  { draft, deliveries, id, now }: AppendEntry,
  { seq, tenantSeq, deliveryNumbers }: AppendResult & { readonly is: "stored" },
): Appended & { readonly duplicate: false } {
  const { type, tenantId, device, data } = draft;
  // the draft's union of types and data is the event's
  const event = { seq, tenantSeq, id, type, tenantId, device, at: now, data } as KabarEvent;
  return {
    duplicate: false,
    event,
    deliveries: deliveries.map(({ webhookId, name, orderingKey }, index) => ({
      number: deliveryNumbers[index],
      tenantId,
      webhookId,
      eventSeq: seq,
      eventId: id,
      deviceId: device?.id ?? null,
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
    })),
  };
}
