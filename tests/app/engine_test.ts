import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { createHmac } from "node:crypto";
import type { EventDraft } from "../../src/events/event.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import type { DeliveryStatus } from "../../src/store/deliveries.ts";
import type { Webhook } from "../../src/store/webhooks.ts";
import { aText, runEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { startReceiver } from "../support/receiver.ts";
import { clockAt } from "../support/manual_clock.ts";

const ONE_TRY = { waitsMs: [], jitter: 0 };

Deno.test("engine delivers an event signed, and records the attempt", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver({ status: 200, body: "thanks" });
  await running.subscribe({ url: `${receiver.url}/hook` });

  const published = await running.engine.publish(aText("halo"));

  const [request] = await receiver.waitFor(1);
  assertEquals(request.json.event, "message.received");
  assertEquals(request.json.data.text, "halo");
  const expected = createHmac("sha256", "a test secret").update(request.body).digest("hex");
  assertEquals(request.headers["x-rijan-signature"], expected);
  assert(!published.duplicate);
  const { number } = published.deliveries[0];
  const delivery = await until(
    async () => {
      const found = await running.store.deliveries.get(number);
      return found?.status === "success" && found;
    },
    "success",
  );
  assertEquals(delivery.attempts, 1);
  const [attempt] = await running.store.deliveries.attempts(number);
  assertEquals([attempt.attempt, attempt.statusCode, attempt.response, attempt.error], [
    1,
    200,
    "thanks",
    null,
  ]);
  await receiver.stop();
});

Deno.test("engine retries with the same body until the endpoint takes it", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver(500, 503, 200);
  await running.subscribe({ url: receiver.url });

  await running.engine.publish(aText("halo"));

  const requests = await receiver.waitFor(3);
  assertEquals(new Set(requests.map(({ body }) => body)).size, 1);
  assertEquals(new Set(requests.map(({ headers }) => headers["webhook-id"])).size, 1);
  assertEquals(requests.map(({ headers }) => headers["x-kabar-attempt"]), ["1", "2", "3"]);
  await receiver.stop();
});

Deno.test("engine lists a delivery as failed when its schedule is used up", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver(500);
  await running.subscribe({ url: receiver.url });

  await running.engine.publish(aText("halo"));

  const failed = await until(
    async () => (await running.store.deliveries.list({ status: "failed" }, { limit: 10 }))[0],
    "a failed delivery",
  );
  assertEquals([failed.attempts, failed.statusCode], [3, 500]);
  assertEquals(receiver.requests.length, 3);
  await receiver.stop();
});

Deno.test("engine keeps delivering to others while an endpoint hangs", async () => {
  await using running = await runEngine({ concurrency: 8 });
  const dead = await startReceiver("hang");
  const alive = await startReceiver();
  await running.subscribe({ url: dead.url, timeoutMs: 60_000 });
  await running.subscribe({ url: alive.url });

  await Promise.all(Array.from({ length: 100 }, (_, i) => running.engine.publish(aText(`${i}`))));

  await alive.waitFor(100);
  assertLess(dead.requests.length, 8);
  await dead.stop();
  await alive.stop();
});

Deno.test("engine delivers to others when more endpoints hang than there are places", async () => {
  await using running = await runEngine({ concurrency: 4 });
  const dead = await startReceiver("hang");
  const alive = await startReceiver();
  for (let i = 0; i < 6; i++) await running.subscribe({ url: `${dead.url}/${i}`, timeoutMs: 60_000 });
  for (let i = 0; i < 5; i++) await running.engine.publish(aText(`${i}`));
  await dead.waitFor(4);
  await running.subscribe({ url: alive.url });

  await running.engine.publish(aText("after"));

  await alive.waitFor(1);
  await dead.stop();
  await alive.stop();
});

Deno.test("engine holds a bounded number of deliveries in memory while an endpoint hangs", async () => {
  await using running = await runEngine();
  const dead = await startReceiver("hang");
  await running.subscribe({ url: dead.url, timeoutMs: 60_000 });

  await Promise.all(Array.from({ length: 500 }, (_, i) => running.engine.publish(aText(`${i}`))));

  assertLess(running.engine.dispatcher.load().held, 20);
  assertEquals(await running.store.deliveries.count({ status: "pending" }, 1_000), 500);
  await dead.stop();
});

