import type { EventDraft } from "../../../src/events/event.ts";
import { DEFAULT_TENANT, newId } from "../../../src/ids.ts";
import type { Blast } from "../../../src/store/blasts.ts";
import type { Delivery, NewDelivery } from "../../../src/store/deliveries.ts";
import type { Device } from "../../../src/store/devices.ts";
import type { InboxMessage } from "../../../src/store/inbox.ts";
import type { OutgoingMessage } from "../../../src/store/messages.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Tenant } from "../../../src/store/tenants.ts";
import type { Webhook } from "../../../src/store/webhooks.ts";

/** A moment that is not special: 14 November 2023, 22:13:20 UTC. */
export const T0 = 1_700_000_000_000;
export const HOUR = 3_600_000;

export function aTenant(change: Partial<Tenant> = {}): Tenant {
  return { id: newId("tenant"), name: "Toko", status: "active", createdAt: T0, updatedAt: T0, ...change };
}

export function aDevice(change: Partial<Device> = {}): Device {
  return {
    id: newId("device"),
    tenantId: DEFAULT_TENANT,
    kind: "whatsapp",
    label: "Front desk",
    alias: null,
    status: "needs_pairing",
    phoneNumber: null,
    jid: null,
    lid: null,
    pushName: null,
    pacing: null,
    wanted: false,
    lastError: null,
    connectedAt: null,
    disconnectedAt: null,
    createdAt: T0,
    updatedAt: T0,
    ...change,
  };
}

export function aWebhook(change: Partial<Webhook> = {}): Webhook {
  return {
    id: newId("wh"),
    tenantId: DEFAULT_TENANT,
    url: "https://shop.example/hook",
    format: "device",
    events: ["message.*"],
    devices: null,
    secrets: [{ value: "s3cret", expiresAt: null }],
    headers: {},
    retry: null,
    timeoutMs: null,
    ordering: "none",
    recovery: true,
    status: "active",
    statusReason: null,
    source: "api",
    createdAt: T0,
    updatedAt: T0,
    ...change,
  };
}

export function aDraft(change: Partial<Extract<EventDraft, { type: "custom" }>> = {}): EventDraft {
  return {
    type: "custom",
    tenantId: DEFAULT_TENANT,
    device: null,
    data: { name: "order.paid", payload: { total: 12 } },
    ...change,
  };
}

export function aNewDelivery(webhookId: string, change: Partial<NewDelivery> = {}): NewDelivery {
  return { webhookId, name: "message.received", orderingKey: null, claimed: false, ...change };
}

export function anInboxMessage(deviceId: string, change: Partial<InboxMessage> = {}): InboxMessage {
  return {
    deviceId,
    messageId: newId("msg"),
    chat: "6281200000001@s.whatsapp.net",
    sender: "6281200000001@s.whatsapp.net",
    fromMe: false,
    payload: new Uint8Array([1, 2, 0, 255]),
    sentAt: T0,
    ...change,
  };
}

export function aMessage(change: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    id: newId("msg"),
    tenantId: DEFAULT_TENANT,
    deviceId: null,
    channel: "qiscus",
    to: "6281200000001",
    recipientPhone: "+62 812-0000-0001",
    recipientName: "Ayu",
    templateId: null,
    templateName: null,
    blastId: null,
    content: { kind: "text", text: "Halo" },
    context: {},
    status: "queued",
    receipt: null,
    waMessageId: null,
    error: null,
    attempts: 0,
    idempotencyKey: null,
    fingerprint: null,
    senderPhone: null,
    sendAt: null,
    statusAt: null,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    createdAt: T0,
    updatedAt: T0,
    ...change,
  };
}

export function aBlast(change: Partial<Blast> = {}): Blast {
  return {
    id: newId("blast"),
    tenantId: DEFAULT_TENANT,
    status: "running",
    reason: null,
    via: "qiscus",
    deviceIds: [],
    stopped: {},
    templateId: null,
    templateName: null,
    pace: { minGapMs: 0, maxGapMs: 0, perHour: null, perDay: null, window: null },
    total: 0,
    duplicates: 0,
    createdAt: T0,
    scheduledAt: null,
    startedAt: null,
    finishedAt: null,
    updatedAt: T0,
    ...change,
  };
}

/** Appends an event at `at` with one delivery and gives that. */
export async function deliver(
  store: Store,
  webhookId: string,
  at = T0,
  change: Partial<NewDelivery> & { readonly draft?: EventDraft } = {},
): Promise<Delivery> {
  const { draft = aDraft(), ...delivery } = change;
  const appended = await store.events.append(draft, [aNewDelivery(webhookId, delivery)], at);
  if (appended.duplicate) throw new Error("Cannot deliver: the event is a duplicate");
  return appended.deliveries[0];
}

/** Records an attempt of a delivery that ended so. */
export function settle(
  store: Store,
  { number, attempts }: Pick<Delivery, "number" | "attempts">,
  status: "success" | "failed" | "cancelled",
  at = T0,
): Promise<void> {
  const ok = status === "success";
  return store.deliveries.record(
    {
      deliveryNumber: number,
      attempt: attempts + 1,
      startedAt: at,
      durationMs: 7,
      statusCode: ok ? 200 : 500,
      error: ok ? null : "HTTP 500",
      response: ok ? "ok" : "oops",
    },
    { status },
    at,
  );
}

export function numbersOf(deliveries: readonly Delivery[]): number[] {
  return deliveries.map(({ number }) => number);
}
