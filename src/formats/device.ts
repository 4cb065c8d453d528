import type { EventFacts, EventType, KabarEvent, ReceiptStatus } from "../events/event.ts";
import { VERSION } from "../version.ts";
import { deviceData } from "./device_data.ts";
import type { Format } from "./format.ts";
import { hexSignature } from "./signature.ts";
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
  "call.received",
  "call.ended",
  "group.created",
  "group.join",
  "group.leave",
  "group.promote",
  "group.demote",
  "group.updated",
  "contact.updated",
  "presence.updated",
  "identity.resolved",
  "webhook.test",
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

/** Subscribers may ask for it; WhatsApp does not tell linked devices when a group is deleted. */
const NEVER_SAID = ["group.deleted"];

const NOTHING: readonly string[] = [];

const SAID: ReadonlyMap<EventType, readonly string[]> = new Map(
  OWN_NAMES.map((type: EventType) => [type, [type, ALIASES[type] ?? []].flat()]),
);

/**
 * One flat event per fact, with ids and snake_case keys: the default format. `message.status` is one event per step
 * of an outgoing message, known as `message.updated`, `receipt.delivery` or `receipt.read` to those who ask for these.
 * Signed with `X-Rijan-Signature`, the hex HMAC of the body without a prefix.
 */
export const device: Format = {
  name: "device",
  names: [...new Set([...SAID.values(), ...Object.values(STATUS_NAMES), NEVER_SAID].flat())],
  userAgent: `Kabar/${VERSION}`,
  timeoutMs: 10_000,
  retry: { waitsMs: [1_000, 5_000], jitter: 0 },

  says(event: EventFacts) {
    if (event.type === "message.status") return STATUS_NAMES[event.data.status];
    if (event.type === "custom") return [event.data.name];
    return SAID.get(event.type) ?? NOTHING;
  },

  render(event: KabarEvent, name: string) {
    const specific = event.type === "message.status" ? STATUS_NAMES[event.data.status][1] : name;
    return JSON.stringify({
      event: name,
      event_id: event.id,
      tenant_id: event.tenantId,
      device_id: event.device?.id ?? null,
      timestamp: unixSeconds(event.at),
      data: deviceData(event, specific),
    });
  },

  headers(_facts, body, secrets): Readonly<Record<string, string>> {
    const newest = secrets[0];
    return newest === undefined ? {} : { "X-Rijan-Signature": hexSignature(newest.value, body) };
  },
};
