// One WEBHOOK_URL for everything: /api/webhook/status, test and send, and what is posted to it.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Gateway, runGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { call, startGatewayProcess } from "../support/process.ts";
import { requestsBefore } from "../support/requests_before.ts";
import { type ReceivedRequest, type Receiver, startReceiver, type Step } from "../support/receiver.ts";

const TEST = { eventType: "test", data: { message: "Test webhook" } };
const CUSTOM = { eventType: "custom.event", data: { customField: "customValue" } };

interface World extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly rx: Receiver;
  /** What the receiver got, once something that was sent after it has arrived. */
  all(): Promise<readonly ReceivedRequest[]>;
}

/** A gateway whose WEBHOOK_URL is a receiver that answers as the script says. */
async function setUp(
  script: readonly Step[] = [],
  settings: Readonly<Record<string, string>> = {},
): Promise<World> {
  const rx = await startReceiver(...script);
  const gateway = await runGateway({ settings: { WEBHOOK_URL: rx.url, ...settings } });
  return {
    gateway,
    rx,
    all: () =>
      requestsBefore(
        rx,
        ({ json }) => json.event === "last",
        () => gateway.api("POST", "/api/webhook/send", { eventType: "last", data: {} }),
      ),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await rx.stop();
    },
  };
}

/** Milliseconds between requests. */
function gapsOf(requests: readonly ReceivedRequest[]): readonly number[] {
  return requests.slice(1).map(({ receivedAt }, index) => receivedAt - requests[index].receivedAt);
}

Deno.test("status tells the url that WEBHOOK_URL gives (S3-01)", async () => {
  await using world = await setUp();

  const { status, body } = await world.gateway.api("GET", "/api/webhook/status");

  assertEquals([status, body.success], [200, true]);
  assertEquals([body.data.enabled, body.data.webhookUrl], [true, world.rx.url]);
});

Deno.test("status tells that there is no WEBHOOK_URL (S3-02)", async () => {
  await using gateway = await runGateway();

  const { status, body } = await gateway.api("GET", "/api/webhook/status");

  assertEquals([status, body.success, body.data.enabled], [200, true, false]);
});

for (const [what, key] of [["no key", null], ["a wrong key", "your-secret-api-key-here"]] as const) {
  Deno.test(`nothing is told or sent with ${what} (S3-03)`, async () => {
    await using world = await setUp();

    const answers = [
      await world.gateway.api("GET", "/api/webhook/status", undefined, key),
      await world.gateway.api("POST", "/api/webhook/test", TEST, key),
      await world.gateway.api("POST", "/api/webhook/send", CUSTOM, key),
    ];

    for (const { status, body } of answers) {
      assertEquals([status, body.success, typeof body.message], [401, false, "string"]);
    }
    assertEquals(await world.all(), []);
  });
}

Deno.test("the key may come in the query (S3-04)", async () => {
  await using world = await setUp();

  const { status } = await world.gateway.api(
    "GET",
    "/api/webhook/status?api_key=kbr_key_of_the_default_tenant",
    undefined,
    null,
  );

  assertEquals(status, 200);
});

Deno.test("a test event is posted with its data (S3-05)", async () => {
  await using world = await setUp();

  const { status, body } = await world.gateway.api("POST", "/api/webhook/test", TEST);

  assertEquals([status, body.success], [200, true]);
  const requests = await world.all();
  assertEquals(requests.length, 1);
  const [{ method, json }] = requests;
  assertEquals([method, json.event, json.data.message], ["POST", "test", "Test webhook"]);
});