Deno.test("engine drains what waited in the store once there is room in memory", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  await running.subscribe({ url: receiver.url });

  await Promise.all(Array.from({ length: 1_000 }, (_, i) => running.engine.publish(aText(`${i}`))));

  await receiver.waitFor(1_000);
  await until(
    async () => await running.store.deliveries.count({ status: "success" }, 2_000) === 1_000,
    "all recorded",
  );
  assertEquals(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size, 1_000);
  assertEquals(receiver.requests.length, 1_000);
  await receiver.stop();
});

Deno.test("engine keeps the order within a chat, and lets other chats run on, when asked for", async () => {
  await using running = await runEngine({ retryScale: 0.3 });
  const receiver = await startReceiver((request) =>
    request.json.data.text === "a1" && request.headers["x-kabar-attempt"] === "1" ? 500 : 200
  );
  await running.subscribe({ url: receiver.url, ordering: "chat" });

  for (const text of ["a1", "a2", "a3"]) await running.engine.publish(aText(text, "6281111111"));
  for (const text of ["b1", "b2"]) await running.engine.publish(aText(text, "6282222222"));

  await receiver.waitFor(6);
  const order = receiver.requests.map(({ json }) => json.data.text as string);
  assertEquals(order.filter((text) => text.startsWith("a")), ["a1", "a1", "a2", "a3"]);
  assertEquals(order.filter((text) => text.startsWith("b")), ["b1", "b2"]);
  assertLess(order.indexOf("b2"), order.lastIndexOf("a1"), "chat b did not wait for chat a");
  await receiver.stop();
});

Deno.test("engine delivers in order within a device when asked for", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  await running.subscribe({ url: receiver.url, ordering: "device" });

  const texts = Array.from({ length: 60 }, (_, i) => `${i}`);
  await Promise.all(texts.map((text, i) => running.engine.publish(aText(text, `62810000${i % 7}`))));

  await receiver.waitFor(60);
  assertEquals(receiver.requests.map(({ json }) => json.data.text), texts);
  await receiver.stop();
});

Deno.test("engine keeps a paused webhook's deliveries and sends them when it is resumed", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  const webhook = await running.subscribe({ url: receiver.url, status: "paused" });
  await running.engine.publish(aText("kept"));
  assertEquals(receiver.requests.length, 0);

  await running.change(webhook, { status: "active" });

  const [request] = await receiver.waitFor(1);
  assertEquals(request.json.data.text, "kept");
  await receiver.stop();
});

