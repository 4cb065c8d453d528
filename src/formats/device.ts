import type { EventType, KabarEvent, ReceiptStatus } from "../events/event.ts";
import { wellFormedJson } from "../events/well_formed.ts";
import { VERSION } from "../version.ts";
import { deviceData } from "./device_data.ts";
import { defineFormat, type ShapedEvent, type ShapedFacts } from "./format.ts";
import { hexSignatureHeaders } from "./signature.ts";
import { unixSeconds } from "./times.ts";

/** Canonical types that go out under their own name. */
const OWN_NAMES = [
  "message.received",
  "message.sent",
  "message.status",
  "message.edited",
  "message.deleted",
  "message.reaction",
  "device.qr",
  "device.connecting",
  "device.connected",
  "device.disconnected",
  "device.unstable",
  "device.proxy_failed",
  "call.received",
  "call.ended",
  "group.created",
  "group.join",
  "group.leave",
  "group.promote",
  "group.demote",
  "group.updated",
  "group.deleted",
  "group.join_request",
  "contact.updated",
  "chat.updated",
  "contact.opted_out",
  "contact.opted_in",
  "presence.updated",
  "identity.resolved",
  "identity.changed",
  "media.received",
  "webhook.failing",
  "webhook.disabled",
  "webhook.recovered",
  "alert.messages_failed",
] as const satisfies readonly EventType[];

/** Second names that some subscribers know them by. */
const ALIASES: { readonly [T in EventType]?: string } = {
  "group.join": "participant.added",
  "group.leave": "participant.removed",
};

/** What `message.status` stands for, step by step. */
const STATUS_NAMES: Readonly<Record<ReceiptStatus, readonly [string, string]>> = {
  sent: ["message.status", "message.updated"],
  delivered: ["message.status", "receipt.delivery"],
  read: ["message.status", "receipt.read"],
  played: ["message.status", "receipt.read"],
  failed: ["message.status", "message.updated"],
};

const TEST = "webhook.test";

const NOTHING: readonly string[] = [];

const SAID: ReadonlyMap<EventType, readonly string[]> = new Map(
  OWN_NAMES.map((type: EventType) => [type, [type, ALIASES[type] ?? []].flat()]),
);

/**
 * One flat event per fact, with ids and snake_case keys: the default format. `message.status` is one event per step
 * of an outgoing message, known as `message.updated`, `receipt.delivery` or `receipt.read` to those who ask for these.
 * Signed with `X-Rijan-Signature`, the hex HMAC of the body without a prefix; while an old secret is valid beside a new
 * one, that header is the old one's, and `X-Rijan-Signature-Next` the new one's.
 */
export const device = defineFormat({
  name: "device",
  doc: {
    body: "`{event, event_id, tenant_id, device_id, timestamp, data}`",
    signature: "`X-Rijan-Signature: <hex>`",
  },
  names: [...new Set([...SAID.values(), ...Object.values(STATUS_NAMES), TEST].flat())],
  userAgent: `Kabar/${VERSION}`,
  timeoutMs: 10_000,
  retry: { waitsMs: [1_000, 5_000], jitter: 0 },
  ownHeaders: ["X-Rijan-Signature", "X-Rijan-Signature-Next"],
  test: { name: TEST, data: (message) => ({ message, test: true }) },

  says(event: ShapedFacts) {
    if (event.type === "message.status") return STATUS_NAMES[event.data.status];
    return SAID.get(event.type) ?? NOTHING;
  },

  data(event: ShapedEvent, name: string) {
    const specific = event.type === "message.status" ? STATUS_NAMES[event.data.status][1] : name;
    return deviceData(event, specific);
  },

  envelope(event: KabarEvent, name: string, data: unknown) {
    return wellFormedJson({
      event: name,
      event_id: event.id,
      tenant_id: event.tenantId,
      device_id: event.device?.id ?? null,
      timestamp: unixSeconds(event.at),
      data,
      source: event.data.source,
    });
  },

  headers(_facts, body, secrets): Readonly<Record<string, string>> {
    return hexSignatureHeaders("X-Rijan-Signature", body, secrets);
  },
});
