// Deliveries of the past, as an engine that ran then would have left them.
import type { EventDraft } from "../../src/events/event.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import type { Store } from "../../src/store/store.ts";
import { aText } from "./engine.ts";

const DAY_MS = 24 * 3_600_000;

export interface Past {
  readonly deviceId: string;
  readonly webhookId: string;
  readonly event: "message.received" | "session.status";
  readonly status: "success" | "failed";
  readonly count: number;
  readonly daysAgo?: number;
}

/** Writes deliveries of format `instance` into a store that nobody else has open. */
export async function writeHistory(store: Store, past: readonly Past[]): Promise<void> {
  for (const { count, ...one } of past) {
    for (let i = 0; i < count; i++) await writeDelivery(store, one);
  }
}

async function writeDelivery(store: Store, past: Omit<Past, "count">): Promise<void> {
  const { deviceId, webhookId, event, status, daysAgo = 0 } = past;
  const at = Date.now() - daysAgo * DAY_MS;
  const device = { id: deviceId, alias: null };
  const draft: EventDraft = event === "message.received"
    ? { ...aText("Halo"), device }
    : { type: "device.connecting", tenantId: DEFAULT_TENANT, device, data: {} };
  const planned = [{ webhookId, name: event, orderingKey: null, claimed: true }];
  const appended = await store.events.append(draft, planned, at);
  if (appended.duplicate) throw new Error("Cannot write history: the event exists");
  const [{ number }] = appended.deliveries;
  const ok = status === "success";
  await store.deliveries.record(
    {
      deliveryNumber: number,
      attempt: 1,
      startedAt: at,
      durationMs: 5,
      statusCode: ok ? 200 : 500,
      error: ok ? null : "HTTP 500",
      response: "ok",
    },
    { status },
    at,
  );
}
