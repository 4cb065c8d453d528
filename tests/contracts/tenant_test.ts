// Webhooks of a tenant under /v1: registering, signing, failing, retrying.
import { createHmac } from "node:crypto";
import { assert, assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { type Answer, type Gateway, runGateway } from "../support/gateway.ts";
import { since } from "../support/since.ts";
import { until } from "../support/until.ts";
import { requestsBefore } from "../support/requests_before.ts";
import { type ReceivedRequest, type Receiver, startReceiver, type Step } from "../support/receiver.ts";

const EVENTS = ["message.received", "message.status", "device.connected", "device.disconnected"];

type Fields = Readonly<Record<string, unknown>>;

interface World extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly tenant: { readonly id: string; readonly key: string };
  readonly rx: Receiver;
  /** Asks as the tenant. */
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Makes a webhook that points at the receiver; its id. */
  subscribe(change?: Fields): Promise<string>;
  failed(): Promise<Answer>;
  /** What the receiver got, once something that was sent after it has arrived. */
  all(): Promise<readonly ReceivedRequest[]>;
  /** The only failed entry, once there is one. */
  failure(): Promise<Fields>;
}

/** A gateway with a tenant, and a receiver that answers as the script says. */
async function setUp(options: { whatsapp?: boolean; script?: readonly Step[] } = {}): Promise<World> {
  const { whatsapp, script = [] } = options;
  const gateway = await runGateway({ whatsapp, settings: { WEBHOOK_ALLOW_PRIVATE: "127.0.0.0/8" } });
  const tenant = await gateway.tenant();
  const rx = await startReceiver(...script);
  const ask: World["ask"] = (method, path, body) => gateway.api(method, path, body, tenant.key);
  const failed = () => ask("GET", "/v1/webhooks/failed");
  let webhookId = "";
  return {
    gateway,
    tenant,
    rx,
    ask,
    async subscribe(change = {}) {
      const asked = { url: rx.url, events: EVENTS, secret: "s", ...change };
      const { status, body, text } = await ask("POST", "/v1/webhooks", asked);
      assertEquals(status, 201, text);
      return webhookId = body.data.webhook_id;
    },
    all: () =>
      requestsBefore(
        rx,
        ({ json }) => json.event === "webhook.test",
        () => ask("POST", `/v1/webhooks/${webhookId}/test`),
      ),
    failed,
    failure: () => until(async () => (await failed()).body.data.failed_events[0], "a failed event"),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await rx.stop();
    },
  };
}

/** As `setUp`, and a text has come in for a webhook of the tenant. */
async function withMail(script: readonly Step[], change: Fields = {}): Promise<World> {
  const world = await setUp({ whatsapp: true, script });
  const { phone } = await world.gateway.pair({ key: world.tenant.key });
  await world.subscribe({ events: ["message.received"], ...change });
  const budi = world.gateway.simulator.contact("628123456789", "Budi");
  await budi.sendText(phone, "Halo \u2028 50 % <&> 🎉 “ya” a/b");
  return world;
}

