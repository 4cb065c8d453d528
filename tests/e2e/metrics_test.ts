import { assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { startReceiver } from "../support/receiver.ts";

async function metricsOf(url: string): Promise<{ readonly type: string | null; readonly text: string }> {
  const response = await fetch(`${url}/metrics`);
  return { type: response.headers.get("content-type"), text: await response.text() };
}

function valueOf(text: string, name: string): number | undefined {
  const line = text.split("\n").find((line) => line.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

Deno.test("metrics count events and deliveries by outcome and format, and time them", async () => {
  const dir = await Deno.makeTempDir();
  const receiver = await startReceiver(500, { status: 200 });
  const env = { WEBHOOK_URL: receiver.url, WEBHOOK_FORMAT: "account" };
  const gateway = await startGatewayProcess({ dir, env });
  await call(gateway.url, "POST", "/api/webhook/send", { eventType: "order.paid", data: {} });

  const { type, text } = await metricsOf(gateway.url);

  assertEquals(type, "text/plain; version=0.0.4; charset=utf-8");
  const value = (name: string) => valueOf(text, name);
  assertEquals(value('kabar_events_total{type="custom"}'), 1);
  assertEquals(value('kabar_delivery_attempts_total{format="account",outcome="status"}'), 1);
  assertEquals(value('kabar_delivery_attempts_total{format="account",outcome="success"}'), 1);
  assertEquals(value('kabar_deliveries_total{format="account",outcome="success"}'), 1);
  assertEquals(value('kabar_delivery_attempt_duration_seconds_bucket{format="account",le="+Inf"}'), 2);
  assertEquals(value('kabar_delivery_latency_seconds_count{format="account"}'), 1);
  assertEquals(value('kabar_http_requests_total{status="2xx"}')! >= 1, true);
  assertEquals(value("kabar_http_requests_in_flight"), 1);
  assertEquals(value("process_resident_memory_bytes")! > 10_000_000, true);
  assertEquals(await gateway.stop(), 0);
  await receiver.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("metrics tell what is still to be delivered, and since when", async () => {
  const dir = await Deno.makeTempDir();
  const receiver = await startReceiver("hang");
  const env = { WEBHOOK_URL: receiver.url, WEBHOOK_FORMAT: "account" };
  const gateway = await startGatewayProcess({ dir, env });
  const sending = call(gateway.url, "POST", "/api/webhook/send", { eventType: "order.paid", data: {} })
    .catch(() => undefined); // cut off at the end
  await receiver.waitFor(1);
  const waiting = await until(
    async () => {
      const { text } = await metricsOf(gateway.url);
      return valueOf(text, "kabar_deliveries_pending_oldest_age_seconds")! > 0.05 && text;
    },
    "the delivery to be a little old",
  );

  assertEquals(valueOf(waiting, "kabar_deliveries_pending"), 1);
  assertEquals(valueOf(waiting, "kabar_webhook_requests_in_flight"), 1);
  receiver.respond(200);
  receiver.closeConnections();
  await sending;
  const { text } = await metricsOf(gateway.url);
  assertEquals(valueOf(text, "kabar_deliveries_pending"), 0);
  assertEquals(valueOf(text, "kabar_deliveries_pending_oldest_age_seconds"), 0);
  await gateway.stop();
  await receiver.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("metrics count devices by status, and keep the names of older dashboards", async () => {
  const dir = await Deno.makeTempDir();
  const gateway = await startGatewayProcess({ dir });
  await call(gateway.url, "POST", "/v1/devices", { label: "Shop" });

  const { text } = await metricsOf(gateway.url);

  assertEquals(valueOf(text, 'kabar_devices{status="needs_pairing"}'), 1);
  assertEquals(valueOf(text, 'kabar_devices{status="connected"}'), 0);
  for (
    const [name, value] of [
      ["devices_total", 1],
      ["devices_connected", 0],
      ["webhooks_failed", 0],
      ["tenants_active", 1],
      ["messages_sent", 0],
      ["messages_received", 0],
      ["webhooks_registered", 0],
    ] as const
  ) assertEquals(valueOf(text, `rijan_${name}`), value, name);
  assertMatch(text, /^process_uptime_seconds \d/m);
  assertMatch(text, /^nodejs_memory_usage_bytes\{type="rss"\} \d/m);
  await gateway.stop();
  await Deno.remove(dir, { recursive: true });
});
