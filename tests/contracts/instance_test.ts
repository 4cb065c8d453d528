// Instances with a webhookUrl each: their log of deliveries, its numbers, retrying and clearing.
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Contact } from "../../src/simulator/mod.ts";
import { type Gateway, type PairedDevice, runGateway } from "../support/gateway.ts";
import { since } from "../support/since.ts";
import { until } from "../support/until.ts";
import { type Past, writeHistory } from "../support/history.ts";
import { requestsBefore } from "../support/requests_before.ts";
import { type ReceivedRequest, type Receiver, startReceiver, type Step } from "../support/receiver.ts";

const BUDI = "6281234567890";
const LAST = "This is the last one";

type Row = Readonly<Record<string, unknown>>;

interface World extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly rx: Receiver;
  /** The instance, connected; its `webhookUrl` is the receiver. */
  readonly instance: PairedDevice;
  readonly budi: Contact;
  /** A text comes in. */
  mail(): Promise<string>;
  /** What the receiver got, once a text that came in after it has arrived. */
  all(): Promise<readonly ReceivedRequest[]>;
  logs(query?: string): Promise<readonly Row[]>;
  /** The newest row, once it has this status. */
  row(status: string): Promise<Row>;
}

async function setUp(
  script: readonly Step[] = [],
  settings: Readonly<Record<string, string>> = {},
): Promise<World> {
  const rx = await startReceiver(...script);
  const gateway = await runGateway({ whatsapp: true, settings });
  const instance = await gateway.pair();
  await setUrl(gateway, instance.id, rx.url);
  const budi = gateway.simulator.contact(BUDI, "Budi");
  const logs = async (query = "") => {
    const path = `/api/webhook/logs?instanceId=${instance.id}&${query}`;
    return (await gateway.api("GET", path)).body.data;
  };
  return {
    gateway,
    rx,
    instance,
    budi,
    mail: () => budi.sendText(instance.phone, "Hello!"),
    all: () =>
      requestsBefore(
        rx,
        ({ json }) => json.data.body === LAST,
        () => budi.sendText(instance.phone, LAST),
      ),
    logs,
    row: (status) => until(async () => (await logs()).find((row: Row) => row.status === status), status),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await rx.stop();
    },
  };
}

async function setUrl(gateway: Gateway, id: string, webhookUrl: string | null): Promise<void> {
  const { status, text } = await gateway.api("PUT", `/api/instance/${id}`, { webhookUrl });
  assertEquals(status, 200, text);
}

