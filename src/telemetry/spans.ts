import type { KabarEvent } from "../events/event.ts";
import { deliveryIdOf } from "../webhooks/delivery_id.ts";
import { type EventId } from "../ids.ts";
import type { AttemptReport } from "../webhooks/dispatcher.ts";

type AttributeValue = { readonly stringValue: string } | { readonly intValue: string };

/** A span as OTLP says it in JSON. @see OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding" */
export interface Span {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: AttributeValue }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

const PRODUCER = 4;
const CLIENT = 3;
const ERROR = 2;
const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

/** The span of an event being published, at the root of its trace. */
export function eventSpan(event: KabarEvent, publishedAt: number): Span {
  const traceId = traceIdOf(event.id);
  return {
    traceId,
    spanId: rootOf(traceId),
    name: `publish ${event.type}`,
    kind: PRODUCER,
    startTimeUnixNano: nanos(event.at),
    endTimeUnixNano: nanos(Math.max(event.at, publishedAt)),
    attributes: attributes({
      "kabar.event.id": event.id,
      "kabar.event.type": event.type,
      "kabar.tenant.id": event.tenantId,
      "kabar.device.id": event.device?.id,
    }),
    status: {},
  };
}

/** The span of one webhook request, below that of its event, whichever process published that. */
export function attemptSpan(report: AttemptReport): Span {
  const { webhook, delivery, event, outcome } = report;
  const traceId = traceIdOf(event.id);
  return {
    traceId,
    spanId: hexOf(crypto.getRandomValues(new Uint8Array(8))),
    parentSpanId: rootOf(traceId),
    name: "POST",
    kind: CLIENT,
    startTimeUnixNano: nanos(outcome.startedAt),
    endTimeUnixNano: nanos(outcome.startedAt + outcome.durationMs),
    attributes: attributes({
      "http.request.method": "POST",
      "http.response.status_code": outcome.statusCode ?? undefined,
      "server.address": URL.parse(webhook.url)?.host, // the rest of a URL may hold a secret
      "error.type": outcome.ok ? undefined : outcome.reason,
      "kabar.webhook.id": webhook.id,
      "kabar.webhook.format": webhook.format,
      "kabar.delivery.id": deliveryIdOf(delivery.number),
      "kabar.delivery.attempt": delivery.attempts + 1,
      "kabar.event.type": event.type,
    }),
    status: outcome.ok ? {} : { code: ERROR, message: outcome.error },
  };
}

/** The 128 bits of the event's ULID: whoever knows the event knows the trace. */
export function traceIdOf(eventId: EventId): string {
  let bits = 0n;
  for (const letter of eventId.slice(eventId.indexOf("_") + 1)) {
    bits = (bits << 5n) | BigInt(Math.max(0, CROCKFORD.indexOf(letter)));
  }
  return BigInt.asUintN(128, bits).toString(16).padStart(32, "0");
}

function rootOf(traceId: string): string {
  return traceId.slice(16);
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function nanos(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}

function attributes(values: Readonly<Record<string, string | number | undefined>>): Span["attributes"] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value } }];
  });
}
