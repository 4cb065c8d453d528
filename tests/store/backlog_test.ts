import { assertEquals } from "@std/assert";
import { temporaryStore } from "../support/temporary_store.ts";
import { aDraft, aNewDelivery, aWebhook, deliver, settle, T0 } from "./contracts/samples.ts";

const HOUR_MS = 3_600_000;

Deno.test("backlog is empty in a new store", async () => {
  await using kept = await temporaryStore();

  assertEquals(await kept.store.deliveries.backlog(), { pending: 0, failed: 0, oldestPendingAt: null });
});

Deno.test("backlog counts what is pending and what failed, and tells since when", async () => {
  await using kept = await temporaryStore();
  const { store } = kept;
  const webhook = aWebhook();
  await store.webhooks.create(webhook);
  const failed = await deliver(store, webhook.id, T0);
  const delivered = await deliver(store, webhook.id, T0 + 1);
  await deliver(store, webhook.id, T0 + 2);
  await deliver(store, webhook.id, T0 + 3 * HOUR_MS);
  await settle(store, failed, "failed");
  await settle(store, delivered, "success");

  const backlog = await store.deliveries.backlog();

  assertEquals(backlog, { pending: 2, failed: 1, oldestPendingAt: T0 + 2 });
});

Deno.test("backlog tells the hour of the oldest when its webhook has a long queue", async () => {
  await using kept = await temporaryStore();
  const { store } = kept;
  const webhook = aWebhook();
  await store.webhooks.create(webhook);
  const oldest = await deliver(store, webhook.id, T0);
  await store.deliveries.release([oldest.number], T0 + 99 * HOUR_MS);
  const many = Array.from({ length: 1_100 }, () => aNewDelivery(webhook.id));
  await store.events.append(aDraft(), many, T0 + 5 * HOUR_MS);

  const { pending, oldestPendingAt } = await store.deliveries.backlog();

  assertEquals(pending, 1_101);
  assertEquals(oldestPendingAt, Math.floor(T0 / HOUR_MS) * HOUR_MS);
});
