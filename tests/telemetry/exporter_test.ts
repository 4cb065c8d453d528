import { systemClock } from "../../src/async/clock.ts";
import { assert, assertEquals } from "@std/assert";
import { createExporter } from "../../src/telemetry/exporter.ts";
import type { Span } from "../../src/telemetry/spans.ts";
import { createManualClock } from "../support/manual_clock.ts";
import { startReceiver } from "../support/receiver.ts";

function aSpan(name: string): Span {
  return {
    traceId: "a".repeat(32),
    spanId: "b".repeat(16),
    name,
    kind: 4,
    startTimeUnixNano: "1",
    endTimeUnixNano: "2",
    attributes: [],
    status: {},
  };
}

// deno-lint-ignore no-explicit-any -- a body as it came
const namesIn = (body: any): readonly string[] =>
  body.resourceSpans[0].scopeSpans[0].spans.map(({ name }: Span) => name);

Deno.test("exporter sends what it was given, with its headers, and says who it is", async () => {
  const collector = await startReceiver();
  const exporter = createExporter({
    endpoint: `${collector.url}/otel/`,
    headers: "authorization=Bearer%20abc, x-scope = one",
    serviceName: "shop",
    clock: systemClock,
  });
  exporter.add(aSpan("one"));
  exporter.add(aSpan("two"));

  await exporter.stop();

  const [{ path, headers, json }] = collector.requests;
  assertEquals([path, headers.authorization, headers["x-scope"]], ["/otel/v1/traces", "Bearer abc", "one"]);
  assertEquals(namesIn(json), ["one", "two"]);
  assertEquals(json.resourceSpans[0].resource.attributes[0], {
    key: "service.name",
    value: { stringValue: "shop" },
  });
  assertEquals(collector.requests.length, 1);
  await collector.stop();
});

Deno.test("exporter sends by itself after a while", async () => {
  const collector = await startReceiver();
  const clock = createManualClock();
  const exporter = createExporter({ endpoint: collector.url, clock });

  exporter.add(aSpan("one"));
  await clock.advance(1_000);

  await collector.waitFor(1);
  await exporter.stop();
  await collector.stop();
});

Deno.test("exporter holds a bounded number of spans for a collector that does not answer", async () => {
  const collector = await startReceiver("hang");
  const exporter = createExporter({ endpoint: collector.url, clock: systemClock });

  for (let i = 0; i < 20_000; i++) exporter.add(aSpan(String(i)));
  await collector.waitFor(1);
  collector.respond(200);
  collector.closeConnections();
  await exporter.stop();

  const sent = collector.requests.slice(1).flatMap(({ json }) => namesIn(json));
  assert(sent.length > 1_000 && sent.length <= 5_000, `${sent.length} spans were sent`);
  await collector.stop();
});
