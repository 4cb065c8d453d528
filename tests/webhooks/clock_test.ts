// What a clock that jumps back must not do.
import { assertEquals } from "@std/assert";
import { createEngine } from "../../src/app/engine.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { createMemoryQueue } from "../../src/queue/memory.ts";
import { createGuard } from "../../src/net/guard.ts";
import { aText } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { aWebhook } from "../support/events.ts";
import { startReceiver } from "../support/receiver.ts";
import { temporaryStore } from "../support/temporary_store.ts";
import { clockAt } from "../support/manual_clock.ts";

const HOUR_MS = 3_600_000;

Deno.test("engine goes on delivering when the clock jumps back, and retries once it is there again", async () => {
  const kept = await temporaryStore();
  let skewMs = 0;
  const engine = await createEngine({
    store: kept.store,
    queue: createMemoryQueue(),
    guard: createGuard({ allowPrivate: true }),
    concurrency: 8,
    retryScale: 1,
    isSuspended: () => false,
    disable: () => Promise.resolve(),
    clock: clockAt(() => Date.now() + skewMs),
  });
  await engine.start();
  const receiver = await startReceiver(500, 200);
  const webhook = aWebhook({
    tenantId: DEFAULT_TENANT,
    url: receiver.url,
    retry: { waitsMs: [60_000], jitter: 0 }, // by the clock of the test, whatever the machine takes
  });
  await kept.store.webhooks.create(webhook);
  engine.registry.put(webhook);
  const counted = (status: "pending" | "success") => kept.store.deliveries.count({ status }, 100);
  await engine.publish(aText("before"));
  await until(async () => receiver.requests.length === 1 && await counted("pending") === 1, "the failure");

  skewMs = -HOUR_MS;
  await engine.publish(aText("after"));
  await until(async () => await counted("success") === 1, "the one after the jump");
  skewMs = HOUR_MS;
  engine.dispatcher.poke(webhook.id);

  await until(async () => await counted("success") === 2, "the retry");
  assertEquals(receiver.requests.length, 3);
  await engine.stop(500);
  await receiver.stop();
  await kept[Symbol.asyncDispose]();
});