function hmac(secret: string, body: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

Deno.test("a webhook is registered, and told with its id (S1-01)", async () => {
  await using world = await setUp();
  const url = `${world.rx.url}/webhook/whatsapp`;

  const isSince = since();

  const { status, body } = await world.ask("POST", "/v1/webhooks", { url, events: EVENTS, secret: "s" });

  assert(status === 200 || status === 201, `status ${status}`);
  assertEquals(body.success, true);
  assertMatch(body.data.webhook_id, /^wh_[A-Za-z0-9]+$/);
  assertEquals(body.data.url, url);
  assertEquals(body.data.events, EVENTS);
  assertEquals(body.data.status, "active");
  assert(Number.isInteger(body.data.created_at));
  assert(isSince(body.data.created_at * 1000));
});

Deno.test("a secret that was given is never shown (S1-02)", async () => {
  await using world = await setUp();
  const secret = "your-webhook-secret-key";

  const created = await world.ask("POST", "/v1/webhooks", { url: world.rx.url, events: EVENTS, secret });
  const shown = await world.ask("GET", `/v1/webhooks/${created.body.data.webhook_id}`);
  const listed = await world.ask("GET", "/v1/webhooks");

  for (const { text } of [created, shown, listed]) assertEquals(text.includes(secret), false, text);
});

Deno.test("a webhook needs no secret and only one event (S1-03)", async () => {
  await using world = await setUp();

  const { status, body } = await world.ask("POST", "/v1/webhooks", {
    url: world.rx.url,
    events: ["message.received"],
  });

  assertEquals(status, 201);
  assertMatch(body.data.webhook_id, /^wh_/);
});

for (const [what, key] of [["no key", null], ["a wrong key", "tenant_x.1.2.3.4"]] as const) {
  Deno.test(`registering with ${what} is refused (S1-04)`, async () => {
    await using world = await setUp();
    const asked = { url: world.rx.url, events: EVENTS };

    const { status, body } = await world.gateway.api("POST", "/v1/webhooks", asked, key);

    assertEquals([status, body.success], [401, false]);
  });
}

for (
  const [what, asked] of [
    ["without a url", { events: EVENTS }],
    ["without events", { url: "https://your-app.com/hook" }],
    ["for no events", { url: "https://your-app.com/hook", events: [] }],
  ] as const
) {
  Deno.test(`registering ${what} is refused (S1-05)`, async () => {
    await using world = await setUp();

    const { status, body } = await world.ask("POST", "/v1/webhooks", asked);

    assertEquals([status, body.success], [400, false]);
  });
}

Deno.test("a registered webhook is listed (S1-06)", async () => {
  await using world = await setUp();
  const id = await world.subscribe();

  const { status, body } = await world.ask("GET", "/v1/webhooks");

  assertEquals([status, body.success, body.data.total], [200, true, 1]);
  assertEquals(body.data.webhooks[0].webhook_id, id);
});

Deno.test("another tenant's webhook is out of sight and out of reach (S1-07)", async () => {
  await using world = await setUp();
  const id = await world.subscribe();
  const { key } = await world.gateway.tenant("Toko Lain");
  const ask = (method: string, path: string, body?: unknown) => world.gateway.api(method, path, body, key);

  const listed = await ask("GET", "/v1/webhooks");
  const others = await Promise.all([
    ask("GET", `/v1/webhooks/${id}`),
    ask("PUT", `/v1/webhooks/${id}`, { events: ["message.received"] }),
    ask("DELETE", `/v1/webhooks/${id}`),
    ask("POST", `/v1/webhooks/${id}/test`),
  ]);

  assertEquals(listed.body.data.webhooks, []);
  assertEquals(others.map(({ status }) => status), [404, 404, 404, 404]);
  assertEquals((await world.ask("GET", `/v1/webhooks/${id}`)).body.data.events, EVENTS);
  assertEquals(world.rx.requests.length, 0);
});

Deno.test("a webhook's events are replaced, its url stays (S1-08)", async () => {
  await using world = await setUp();
  const id = await world.subscribe();
  const events = ["message.received", "message.status"];

  const { status } = await world.ask("PUT", `/v1/webhooks/${id}`, { events });

  assertEquals(status, 200);
  const [webhook] = (await world.ask("GET", "/v1/webhooks")).body.data.webhooks;
  assertEquals([webhook.events, webhook.url], [events, world.rx.url]);
});

Deno.test("a deleted webhook is gone (S1-09)", async () => {
  await using world = await setUp();
  const id = await world.subscribe();

  const first = await world.ask("DELETE", `/v1/webhooks/${id}`);
  const second = await world.ask("DELETE", `/v1/webhooks/${id}`);

  assertEquals([first.status, second.status], [200, 404]);
  assertEquals((await world.ask("GET", "/v1/webhooks")).body.data.webhooks, []);
});

Deno.test("testing a webhook sends one event (S1-10)", async () => {
  await using world = await setUp();
  const id = await world.subscribe();

  const { status } = await world.ask("POST", `/v1/webhooks/${id}/test`);
  const first = await world.rx.waitFor(1);
  await world.ask("POST", `/v1/webhooks/${id}/test`);
  await world.rx.waitFor(2);

  assertEquals([status, first.length, world.rx.requests.length], [200, 1, 2]);
  const [{ method, headers, json }] = world.rx.requests;
  assertEquals([method, headers["content-type"]], ["POST", "application/json"]);
  assertEquals(typeof json.event, "string");
  assertEquals(json.tenant_id, world.tenant.id);
  assert(Number.isInteger(json.timestamp) && json.timestamp < 1e11);
  assertEquals(typeof json.data, "object");
});

Deno.test("every request is signed with the secret (S1-11)", async () => {
  await using world = await setUp();
  const id = await world.subscribe({ secret: "s" });

  await world.ask("POST", `/v1/webhooks/${id}/test`);

  const [{ headers, body }] = await world.rx.waitFor(1);
  assertMatch(headers["x-rijan-signature"], /^[0-9a-f]{64}$/);
  assertEquals(headers["x-rijan-signature"], hmac("s", body));
});

for (const path of ["/hook?token=T", "/hook/T", "/hook?token=a%2Fb&x=%20+"]) {
  Deno.test(`the url ${path} is called as it was registered (S1-22)`, async () => {
    await using world = await setUp();
    const id = await world.subscribe({ url: world.rx.url + path });

    await world.ask("POST", `/v1/webhooks/${id}/test`);

    const [request] = await world.rx.waitFor(1);
    assertEquals(request.target, path);
  });
}

Deno.test("an event that a receiver refuses is sent 3 times, each with the same bytes, then listed (S1-23)", async () => {
  await using world = await withMail([500]);

  await world.failure();
  const requests = await world.all();

  const bodies = requests.map(({ body }) => body);
  assertEquals(bodies.length, 3);
  assertEquals(new Set(bodies).size, 1);
  const ids = requests.map(({ headers }) => headers["webhook-id"]);
  assertEquals(new Set(ids).size, 1);
});

Deno.test("a failed event is listed with what became of it (S1-24)", async () => {
  await using world = await withMail([500]);
  const isSince = since();

  const entry = await world.failure();

  const { body } = await world.failed();
  assertEquals([body.success, body.data.total, body.data.failed_events.length], [true, 1, 1]);
  assertMatch(String(entry.event_id), /^evt_/);
  assertEquals([entry.event, entry.attempts], ["message.received", 3]);
  assert(Number.isInteger(entry.last_attempt));
  assert(isSince(Number(entry.last_attempt) * 1000));
  assert(typeof entry.error === "string" && entry.error !== "");
  assertEquals(entry.payload, world.rx.requests[0].json);
});

for (const status of [404, 302, 301, 400, 429]) {
  Deno.test(`an event that is answered with ${status} is retried and listed (S1-25)`, async () => {
    await using world = await withMail([{ status, headers: { location: "/elsewhere" } }]);

    const entry = await world.failure();

    assertEquals([entry.attempts, world.rx.requests.length], [3, 3]);
    assertEquals(world.rx.requests.map(({ path }) => path), ["/", "/", "/"]);
  });
}

for (const step of ["reset", "close", "garbage"] as const) {
  Deno.test(`an event whose connection ends with ${step} is retried and listed (S1-25)`, async () => {
    await using world = await withMail([step]);

    const entry = await world.failure();

    assertEquals([entry.attempts, world.rx.requests.length], [3, 3]);
    assert(typeof entry.error === "string" && entry.error !== "");
  });
}

Deno.test("the error of a receiver that never answers says timeout (S1-26)", async () => {
  await using world = await withMail(["hang"], { timeout: 1 });

  const entry = await world.failure();

  assertMatch(String(entry.error), /timeout/i);
});

Deno.test("an event that arrives at the third attempt is no failure (S1-27)", async () => {
  await using world = await withMail([500, 500, 200]);

  await world.rx.waitFor(3);

  assertEquals((await world.all()).length, 3);
  assertEquals((await world.failed()).body.data.total, 0);
});

Deno.test("a failed event is sent again on request, and is a failure no more (S1-29)", async () => {
  await using world = await withMail([500], { recovery: false });
  const entry = await world.failure();
  world.rx.respond(200);

  const { status } = await world.ask("POST", `/v1/webhooks/failed/${entry.event_id}/retry`);

  assertEquals(status, 202);
  const again = (await world.rx.waitFor(4))[3];
  assertEquals(again.body, world.rx.requests[0].body);
  assertEquals(again.headers["x-rijan-signature"], hmac("s", again.body));
  await until(async () => (await world.failed()).body.data.total === 0, "the entry to go");
});

Deno.test("a failed event outlives a restart, and is sent again as it was (S1-29)", async () => {
  await using world = await withMail([500], { recovery: false });
  const entry = await world.failure();
  await world.gateway.start();
  world.rx.respond(200);

  const listed = await world.failure();
  await world.ask("POST", `/v1/webhooks/failed/${entry.event_id}/retry`);

  assertEquals(listed, entry);
  const [first, , , again] = await world.rx.waitFor(4);
  assertEquals(again.body, first.body);
  assertEquals(again.headers["webhook-id"], first.headers["webhook-id"]);
});

Deno.test("retrying an unknown event is refused (S1-30)", async () => {
  await using world = await setUp();

  const { status, body } = await world.ask("POST", "/v1/webhooks/failed/evt_failed_123/retry");

  assertEquals([status, body.success], [404, false]);
});

Deno.test("retrying another tenant's event is refused (S1-30)", async () => {
  await using world = await withMail([500]);
  const entry = await world.failure();
  const { key } = await world.gateway.tenant("Toko Lain");

  const path = `/v1/webhooks/failed/${entry.event_id}/retry`;
  const { status } = await world.gateway.api("POST", path, undefined, key);

  assertEquals([status, (await world.failed()).body.data.total], [404, 1]);
});

Deno.test("an event that arrives is sent once (S1-31)", async () => {
  await using world = await withMail([200]);

  await world.rx.waitFor(1);

  assertEquals((await world.all()).length, 1);
  assertEquals((await world.failed()).body.data.total, 0);
});

Deno.test("a tenant without failures gets an empty list, not a webhook named failed (S1-33)", async () => {
  await using world = await setUp();

  const { status, body } = await world.failed();

  assertEquals([status, body.data], [200, { failed_events: [], total: 0 }]);
});

Deno.test("health and readiness need no key (S1-35)", async () => {
  await using world = await setUp();

  const health = await world.gateway.api("GET", "/health", undefined, null);
  const ready = await world.gateway.api("GET", "/ready", undefined, null);

  assertEquals([health.status, ready.status], [200, 200]);
  assertEquals([health.body.status, ready.body.ready], ["alive", true]);
  assertGreaterOrEqual(health.body.uptime, 0);
});

Deno.test("metrics need no key (S1-35)", async () => {
  await using world = await setUp();

  const { status, text, headers } = await world.gateway.api("GET", "/metrics", undefined, null);

  assertEquals(status, 200);
  assertMatch(headers.get("content-type") ?? "", /^text\/plain/);
  assertMatch(text, /^# TYPE \w+ (counter|gauge|histogram)$/m);
});
