import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { EventDraft } from "../../src/events/event.ts";
import type { Delivery, DeliveryFilter, DeliveryStatus } from "../../src/store/deliveries.ts";
import { aText, runEngine, type RunningEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { startReceiver } from "../support/receiver.ts";

/** As a release might store it that this one does not understand. */
const UNREADABLE: EventDraft = { ...aText("x"), data: {} } as unknown as EventDraft;

function inStatus(
  { store }: RunningEngine,
  status: DeliveryStatus,
  count = 1,
  filter: DeliveryFilter = {},
): Promise<readonly Delivery[]> {
  return until(async () => {
    const found = await store.deliveries.list({ ...filter, status }, { limit: 1_000 });
    return found.length === count && found;
  }, `${count} deliveries to be ${status}`);
}

Deno.test("dispatcher counts an event that cannot be written as a failed attempt, and retries it", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  await running.subscribe({ url: receiver.url, retry: { waitsMs: [1_000], jitter: 0 } });

  await running.engine.publish(UNREADABLE);

  const [failed] = await inStatus(running, "failed");
  const attempts = await running.store.deliveries.attempts(failed.number);
  assertEquals(attempts.length, 2);
  assertMatch(attempts[0].error ?? "", /^Event cannot be written in format "device": /);
  assertEquals([attempts[0].statusCode, attempts[0].response], [null, null]);
  assertEquals(receiver.requests.length, 0);
  await receiver.stop();
});

Deno.test("dispatcher does not blame an endpoint for events that cannot be written", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  const watcher = await startReceiver();
  await running.subscribe({
    url: receiver.url,
    events: ["message.received"],
    retry: { waitsMs: [], jitter: 0 },
  });
  await running.subscribe({ url: watcher.url, events: ["webhook.failing", "webhook.test"] });

  for (let i = 0; i < 30; i++) await running.engine.publish(UNREADABLE); // more than open the breaker
  await inStatus(running, "failed", 30);
  await running.engine.publish(aText("readable"));

  const [request] = await receiver.waitFor(1);
  assertEquals(request.json.data.text, "readable");
  assertEquals(watcher.requests.length, 0);
  await receiver.stop();
  await watcher.stop();
});

Deno.test("dispatcher cancels what is stored for a webhook while it is being removed", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  const { id } = await running.subscribe({ url: receiver.url });
  await running.engine.following.reload(); // the news of it are heard, and will not bring it back

  const publishing = running.engine.publish(aText("too late"));
  running.engine.registry.remove(id);
  await publishing;

  await inStatus(running, "cancelled");
  assertEquals(receiver.requests.length, 0);
  await receiver.stop();
});

Deno.test("dispatcher cancels what was stored for a webhook just after its removal", async () => {
  await using running = await runEngine();
  const { id } = await running.subscribe({ url: "http://127.0.0.1:9/", status: "paused" });
  await running.store.webhooks.remove(id, Date.now());
  await running.engine.publish(aText("too late"));

  running.engine.registry.remove(id);

  await inStatus(running, "cancelled");
});

Deno.test("dispatcher lets the request in flight end when its webhook is paused, and sends the others later", async () => {
  await using running = await runEngine({ concurrency: 1 });
  const paused = Promise.withResolvers<200>();
  const receiver = await startReceiver(() => paused.promise);
  const webhook = await running.subscribe({ url: receiver.url });
  for (const text of ["1", "2", "3"]) await running.engine.publish(aText(text));
  await receiver.waitFor(1);

  await running.change(webhook, { status: "paused" });
  paused.resolve(200);
  await inStatus(running, "success", 1);
  const whilePaused = receiver.requests.length;
  await running.change(webhook, { status: "active" });
  await inStatus(running, "success", 3);

  assertEquals(whilePaused, 1);
  assertEquals(receiver.requests.map(({ json }) => json.data.text).sort(), ["1", "2", "3"]);
  await receiver.stop();
});

Deno.test("dispatcher sends a retry where the webhook points by then", async () => {
  await using running = await runEngine();
  const old = await startReceiver(500);
  const next = await startReceiver();
  const webhook = await running.subscribe({ url: old.url, retry: { waitsMs: [50_000], jitter: 0 } });
  await running.engine.publish(aText("1"));
  const [first] = await old.waitFor(1);

  await running.change(webhook, { url: next.url });

  const [retry] = await next.waitFor(1);
  assertEquals(retry.headers["webhook-id"], first.headers["webhook-id"]);
  assertEquals([retry.body, retry.headers["x-kabar-attempt"]], [first.body, "2"]);
  assertEquals(old.requests.length, 1);
  await old.stop();
  await next.stop();
});

Deno.test("dispatcher probes an endpoint that was given up at once where the webhook points by then", async () => {
  await using running = await runEngine({ retryScale: 1 });
  const old = await startReceiver(500);
  const next = await startReceiver();
  const webhook = await running.subscribe({
    url: old.url,
    recovery: true,
    retry: { waitsMs: [], jitter: 0 },
  });
  await running.engine.publish(aText("1"));
  await until(() => running.engine.probed([webhook]).length === 1, "the endpoint to be given up");

  await running.change(webhook, { url: next.url });

  const [probe] = await next.waitFor(1);
  assertEquals([probe.json.data.text, old.requests.length], ["1", 1]);
  await old.stop();
  await next.stop();
});

Deno.test("dispatcher gives a delivery up whose event is not kept any more, and goes on with others", async () => {
  await using running = await runEngine();
  const receiver = await startReceiver();
  const webhook = await running.subscribe({ url: receiver.url, status: "paused" });
  await running.engine.publish(aText("pruned"));
  await running.engine.publish(aText("kept"));
  const database = new DatabaseSync(running.path);
  database.exec("DELETE FROM events WHERE tenant_seq = 1");
  database.close();

  await running.change(webhook, { status: "active" });

  const [request] = await receiver.waitFor(1);
  const [failed] = await inStatus(running, "failed");
  assertEquals(request.json.data.text, "kept");
  assertEquals([failed.error, failed.attempts], ["The event is not kept any more", 1]);
  await receiver.stop();
});

Deno.test("dispatcher delivers everything to 49 webhooks while the fiftieth hangs", async () => {
  await using running = await runEngine({ concurrency: 16 });
  const dead = await startReceiver("hang");
  const alive = await startReceiver();
  await running.subscribe({ url: dead.url, timeoutMs: 60_000 });
  for (let i = 1; i < 50; i++) await running.subscribe({ url: `${alive.url}/${i}` });

  await Promise.all(Array.from({ length: 40 }, (_, i) => running.engine.publish(aText(`${i}`))));

  await alive.waitFor(49 * 40);
  const perPath = Map.groupBy(alive.requests, ({ path }) => path);
  assertEquals(perPath.size, 49);
  for (const requests of perPath.values()) {
    assertEquals(new Set(requests.map(({ json }) => json.data.text)).size, 40);
  }
  assertEquals(alive.requests.length, 49 * 40);
  assertLess(dead.requests.length, 9); // its own limit, not the others' places
  await dead.stop();
  await alive.stop();
});
