import type { EventType, KabarEvent } from "../events/event.ts";
import { wellFormedJson } from "../events/well_formed.ts";
import { VERSION } from "../version.ts";
import { defineFormat, type RequestFacts, type ShapedFacts } from "./format.ts";
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
export const instance = defineFormat({
  name: "instance",
  doc: { body: "`{event, instanceId, timestamp, data}`", signature: "none" },
  names: ["session.status", "message.received", "message.sent", "message.updated"],
  userAgent: `Kabar/${VERSION}`,
  timeoutMs: 10_000,
  retry: { waitsMs: [5_000, 10_000, 15_000], jitter: 0 },
  ownHeaders: ["X-Webhook-ID", "X-Instance-ID", "X-Retry-Attempt"],
  test: { name: "webhook.test", data: (message) => ({ message }) },

  says(event: ShapedFacts) {
    if (event.device === null) return NOTHING;
    if (event.type === "message.received") return event.data.fromMe ? ["message.sent"] : ["message.received"];
    return SAID[event.type] ?? NOTHING;
  },

  data: instanceData,

  envelope(event: KabarEvent, name: string, data: unknown) {
    const instanceId = event.device === null ? undefined : deviceNameOf(event.device);
    return wellFormedJson({
      event: name,
      instanceId,
      timestamp: isoTime(event.at),
      data,
    });
  },

  headers({ event, deliveryId, attempt }: RequestFacts): Readonly<Record<string, string>> {
    const headers = {
      "X-Webhook-ID": deliveryId,
      "X-Instance-ID": event.device === null ? "unknown" : headerSafe(deviceNameOf(event.device)),
    };
    return attempt > 1 ? { ...headers, "X-Retry-Attempt": String(attempt - 1) } : headers;
  },
});

/** Names come from other systems: one that cannot stand in a header is percent-encoded. */
function headerSafe(name: string): string {
  return /^[\x21-\x7e]+$/.test(name) ? name : encodeURIComponent(name.toWellFormed());
}
