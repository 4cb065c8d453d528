import type { EventData, EventDevice, EventOf, EventType } from "../../src/events/event.ts";
import type { Chat, Person } from "../../src/events/person.ts";
import type { Webhook } from "../../src/store/webhooks.ts";

export const A_DEVICE: EventDevice = { id: "device_xyz789", alias: null };

export function aPerson(digits = "628123456789", pushName?: string): Person {
  return { pn: `${digits}@s.whatsapp.net`, lid: null, ...(pushName !== undefined && { pushName }) };
}

export function aGroup(): Chat {
  return { kind: "group", jid: "120363025246125486@g.us" };
}

/** An event as stored: of one device, at one moment, unless said otherwise. */
export function anEvent<T extends EventType>(
  type: T,
  data: EventData[T],
  other: { readonly at?: number; readonly device?: EventDevice | null; readonly id?: string } = {},
): EventOf<T> {
  const { at = 1_703_145_600_000, device = A_DEVICE, id = "evt_01kabar" } = other;
  return { seq: 7, tenantSeq: 3, id, type, tenantId: "tenant_abc123", device, at, data } as EventOf<T>;
}

/** A text from somebody in a chat with them. */
export function aText(text: string): EventData["message.received"] {
  const from = aPerson();
  return {
    messageId: "3EB0A1",
    chat: { kind: "person", jid: from.pn! },
    from,
    fromMe: false,
    sentAt: 1_703_145_600_000,
    offline: false,
    content: { kind: "text", text },
  };
}

export function aWebhook(changes: Partial<Webhook> = {}): Webhook {
  return {
    id: "wh_abc123xyz789",
    tenantId: "tenant_abc123",
    url: "https://your-app.com/webhook/whatsapp",
    format: "device",
    events: ["*"],
    devices: null,
    secrets: [{ value: "your-webhook-secret-key", expiresAt: null }],
    headers: {},
    retry: null,
    timeoutMs: null,
    ordering: "none",
    recovery: true,
    status: "active",
    statusReason: null,
    source: "api",
    createdAt: 1_703_145_600_000,
    updatedAt: 1_703_145_600_000,
    ...changes,
  };
}
