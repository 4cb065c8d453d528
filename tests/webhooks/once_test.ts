// What must not make the dispatcher send a delivery twice.
import { assertEquals } from "@std/assert";
import { createEngine, type EngineDeps } from "../../src/app/engine.ts";
import { StoreUnavailableError } from "../../src/errors.ts";
import { DEFAULT_TENANT } from "../../src/ids.ts";
import { createMemoryQueue } from "../../src/queue/memory.ts";
import type { Deliveries } from "../../src/store/deliveries.ts";
import type { Webhook } from "../../src/store/webhooks.ts";
import { createGuard } from "../../src/net/guard.ts";
import { aText } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { aWebhook } from "../support/events.ts";
import { startReceiver } from "../support/receiver.ts";
import { temporaryStore } from "../support/temporary_store.ts";
import { clockAt } from "../support/manual_clock.ts";

type Store = EngineDeps["store"];

/** An engine whose store and clock the test has in hand. */
async function setUp(change: Partial<Webhook>, wrap: (store: Store) => Store = (store) => store) {
  const kept = await temporaryStore();
  let skewMs = 0;
  const engine = await createEngine({
    store: wrap(kept.store),
    queue: createMemoryQueue(),
    guard: createGuard({ allowPrivate: true }),
    concurrency: 8,
    retryScale: 0.01,
    isSuspended: () => false,
    disable: () => Promise.resolve(),
    clock: clockAt(() => Date.now() + skewMs),
  });
  await engine.start();
  const webhook = aWebhook({ tenantId: DEFAULT_TENANT, ...change });
  await kept.store.webhooks.create(webhook);
  engine.registry.put(webhook);
  return {
    engine,
    webhook,
    store: kept.store,
    /** As a virtual machine that wakes up. */
    jump(ms: number) {
      skewMs += ms;
    },
    async [Symbol.asyncDispose]() {
      await engine.stop(500);
      await kept[Symbol.asyncDispose]();
    },
  };
}

const successes = (store: { readonly deliveries: Pick<Deliveries, "count"> }) =>
  store.deliveries.count({ status: "success" }, 100);

Deno.test("dispatcher sends nothing twice when the clock jumps beyond every lease", async () => {
  const jumped = Promise.withResolvers<200>();
  const receiver = await startReceiver(() => jumped.promise);
  await using running = await setUp({ url: receiver.url });
  await Promise.all(Array.from({ length: 30 }, (_, i) => running.engine.publish(aText(`${i}`))));
  await receiver.waitFor(2);

  running.jump(360_000);
  running.engine.dispatcher.poke(running.webhook.id);
  jumped.resolve(200);

  await until(async () => await successes(running.store) === 30, "all of them");
  assertEquals(receiver.requests.length, 30);
  await receiver.stop();
});

Deno.test("dispatcher writes an outcome down when the store takes it again, without a second request", async () => {
  const receiver = await startReceiver();
  let full = true;
  let refused = 0;
  await using running = await setUp({ url: receiver.url }, (store) => ({
    ...store,
    deliveries: {
      ...store.deliveries,
      record(...args) {
        if (!full) return store.deliveries.record(...args);
        refused++;
        return Promise.reject(new StoreUnavailableError("the disk is full"));
      },
    },
  }));
  await running.engine.publish(aText("one"));
  await until(() => refused > 0, "the store to refuse");

  full = false;

  await until(async () => await successes(running.store) === 1, "the outcome");
  assertEquals(receiver.requests.length, 1);
  await receiver.stop();
});

Deno.test("dispatcher keeps nothing of a webhook that is paused while its event is being stored", async () => {
  const receiver = await startReceiver();
  const committed = Promise.withResolvers<void>();
  await using running = await setUp({ url: receiver.url }, (store) => ({
    ...store,
    events: {
      ...store.events,
      append: async (...args) => {
        const appended = await store.events.append(...args);
        await committed.promise;
        return appended;
      },
    },
  }));
  const publishing = running.engine.publish(aText("one"));
  running.engine.registry.put({ ...running.webhook, status: "paused" });
  committed.resolve();
  await publishing;
  assertEquals(running.engine.dispatcher.load().held, 0);

  running.jump(360_000);
  running.engine.registry.put(running.webhook);

  await until(async () => await successes(running.store) === 1, "the delivery");
  assertEquals(receiver.requests.length, 1);
  await receiver.stop();
});