Deno.test("engine delivers at start what a process that died had in hand", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/logs.db`;
  const receiver = await startReceiver();
  {
    await using first = await runEngine({ path, started: false, concurrency: 1 });
    await first.subscribe({ url: receiver.url });
    const webhook = [...first.engine.registry.all()][0];
    // Stored as claimed, as publish does, but nobody gets to send it.
    await first.store.events.append(aText("survivor"), [
      { webhookId: webhook.id, name: "message.received", orderingKey: null, claimed: true },
    ], Date.now());
  }

  await using _second = await runEngine({ path });

  const [request] = await receiver.waitFor(1);
  assertEquals(request.json.data.text, "survivor");
  await receiver.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("engine stops burning attempts on an endpoint that keeps failing, and goes on when it works", async () => {
  await using running = await runEngine({ retryScale: 0.02 });
  const receiver = await startReceiver(500);
  await running.subscribe({ url: receiver.url, retry: { waitsMs: [60_000_000], jitter: 0 } });
  for (let i = 0; i < 30; i++) await running.engine.publish(aText(`${i}`));
  await receiver.waitFor(20);

  receiver.respond(200);

  await until(
    async () => await running.store.deliveries.count({ status: "success" }, 100) > 0,
    "a probe that gets through",
  );
  const untried = await running.store.deliveries.list({ status: "pending" }, { limit: 100 });
  assert(untried.every(({ attempts }) => attempts <= 1));
  assertLess(receiver.requests.length, 45);
  await receiver.stop();
});

Deno.test("engine probes an endpoint that was given up, then drains its failures in order", async () => {
  await using running = await runEngine({ retryScale: 0.002 }); // first probe after 0.6 s
  const receiver = await startReceiver(500);
  await running.subscribe({ url: receiver.url, retry: ONE_TRY, recovery: true });
  for (const text of ["1", "2", "3"]) {
    await running.engine.publish(aText(text));
    await receiver.waitFor(Number(text));
  }
  await until(
    async () => await running.store.deliveries.count({ status: "failed" }, 10) === 3,
    "three failures",
  );

  receiver.respond(200);

  await until(
    async () => await running.store.deliveries.count({ status: "success" }, 10) === 3,
    "all recovered",
  );
  assertEquals(receiver.requests.slice(3).map(({ json }) => json.data.text), ["1", "2", "3"]);
  await receiver.stop();
});

/** An engine whose first delivery, `odd`, is refused while others get through; waits until it is given up. */
async function withStraggler(refusals: number, change: Partial<Webhook>) {
  const running = await runEngine({ retryScale: 0.0005 }); // the first try after that comes 0.15 s later
  let refused = 0;
  const receiver = await startReceiver((request) =>
    request.json.data.text === "odd" && refused++ < refusals ? 400 : 200
  );
  await running.subscribe({ url: receiver.url, retry: { waitsMs: [2_000_000], jitter: 0 }, ...change });
  const published = await running.engine.publish(aText("odd"));
  assert(!published.duplicate);
  const { number } = published.deliveries[0];
  await receiver.waitFor(1);
  await running.engine.publish(aText("even"));
  const is = (status: DeliveryStatus, attempts: number) =>
    until(async () => {
      const found = await running.store.deliveries.get(number);
      return found?.status === status && found.attempts === attempts && found;
    }, `${status} after ${attempts} attempts`);
  return {
    running,
    receiver,
    is,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await receiver.stop();
    },
  };
}

Deno.test("engine tries a delivery again by itself that was refused while others got through", async () => {
  await using world = await withStraggler(2, { recovery: true });

  await world.is("success", 3);
});

Deno.test("engine tries what is refused again and again at growing distances", async () => {
  await using world = await withStraggler(100, { recovery: true });

  const once = await world.is("failed", 2);
  const twice = await world.is("failed", 3);

  assertLess(once.dueAt - once.updatedAt, 151); // 150 ms after it was given up, which is noted a moment later
  // since it was given up: as after 30 min, or later on a slow machine
  const later = twice.dueAt - twice.createdAt - 1_000;
  assert([900, 3_600, 9_000].includes(later), `${later}`);
});

Deno.test("engine lists what was given up as failed until it got through, and tries it once each time", async () => {
  await using running = await runEngine({ retryScale: 0.002 }); // first probe after 0.6 s, the next after 3.6 s
  const answered = Promise.withResolvers<void>();
  const receiver = await startReceiver(500, 500, async () => {
    await answered.promise;
    return 500;
  }, 200);
  const webhook = await running.subscribe({
    url: receiver.url,
    retry: { waitsMs: [5_000], jitter: 0 },
    recovery: true,
  });
  await running.engine.publish(aText("1"));
  const listed = async (status: DeliveryStatus) =>
    (await running.store.deliveries.list({ webhookIds: [webhook.id], status }, { limit: 9 })).length;
  await until(async () => await listed("failed") === 1, "it is given up");

  await receiver.waitFor(3); // which hangs
  const meanwhile = [
    await listed("failed"),
    await listed("pending"),
    (await running.store.deliveries.backlog()).failed,
  ];
  answered.resolve();
  await until(
    async () => (await running.store.deliveries.list({ status: "failed" }, { limit: 9 }))[0]?.attempts === 3,
    "it is given up again",
  );
  const after = [await listed("failed"), await listed("pending"), receiver.requests.length];
  await until(async () => await listed("success") === 1, "it got through");

  assertEquals(meanwhile, [1, 0, 1]);
  assertEquals(after, [1, 0, 3]); // a new schedule would have tried again after 10 ms
  assertEquals([await listed("failed"), receiver.requests.length], [0, 4]);
  await receiver.stop();
});

Deno.test("engine leaves alone what is refused (no recovery wanted)", async () => {
  await using world = await withStraggler(100, { recovery: false });

  const failed = await world.is("failed", 2);

  assertEquals(failed.dueAt, 0);
});

Deno.test("engine tries again what was refused before it was stopped", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/logs.db`;
  let answer = 400;
  const receiver = await startReceiver((request) => request.json.data.text === "odd" ? answer : 200);
  {
    await using first = await runEngine({ path, retryScale: 1 });
    await first.subscribe({ url: receiver.url, retry: { waitsMs: [1_000], jitter: 0 }, recovery: true });
    await first.engine.publish(aText("odd"));
    await receiver.waitFor(1);
    await first.engine.publish(aText("even"));
    await until(async () => await first.store.deliveries.count({ status: "failed" }, 9) === 1, "given up");
  }
  answer = 200;

  await using second = await runEngine({
    path,
    retryScale: 1,
    clock: clockAt(() => Date.now() + 6 * 60_000),
  });

  await until(async () => await second.store.deliveries.count({ status: "success" }, 9) === 2, "recovered");
  await receiver.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("engine cancels what a crash left for a webhook that was being removed", async () => {
  await using running = await runEngine({ started: false });
  const stray = { webhookId: "wh_gone", name: "message.received", orderingKey: null, claimed: false };
  const appended = await running.store.events.append(aText("too late"), [stray], Date.now());
  assert(!appended.duplicate);

  await running.engine.start();

  const delivery = await running.store.deliveries.get(appended.deliveries[0].number);
  assertEquals(delivery?.status, "cancelled");
});

Deno.test("engine tells other webhooks of the tenant that an endpoint fails and works again", async () => {
  await using running = await runEngine();
  const broken = await startReceiver(500);
  const watcher = await startReceiver();
  const webhook = await running.subscribe({ url: broken.url, events: ["message.received"], retry: ONE_TRY });
  await running.subscribe({ url: watcher.url, events: ["webhook.failing", "webhook.recovered"] });

  await running.engine.publish(aText("1"));
  const [failing] = await watcher.waitFor(1);
  broken.respond(200);
  await running.engine.publish(aText("2"));
  const [, recovered] = await watcher.waitFor(2);

  assertEquals(failing.json.event, "webhook.failing");
  assertEquals(failing.json.data.webhook_id, webhook.id);
  assertEquals(recovered.json.event, "webhook.recovered");
  await broken.stop();
  await watcher.stop();
});

Deno.test("engine tells the end of trouble that was told before it was started anew", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/logs.db`;
  const broken = await startReceiver(500);
  const watcher = await startReceiver();
  {
    await using first = await runEngine({ path });
    await first.subscribe({ url: broken.url, events: ["message.received"], retry: ONE_TRY });
    await first.subscribe({ url: watcher.url, events: ["webhook.failing", "webhook.recovered"] });
    await first.engine.publish(aText("1"));
    await watcher.waitFor(1);
  }
  broken.respond(200);

  await using second = await runEngine({ path });
  await second.engine.publish(aText("2"));

  const [failing, recovered] = await watcher.waitFor(2);
  assertEquals([failing, recovered].map(({ json }) => json.event), ["webhook.failing", "webhook.recovered"]);
  assertEquals(recovered.json.data.since, failing.json.data.since);
  await broken.stop();
  await watcher.stop();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("engine disables a webhook whose endpoint answers 410", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver(410);
  const webhook = await running.subscribe({ url: receiver.url });

  await running.engine.publish(aText("1"));

  await until(() => running.engine.registry.get(webhook.id)?.status === "disabled", "disabled");
  await running.engine.publish(aText("2"));
  assertEquals(receiver.requests.length, 1);
  const [failed] = await running.store.deliveries.list({ webhookIds: [webhook.id] }, { limit: 5 });
  assertEquals([failed.status, failed.attempts], ["failed", 1]);
  await receiver.stop();
});

Deno.test("engine publishes a fact once, however often it is reported", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  await running.subscribe({ url: receiver.url });
  const draft: EventDraft = { ...aText("once"), dedupeKey: "device_test/3EB0" };

  const all = await Promise.all([draft, draft, draft].map(running.engine.publish));

  assertEquals(all.filter(({ duplicate }) => !duplicate).length, 1);
  await running.engine.publish(aText("end"));
  await receiver.waitFor(2);
  assertEquals(receiver.requests.map(({ json }) => json.data.text), ["once", "end"]);
  await receiver.stop();
});

Deno.test("engine sends a decided delivery again when it is retried by hand", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver(500, 200);
  await running.subscribe({ url: receiver.url, retry: ONE_TRY });
  await running.engine.publish(aText("1"));
  const failed = await until(
    async () => (await running.store.deliveries.list({ status: "failed" }, { limit: 1 }))[0],
    "the failure",
  );

  await running.engine.redelivery.retryEvent(DEFAULT_TENANT, failed.eventId);

  const [first, second] = await receiver.waitFor(2);
  assertEquals(second.body, first.body);
  assertEquals(second.headers["webhook-id"], first.headers["webhook-id"]);
  assertEquals(second.headers["x-kabar-attempt"], "2");
  await receiver.stop();
});

Deno.test("engine tries a webhook out with one request and tells the outcome", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver({ status: 500, body: "broken" });
  const webhook = await running.subscribe({ url: receiver.url, events: ["message.received"] });

  const { decision } = await running.engine.testDeliveries.test(webhook);

  assertEquals([decision?.status, decision?.statusCode, decision?.response], ["failed", 500, "broken"]);
  assertEquals(receiver.requests.length, 1);
  assertMatch(receiver.requests[0].json.event, /^webhook\.test$/);
  await receiver.stop();
});

Deno.test("engine tries a webhook out at once, though its endpoint is being spared", async () => {
  await using running = await runEngine({ retryScale: 1 });
  const receiver = await startReceiver(500);
  const webhook = await running.subscribe({ url: receiver.url, retry: ONE_TRY });
  for (let i = 0; i < 30; i++) await running.engine.publish(aText(`${i}`));
  await receiver.waitFor(20);
  receiver.respond(200);

  const { decision } = await running.engine.testDeliveries.test(webhook);

  assertEquals(decision?.status, "success");
  await receiver.stop();
});

Deno.test("engine tries a webhook out at once, though its endpoint is found dead meanwhile", async () => {
  await using running = await runEngine({ retryScale: 1 });
  const last = Promise.withResolvers<number>();
  const others = Array.from({ length: 19 }, () => 500);
  const receiver = await startReceiver(...others, () => last.promise, 200);
  const webhook = await running.subscribe({ url: receiver.url, retry: ONE_TRY });
  for (let i = 0; i < 20; i++) await running.engine.publish(aText(`${i}`));
  await receiver.waitFor(20);

  const tried = running.engine.testDeliveries.test(webhook);
  await until(
    async () => (await running.store.deliveries.list({ status: "pending" }, { limit: 30 })).length === 2,
    "the test beside the one that is being refused",
  );
  last.resolve(500);

  assertEquals((await tried).decision?.status, "success");
  await receiver.stop();
});

Deno.test("engine retries by hand at once, though its endpoint is being spared", async () => {
  await using running = await runEngine({ retryScale: 1 });
  const receiver = await startReceiver(500);
  await running.subscribe({ url: receiver.url, retry: ONE_TRY });
  for (let i = 0; i < 30; i++) await running.engine.publish(aText(`${i}`));
  const [failed] = await until(
    async () => {
      const found = await running.store.deliveries.list({ status: "failed" }, { limit: 30 });
      return found.length >= 20 && found;
    },
    "20 failures in a row",
  );
  receiver.respond(200);
  const before = receiver.requests.length;

  await running.engine.redelivery.retryEvent(DEFAULT_TENANT, failed.eventId);

  const isRetry = ({ json }: { readonly json: { readonly event_id?: unknown } }) =>
    json.event_id === failed.eventId;
  await until(() => receiver.requests.slice(before).some(isRetry), "the retry");
  await receiver.stop();
});

Deno.test("engine spreads a webhook's load evenly over many", async () => {
  await using running = await runEngine({ concurrency: 4 });
  const backlog = Promise.withResolvers<void>();
  const receiver = await startReceiver(() => backlog.promise.then(() => ({ status: 200, delayMs: 40 })));
  const busy = await running.subscribe({ url: `${receiver.url}/busy`, devices: ["device_test"] });
  for (let i = 0; i < 200; i++) await running.engine.publish(aText(`${i}`));
  await running.subscribe({ url: `${receiver.url}/quiet`, events: ["custom", "webhook.test"] });
  const quiet = [...running.engine.registry.all()].find(({ id }) => id !== busy.id)!;

  const before = receiver.requests.length;

  backlog.resolve();
  await running.engine.testDeliveries.test(quiet);

  const at = receiver.requests.findIndex(({ path }) => path === "/quiet");
  assertGreater(at, -1);
  assertLess(at, before + 20, "the quiet webhook did not wait for the busy one's backlog");
  assertLess(before, 180, "there was a backlog to wait for");
  await receiver.stop();
});
