import { assert, assertEquals, assertFalse } from "@std/assert";
import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";

interface Seen {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly intValue?: string } }[];
  readonly status: { readonly code?: number };
}

Deno.test("gateway sends one trace of an event and its requests to a collector, over a restart too", async () => {
  const dir = await Deno.makeTempDir();
  const collector = await startReceiver();
  const receiver = await startReceiver(500);
  const env = {
    WEBHOOK_URL: `${receiver.url}/hook?token=hidden`,
    WEBHOOK_FORMAT: "account",
    WEBHOOK_RETRY_SCALE: "1",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  };
  const spans = (): readonly Seen[] =>
    collector.requests.flatMap(({ json }) => json.resourceSpans[0].scopeSpans[0].spans);
  const attempts = () => spans().filter(({ name }) => name === "POST");
  const first = await startGatewayProcess({ dir, env });
  const sending = call(first.url, "POST", "/api/webhook/send", { eventType: "order.paid", data: {} })
    .catch(() => undefined); // cut off by the kill
  await until(() => attempts().length === 1, "the span of the first attempt");
  await first.kill();
  await sending;
  receiver.respond(200);

  const second = await startGatewayProcess({ dir, env });
  await until(() => attempts().length >= 2, "the span of the retry");
  await second.stop();

  const [event] = spans().filter(({ name }) => name === "publish custom");
  const [failed, retried] = attempts();
  assertEquals([failed.traceId, retried.traceId], [event.traceId, event.traceId]);
  assertEquals([failed.parentSpanId, retried.parentSpanId], [event.spanId, event.spanId]);
  assertEquals([failed.status.code, retried.status.code], [2, undefined]);
  assertEquals([failed, retried].map((span) => valueOf(span, "kabar.delivery.attempt")), ["1", "2"]);
  assertEquals([failed, retried].map((span) => valueOf(span, "http.response.status_code")), ["500", "200"]);
  assert(BigInt(retried.endTimeUnixNano) >= BigInt(retried.startTimeUnixNano));
  assertFalse(JSON.stringify(spans()).includes("hidden"));
  await collector.stop();
  await receiver.stop();
  await Deno.remove(dir, { recursive: true });
});

function valueOf({ attributes }: Seen, key: string): string | undefined {
  return attributes.find((attribute) => attribute.key === key)?.value.intValue;
}