Deno.test("what is posted has its headers, its time and three keys (S3-06)", async () => {
  await using world = await setUp();

  await world.gateway.api("POST", "/api/webhook/test", TEST);

  const [{ headers, json }] = await world.rx.waitFor(1);
  assertEquals(headers["content-type"], "application/json");
  assertEquals(headers["user-agent"], "WhatsApp-API-Webhook/1.0.0");
  assertMatch(json.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals(Object.keys(json), ["event", "timestamp", "data"]);
});

Deno.test("a test event is marked, and its outcome is answered (S3-07)", async () => {
  await using world = await setUp();

  const { body } = await world.gateway.api("POST", "/api/webhook/test", TEST);

  assertEquals(world.rx.requests[0].json.data.test, true);
  assertEquals(body.result, { success: true, status: 200, attempt: 1 });
});

Deno.test("a test event without a name is named test (S3-08)", async () => {
  await using world = await setUp();

  const { status } = await world.gateway.api("POST", "/api/webhook/test", {});

  assertEquals([status, world.rx.requests[0].json.event], [200, "test"]);
});

Deno.test("an event of one's own is posted as it is (S3-09)", async () => {
  await using world = await setUp();

  const { status, body } = await world.gateway.api("POST", "/api/webhook/send", CUSTOM);

  assertEquals([status, body.success], [200, true]);
  const [{ json }] = world.rx.requests;
  assertEquals([json.event, json.data], ["custom.event", { customField: "customValue" }]);
});

Deno.test("an event without a name is refused (S3-10)", async () => {
  await using world = await setUp();

  const { status, body } = await world.gateway.api("POST", "/api/webhook/send", { data: {} });

  assertEquals([status, body.success], [400, false]);
  assertStringIncludes(body.message, "eventType");
  assertEquals(await world.all(), []);
});

Deno.test("an event that is refused is posted 4 times, after 2, 4 and 8 s (S3-11)", async () => {
  await using world = await setUp([500], { WEBHOOK_RETRY_SCALE: "0.1" });

  await world.gateway.api("POST", "/api/webhook/send", CUSTOM);

  const gaps = gapsOf(await world.all());
  assertEquals(gaps.length, 3);
  [200, 400, 800].forEach((wait, index) => assert(gaps[index] >= wait * 0.9, `gaps ${gaps}`));
});

Deno.test("an event that is never taken is answered as a failure (S3-13)", async () => {
  await using world = await setUp([500]);

  const { body } = await world.gateway.api("POST", "/api/webhook/send", CUSTOM);

  assertEquals([body.result.success, typeof body.result.error], [false, "string"]);
});

Deno.test("a receiver that does not answer is given up after 10 s (S3-14)", async () => {
  await using world = await setUp(["hang", 200]);

  const { body } = await world.gateway.api("POST", "/api/webhook/send", CUSTOM);

  const [first, second] = world.rx.requests;
  const waitedMs = second.receivedAt - first.receivedAt - 20;
  assert(waitedMs >= 9_000 && waitedMs <= 11_000, `waited ${waitedMs} ms`);
  assertEquals(body.result, { success: true, status: 200, attempt: 2 });
});

Deno.test("webhook activity is in logs/app.log, as are its failures (S3-19)", async () => {
  const dir = await Deno.makeTempDir();
  await using rx = await startReceiver(200, 500);
  const gateway = await startGatewayProcess({ dir, env: { WEBHOOK_URL: rx.url } });

  await call(gateway.url, "POST", "/api/webhook/send", CUSTOM);
  await call(gateway.url, "POST", "/api/webhook/send", CUSTOM);
  await gateway.stop();

  const log = await Deno.readTextFile(`${dir}/logs/app.log`);
  const lines = log.split("\n").filter((line) => line.includes("webhook"));
  assert(lines.some((line) => line.includes("delivered")), log);
  assert(lines.some((line) => line.includes("HTTP 500")), log);
  assertEquals(log.includes("customValue"), false, "the log repeats what was sent");
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a changed WEBHOOK_URL counts from the next start (S3-20)", async () => {
  await using world = await setUp();
  await using other = await startReceiver();
  await world.gateway.api("POST", "/api/webhook/send", CUSTOM);

  await world.gateway.start({ WEBHOOK_URL: other.url });

  const { body } = await world.gateway.api("GET", "/api/webhook/status");
  assertEquals(body.data.webhookUrl, other.url);
  await world.gateway.api("POST", "/api/webhook/send", CUSTOM);
  assertEquals([world.rx.requests.length, other.requests.length], [1, 1]);
});

Deno.test("a WEBHOOK_URL that is taken away gets nothing from the next start on (S3-20)", async () => {
  await using world = await setUp();

  await world.gateway.start({ WEBHOOK_URL: undefined });

  const { body } = await world.gateway.api("POST", "/api/webhook/send", CUSTOM);
  assertEquals(body.result.success, false);
  assertEquals((await world.gateway.api("GET", "/api/webhook/status")).body.data.enabled, false);
  assertEquals(world.rx.requests.length, 0);
});

Deno.test("an event that was on its way when the gateway stopped is posted after the next start", async () => {
  await using world = await setUp([500, 200], { WEBHOOK_RETRY_SCALE: "1" });
  const sending = world.gateway.api("POST", "/api/webhook/send", CUSTOM).catch(() => undefined);
  await world.rx.waitFor(1);
  await until(async () => {
    const { body } = await world.gateway.api("GET", "/v1/deliveries?status=pending");
    return body.data.deliveries[0]?.attempts === 1;
  }, "the first attempt to be written down");

  await world.gateway.start();
  await sending;

  const [first, second] = await world.rx.waitFor(2);
  assertEquals(second.body, first.body);
  assertEquals(second.headers["x-kabar-attempt"], "2");
});
