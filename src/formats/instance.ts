import type { EventFacts, EventType, KabarEvent } from "../events/event.ts";
import { VERSION } from "../version.ts";
import type { Format, RequestFacts } from "./format.ts";
import { instanceData } from "./instance_data.ts";
import { deviceNameOf } from "./naming.ts";
import { isoTime } from "./times.ts";

const NOTHING: readonly string[] = [];

const SAID: { readonly [T in EventType]?: readonly string[] } = {
  "message.sent": ["message.sent"],
  "message.status": ["message.updated"],
  "device.qr": ["session.status"],
  "device.connecting": ["session.status"],
  "device.connected": ["session.status"],
  "device.disconnected": ["session.status"],
};

/**
 * What a gateway of several instances posts: how the session does, and messages that came in, went out (over the
 * API, or typed on the phone) or got a new status. Times are ISO. Has no signature header of its own.
 */
export const instance: Format = {
  name: "instance",
  names: ["session.status", "message.received", "message.sent", "message.updated"],
  userAgent: `Kabar/${VERSION}`,
  timeoutMs: 10_000,
  retry: { waitsMs: [5_000, 10_000, 15_000], jitter: 0 },

  says(event: EventFacts) {
    if (event.type === "custom") return [event.data.name];
    if (event.type === "webhook.test") return ["webhook.test"];
    if (event.device === null) return NOTHING;
    if (event.type === "message.received") return event.data.fromMe ? ["message.sent"] : ["message.received"];
    return SAID[event.type] ?? NOTHING;
  },

  render(event: KabarEvent, name: string) {
    const instanceId = event.device === null || event.type === "webhook.test"
      ? undefined
      : deviceNameOf(event.device);
    return JSON.stringify({
      event: name,
      instanceId,
      timestamp: isoTime(event.at),
      data: instanceData(event),
    });
  },

  headers({ event, deliveryId, attempt }: RequestFacts): Readonly<Record<string, string>> {
    const headers = {
      "X-Webhook-ID": deliveryId,
      "X-Instance-ID": event.device === null ? "unknown" : headerSafe(deviceNameOf(event.device)),
    };
    return attempt > 1 ? { ...headers, "X-Retry-Attempt": String(attempt - 1) } : headers;
  },
};

/** Names come from other systems: one that cannot stand in a header is percent-encoded. */
function headerSafe(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) ? name : encodeURIComponent(name.toWellFormed());
}
