import { assertEquals, assertStringIncludes } from "@std/assert";
import { createStatsRoutes } from "../../../src/http/v1/stats.ts";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import type { Webhook } from "../../../src/store/webhooks.ts";
import { aWebhook } from "../../support/events.ts";
import { setUpHttp } from "../../support/http.ts";

const NOW = Date.UTC(2026, 10, 26, 9, 30);
const HOUR = Math.floor(NOW / 3_600_000);

async function setUp() {
  const own = aWebhook({ id: "wh_own", tenantId: DEFAULT_TENANT });
  const webhooks: Webhook[] = [own, aWebhook({ id: "wh_foreign", tenantId: "tenant_other" })];
  const http = await setUpHttp({
    keyed: (store) => [{
      at: "/v1",
      routes: createStatsRoutes({
        ...store,
        webhooksOf: (tenantId) => webhooks.filter((webhook) => webhook.tenantId === tenantId),
        now: () => NOW,
      }),
    }],
  });
  const attempts = (webhookId: string) => ({
    webhookId,
    hour: HOUR - 1,
    first: 3,
    retried: 1,
    failed: 2,
    durations: [6, 0, 0, 0, 0, 0, 0, 0, 0],
  });
  await http.addDevice("device_a");
  await http.store.hours.add({
    attempts: [attempts("wh_own"), attempts("wh_foreign")],
    events: [
      { tenantId: DEFAULT_TENANT, deviceId: "device_a", type: "message.received", hour: HOUR, count: 5 },
      { tenantId: DEFAULT_TENANT, deviceId: "device_b", type: "message.received", hour: HOUR, count: 2 },
      { tenantId: "tenant_other", deviceId: null, type: "message.received", hour: HOUR, count: 99 },
    ],
  });
  return http;
}

Deno.test("GET stats/series shows the last day of one's own by hour", async () => {
  await using http = await setUp();

  const answer = await http.ask("GET", "/v1/stats/series");

  assertEquals(answer.status, 200, answer.text);
  assertEquals((answer.at("data.points") as unknown[]).length, 24);
  assertEquals(answer.at("data.points.23.messages_in"), 7);
  assertEquals(answer.at("data.points.22.taken_at_once"), 3);
  assertEquals(answer.at("data.total"), {
    messages_in: 7,
    messages_out: 0,
    taken_at_once: 3,
    taken_after_retry: 1,
    failed_requests: 2,
    median_ms: 13,
    p95_ms: 24,
  });
});

Deno.test("GET stats/series shows one device, and no foreign webhook", async () => {
  await using http = await setUp();

  const device = await http.ask("GET", "/v1/stats/series?device_id=device_a");
  const foreign = await http.ask("GET", "/v1/stats/series?webhook_id=wh_foreign");

  assertEquals([device.at("data.total.messages_in"), device.at("data.total.taken_at_once")], [5, 0]);
  assertEquals([foreign.status, foreign.at("error.code")], [404, "NOT_FOUND"]);
});

Deno.test("GET stats/series refuses spans and zones that make no sense", async () => {
  await using http = await setUp();

  const refusals = await Promise.all(
    ["since=200&until=100", "since=0&until=99999999", "utc_offset=900", "step=week"]
      .map((query) => http.ask("GET", `/v1/stats/series?${query}`)),
  );

  assertEquals(refusals.map(({ status }) => status), [400, 400, 400, 400]);
  assertStringIncludes(refusals[1].text, "at most 2200 steps");
});