/** A gateway with two instances that are not connected, and the deliveries that were made for them. */
async function withHistory(
  past: (first: string, second: string) => readonly (Omit<Past, "webhookId">)[],
): Promise<{ readonly gateway: Gateway; readonly first: string; readonly second: string } & AsyncDisposable> {
  const gateway = await runGateway();
  const [first, second] = [await gateway.device(), await gateway.device()];
  const webhookIds = new Map<string, string>();
  for (const id of [first, second]) {
    await setUrl(gateway, id, "http://127.0.0.1:1/hook");
    const { body } = await gateway.api("GET", "/v1/webhooks");
    const own = body.data.webhooks.find(({ devices }: { devices: string[] | null }) => devices?.includes(id));
    webhookIds.set(id, own.webhook_id);
  }
  await gateway.restored((store) =>
    writeHistory(
      store,
      past(first, second).map((one) => ({ ...one, webhookId: webhookIds.get(one.deviceId) ?? "" })),
    )
  );
  return { gateway, first, second, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

/** Waits until so many texts were published, whoever gets them. */
async function published(gateway: Gateway, count: number): Promise<void> {
  await until(async () => {
    const { body } = await gateway.api("GET", "/v1/events?types=message.received");
    return body.data.events.length === count;
  }, `${count} texts`);
}

Deno.test("an instance gets a webhookUrl, and its events go there (S4-01)", async () => {
  await using rx = await startReceiver();
  await using gateway = await runGateway({ whatsapp: true });
  const instance = await gateway.pair();

  const { status, body } = await gateway.api("PUT", `/api/instance/${instance.id}`, { webhookUrl: rx.url });

  assertEquals([status, body.success], [200, true]);
  await gateway.simulator.contact(BUDI, "Budi").sendText(instance.phone, "Hello!");
  const [{ json }] = await rx.waitFor(1);
  assertEquals([json.event, json.instanceId], ["message.received", instance.id]);
});

Deno.test("an instance is known by its alias too (S4-01)", async () => {
  await using rx = await startReceiver();
  await using gateway = await runGateway({ whatsapp: true });
  const instance = await gateway.pair({ alias: "toko-1" });

  const { status } = await gateway.api("PUT", "/api/instance/toko-1", { webhookUrl: rx.url });

  assertEquals(status, 200);
  await gateway.simulator.contact(BUDI, "Budi").sendText(instance.phone, "Hello!");
  const [{ json, headers }] = await rx.waitFor(1);
  assertEquals([json.instanceId, headers["x-instance-id"]], ["toko-1", "toko-1"]);
});

Deno.test("an instance's webhookUrl changes, and goes (S4-01)", async () => {
  await using world = await setUp();
  await using other = await startReceiver();

  await setUrl(world.gateway, world.instance.id, other.url);
  await world.mail();
  await other.waitFor(1);
  await setUrl(world.gateway, world.instance.id, null);
  await world.mail();
  await published(world.gateway, 2);
  await setUrl(world.gateway, world.instance.id, world.rx.url);

  assertEquals([await world.all(), other.requests.length], [[], 1]);
});

Deno.test("an instance gets the events of its own line only (S4-01)", async () => {
  await using world = await setUp();
  const other = await world.gateway.pair();

  await world.budi.sendText(other.phone, "For the other");
  await world.mail();
  await published(world.gateway, 2);

  assertEquals((await world.all()).map(({ json }) => json.data.body), ["Hello!"]);
});

Deno.test("an unknown instance is not found (S4-02)", async () => {
  await using gateway = await runGateway();

  const { status, body } = await gateway.api("PUT", "/api/instance/no-such", {
    webhookUrl: "https://your-webhook-endpoint.com/webhook",
  });

  assertEquals([status, body.success, typeof body.error], [404, false, "string"]);
});

for (const [what, key] of [["no key", null], ["a wrong key", "your-api-key"]] as const) {
  Deno.test(`nothing of instances and webhooks is told or done with ${what} (S4-03)`, async () => {
    await using gateway = await runGateway();
    const calls = [
      ["PUT", "/api/instance/x", { webhookUrl: "https://your-webhook-endpoint.com/webhook" }],
      ["GET", "/api/instance", undefined],
      ["POST", "/api/webhook/test", { url: "https://your-webhook-endpoint.com/webhook" }],
      ["GET", "/api/webhook/logs", undefined],
      ["GET", "/api/webhook/logs/dlv_1", undefined],
      ["POST", "/api/webhook/retry/dlv_1", undefined],
      ["GET", "/api/webhook/stats", undefined],
      ["DELETE", "/api/webhook/logs", {}],
    ] as const;

    for (const [method, path, asked] of calls) {
      const { status, body } = await gateway.api(method, path, asked, key);
      assertEquals([status, body.success, typeof body.error], [401, false, "string"], `${method} ${path}`);
    }
  });
}

Deno.test("a url is tried out with one event (S4-04)", async () => {
  await using usual = await startReceiver();
  await using rx = await startReceiver({ status: 200, body: '{"received":true}' });
  await using gateway = await runGateway({ settings: { WEBHOOK_URL: usual.url } });

  const { status, body } = await gateway.api("POST", "/api/webhook/test", { url: `${rx.url}/webhook` });
  const { body: { data: { webhooks: [{ webhook_id: usualId }] } } } = await gateway.api(
    "GET",
    "/v1/webhooks",
  );
  await gateway.api("POST", `/v1/webhooks/${usualId}/test`);
  await usual.waitFor(1);

  assertEquals([status, body.success, body.statusCode], [200, true, 200]);
  assertEquals([rx.requests.length, usual.requests.length], [1, 1]);
  const [{ method, path, headers, json }] = rx.requests;
  assertEquals([method, path, headers["content-type"]], ["POST", "/webhook", "application/json"]);
  assertEquals(typeof json.event, "string");
});

Deno.test("a url that answers 500 is told so (S4-05)", async () => {
  await using rx = await startReceiver(500);
  await using gateway = await runGateway();

  const { status, body } = await gateway.api("POST", "/api/webhook/test", { url: rx.url });

  assertEquals([status, body.success, body.statusCode], [400, false, 500]);
  assertEquals(typeof body.error, "string");
});

Deno.test("a url where nobody listens is told so (S4-05)", async () => {
  const rx = await startReceiver();
  await rx.stop();
  await using gateway = await runGateway();

  const { status, body } = await gateway.api("POST", "/api/webhook/test", { url: rx.url });

  assertEquals([status, body.success, body.statusCode], [400, false, 0]);
  assertEquals(typeof body.error, "string");
});

Deno.test("a delivery is in the log (S4-10)", async () => {
  await using world = await setUp();
  const isSince = since();

  const messageId = await world.mail();
  await world.row("success");

  const path = `/api/webhook/logs?instanceId=${world.instance.id}&limit=50`;
  const { status, body } = await world.gateway.api("GET", path);
  assertEquals([status, body.success, body.count], [200, true, 1]);
  const [row] = body.data;
  assertEquals(typeof row.webhookId, "string");
  assertEquals([row.instanceId, row.url], [world.instance.id, world.rx.url]);
  assertEquals([row.event, row.payload.data.messageId], ["message.received", messageId]);
  assertEquals([row.status, row.statusCode, row.attempts], ["success", 200, 1]);
  for (const time of [row.createdAt, row.updatedAt]) {
    assert(isSince(Date.parse(time)), time);
  }
});

Deno.test("the log is filtered by status, instance and limit (S4-11)", async () => {
  await using world = await withHistory((first, second) => [
    { deviceId: first, event: "message.received", status: "failed", count: 2 },
    { deviceId: first, event: "message.received", status: "success", count: 3 },
    { deviceId: second, event: "message.received", status: "failed", count: 4 },
  ]);
  const rows = async (query: string) =>
    (await world.gateway.api("GET", `/api/webhook/logs?${query}`)).body.data as Row[];

  const failed = await rows("status=failed");
  const first = await rows(`instanceId=${world.first}`);
  const both = await rows(`instanceId=${world.first}&status=failed&limit=1`);

  assertEquals([failed.length, new Set(failed.map(({ status }) => status))], [6, new Set(["failed"])]);
  assertEquals([first.length, new Set(first.map((row) => row.instanceId))], [5, new Set([world.first])]);
  assertEquals(both.map(({ status, instanceId }) => [status, instanceId]), [["failed", world.first]]);
});

Deno.test("the log outlives the instance, and its own webhook (S4-10)", async () => {
  await using world = await setUp();
  const { gateway, rx, instance } = world;
  await world.mail();
  await world.row("success");
  const before = await world.logs("status=success");
  await setUrl(gateway, instance.id, null);
  const withoutWebhook = await world.logs("status=success");

  await gateway.api("DELETE", `/api/instance/${instance.id}`);
  const { body: after } = await gateway.api("GET", "/api/webhook/logs?status=success");
  const one = await gateway.api("GET", `/api/webhook/logs/${before[0].webhookId}`);
  const numbers = await gateway.api("GET", "/api/webhook/stats?days=7");

  assertEquals(withoutWebhook, before);
  assertEquals(
    before.map(({ instanceId, url }: Row) => [instanceId, url]),
    before.map(() => [instance.id, rx.url]),
  );
  assertEquals(after.data, before.map((row: Row) => ({ ...row, instanceId: null })));
  assertEquals(one.body.data, { ...before[0], instanceId: null });
  assertEquals(numbers.body.data.success, before.length);
});

Deno.test("one delivery is found by its webhookId, another is not (S4-13)", async () => {
  await using world = await setUp();
  await world.mail();
  const { webhookId } = await world.row("success");

  const found = await world.gateway.api("GET", `/api/webhook/logs/${webhookId}`);
  const unknown = await world.gateway.api("GET", "/api/webhook/logs/1704067200000_abc123def");

  assertEquals([found.status, found.body.data.webhookId], [200, webhookId]);
  assertEquals([unknown.status, unknown.body.success], [404, false]);
});

Deno.test("an event that is refused is posted 4 times, after 5, 10 and 15 s, then failed (S4-14)", async () => {
  await using world = await setUp([500], { WEBHOOK_RETRY_SCALE: "0.1" });

  await world.mail();
  const row = await world.row("failed");
  const requests = await world.all();

  assertEquals(new Set(requests.map(({ body }) => body)).size, 1);
  const gaps = requests.slice(1).map(({ receivedAt }, index) => receivedAt - requests[index].receivedAt);
  assertEquals(gaps.length, 3);
  [500, 1_000, 1_500].forEach((wait, index) => assert(gaps[index] >= wait * 0.9, `gaps ${gaps}`));
  assertEquals([row.statusCode, row.attempts], [500, 4]);
  assertNotEquals(row.error, null);
});

Deno.test("an event that is taken at the third attempt is a success (S4-15)", async () => {
  await using world = await setUp([500, 500, 200]);

  await world.mail();
  const row = await world.row("success");

  assertEquals([(await world.all()).length, row.attempts, row.statusCode], [3, 3, 200]);
});

Deno.test("a failed delivery is sent again on request (S4-16)", async () => {
  await using world = await setUp([500]);
  await world.mail();
  const { webhookId } = await world.row("failed");
  world.rx.respond({ status: 200, body: '{"received":true}' });

  const { status, body } = await world.gateway.api("POST", `/api/webhook/retry/${webhookId}`);

  assertEquals([status, body.success, body.result.success], [200, true, true]);
  assertEquals(world.rx.requests.at(-1)?.body, world.rx.requests[0].body);
  assertEquals((await world.logs("status=success")).length, 1);
});

Deno.test("a delivery that is unknown, or arrived, is not sent again (S4-17)", async () => {
  await using world = await setUp();
  await world.mail();
  const { webhookId } = await world.row("success");

  const arrived = await world.gateway.api("POST", `/api/webhook/retry/${webhookId}`);
  const unknown = await world.gateway.api("POST", "/api/webhook/retry/1704067200000_abc123def");

  assertEquals([arrived.status, arrived.body.success], [400, false]);
  assertEquals([unknown.status, unknown.body.success], [404, false]);
  assertEquals(world.rx.requests.length, 1);
});

Deno.test("statistics count successes and failures, and name the rate (S4-18)", async () => {
  await using world = await withHistory((first, second) => [
    { deviceId: first, event: "message.received", status: "success", count: 145, daysAgo: 3 },
    { deviceId: first, event: "message.received", status: "failed", count: 5, daysAgo: 1 },
    { deviceId: second, event: "message.received", status: "failed", count: 7 },
  ]);

  const path = `/api/webhook/stats?instanceId=${world.first}&days=7`;
  const { status, body } = await world.gateway.api("GET", path);

  assertEquals([status, body.success], [200, true]);
  const { topEvents: _, ...numbers } = body.data;
  assertEquals(numbers, {
    period: "7 days",
    total: 150,
    success: 145,
    failed: 5,
    successRate: "96.67",
    instanceId: world.first,
  });
});

Deno.test("statistics rank the events (S4-19)", async () => {
  await using world = await withHistory((first) => [
    { deviceId: first, event: "session.status", status: "success", count: 50 },
    { deviceId: first, event: "message.received", status: "success", count: 95 },
    { deviceId: first, event: "message.received", status: "failed", count: 5 },
  ]);

  const { body } = await world.gateway.api("GET", `/api/webhook/stats?instanceId=${world.first}&days=7`);

  assertEquals(body.data.topEvents, [
    { event: "message.received", _count: { event: 100 } },
    { event: "session.status", _count: { event: 50 } },
  ]);
});

Deno.test("statistics look back as many days as they are asked for (S4-20)", async () => {
  await using world = await withHistory((first) => [
    { deviceId: first, event: "message.received", status: "success", count: 2, daysAgo: 40 },
    { deviceId: first, event: "message.received", status: "success", count: 3, daysAgo: 20 },
    { deviceId: first, event: "message.received", status: "success", count: 4, daysAgo: 2 },
  ]);
  const stats = async (query: string) =>
    (await world.gateway.api("GET", `/api/webhook/stats?instanceId=${world.first}${query}`)).body.data;

  const [usual, month] = [await stats(""), await stats("&days=30")];

  assertEquals([usual.period, usual.total], ["7 days", 4]);
  assertEquals([month.period, month.total], ["30 days", 7]);
});

Deno.test("statistics of an instance without deliveries are zero", async () => {
  await using world = await withHistory(() => []);

  const { body } = await world.gateway.api("GET", `/api/webhook/stats?instanceId=${world.first}`);

  const { total, success, failed, successRate, topEvents } = body.data;
  assertEquals([total, success, failed, successRate, topEvents], [0, 0, 0, "0.00", []]);
});

Deno.test("clearing takes one instance's deliveries that are older than some days (S4-21, S4-23)", async () => {
  await using world = await withHistory((first, second) => [
    { deviceId: first, event: "message.received", status: "success", count: 3, daysAgo: 40 },
    { deviceId: first, event: "message.received", status: "failed", count: 2, daysAgo: 31 },
    { deviceId: first, event: "message.received", status: "success", count: 4, daysAgo: 29 },
    { deviceId: second, event: "message.received", status: "success", count: 1, daysAgo: 40 },
  ]);

  const asked = { instanceId: world.first, days: 30 };
  const { status, body } = await world.gateway.api("DELETE", "/api/webhook/logs", asked);

  assertEquals([status, body.success, body.deletedCount], [200, true, 5]);
  const { body: left } = await world.gateway.api("GET", "/api/webhook/logs");
  const instances = left.data.map(({ instanceId }: Row) => instanceId);
  assertEquals(instances.sort(), [...Array(4).fill(world.first), world.second].sort());
});

Deno.test("clearing without a filter takes everything (S4-22)", async () => {
  await using world = await withHistory((first, second) => [
    { deviceId: first, event: "message.received", status: "success", count: 600, daysAgo: 1 },
    { deviceId: second, event: "session.status", status: "failed", count: 3 },
  ]);

  const { status, body } = await world.gateway.api("DELETE", "/api/webhook/logs", {});

  assertEquals([status, body.deletedCount], [200, 603]);
  assertEquals((await world.gateway.api("GET", "/api/webhook/logs")).body.data, []);
});

Deno.test("an instance without a webhookUrl posts nothing and logs nothing (S4-26)", async () => {
  await using world = await setUp();
  const silent = await world.gateway.pair();

  await world.budi.sendText(silent.phone, "Hello?");
  await published(world.gateway, 1);
  await world.gateway.api("POST", `/v1/devices/${silent.id}/stop`);
  await world.gateway.deviceIs("disconnected", silent.id);

  const { body } = await world.gateway.api("GET", "/api/webhook/logs");
  assertEquals([body.data, await world.all()], [[], []]);
});

Deno.test("requests carry the log's id, the instance, and which retry it is (S4-27)", async () => {
  await using world = await setUp([500, 500, 200]);

  await world.mail();
  const { webhookId } = await world.row("success");

  const { requests } = world.rx;
  assertEquals(requests.map(({ headers }) => headers["x-webhook-id"]), [webhookId, webhookId, webhookId]);
  assertEquals(new Set(requests.map(({ headers }) => headers["x-instance-id"])).size, 1);
  assertEquals(requests[0].headers["x-instance-id"], world.instance.id);
  assertEquals(requests.map(({ headers }) => headers["x-retry-attempt"]), [undefined, "1", "2"]);
});
