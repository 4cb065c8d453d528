import { assertEquals, assertRejects } from "@std/assert";
import { ConflictError } from "../../../src/errors.ts";
import { type Open, testing } from "./contract.ts";
import { aTenant, aWebhook, deliver, settle, T0 } from "./samples.ts";

export function webhooksContract(name: string, open: Open): void {
  const test = testing(`${name} webhooks`, open);

  test("give back what was created", async ({ webhooks }) => {
    const plain = aWebhook();
    const full = aWebhook({
      devices: ["device_a"],
      secrets: [{ value: "new", expiresAt: null }, { value: "old", expiresAt: T0 }],
      headers: { "X-Shop": "1" },
      retry: { waitsMs: [1, 2], jitter: 0.2 },
      timeoutMs: 5_000,
      ordering: "chat",
      recovery: false,
      status: "disabled",
      statusReason: "410 Gone",
      source: "environment",
    });

    await webhooks.create(plain);
    await webhooks.create(full);

    assertEquals(await webhooks.get(plain.id), plain);
    assertEquals(await webhooks.get(full.id), full);
    assertEquals(await webhooks.all(), [plain, full]);
    assertEquals(await webhooks.get("wh_x"), undefined);
  });

  test("refuse a known id", async ({ webhooks }) => {
    const webhook = aWebhook();
    await webhooks.create(webhook);

    await assertRejects(() => webhooks.create(webhook), ConflictError, webhook.id);
  });

  test("change only what is mentioned, to null too", async ({ webhooks }) => {
    const webhook = aWebhook({ timeoutMs: 9, retry: { waitsMs: [], jitter: 0 }, devices: ["device_a"] });
    await webhooks.create(webhook);
    const change = {
      retry: null,
      devices: null,
      events: ["*"],
      recovery: false,
      secrets: [],
      status: "paused",
    } as const;

    const changed = await webhooks.update(webhook.id, change, T0 + 1);

    assertEquals(changed, { ...webhook, ...change, updatedAt: T0 + 1 });
    assertEquals(await webhooks.get(webhook.id), changed);
    assertEquals(await webhooks.update("wh_x", change, T0), undefined);
  });

  test("cancel what is pending when they are removed, and leave the rest listed", async (store) => {
    const [webhook, other] = [aWebhook(), aWebhook()];
    for (const each of [webhook, other]) await store.webhooks.create(each);
    const done = await deliver(store, webhook.id);
    await settle(store, done, "success");
    const pending = await deliver(store, webhook.id, T0, { orderingKey: "chat", claimed: true });
    const behind = await deliver(store, webhook.id, T0, { orderingKey: "chat" });
    const elsewhere = await deliver(store, other.id);

    const removed = await store.webhooks.remove(webhook.id, T0 + 1);

    assertEquals(removed, true);
    assertEquals(await store.webhooks.get(webhook.id), undefined);
    const statusOf = async ({ number }: { number: number }) => (await store.deliveries.get(number))?.status;
    assertEquals(await statusOf(done), "success");
    assertEquals(await statusOf(pending), "cancelled");
    assertEquals(await statusOf(behind), "cancelled");
    assertEquals(await statusOf(elsewhere), "pending");
    assertEquals((await store.deliveries.list({ webhookIds: [webhook.id] }, { limit: 9 })).length, 3);
    assertEquals(await store.webhooks.remove(webhook.id, T0), false);
  });

  test("that are removed are remembered as what they were, for a time", async ({ webhooks, tenants }) => {
    const [one, other] = [aTenant(), aTenant()];
    for (const tenant of [one, other]) await tenants.create(tenant, `hash of ${tenant.id}`);
    const owner = { tenantId: one.id };
    const [first, second, another] = [
      aWebhook(owner),
      aWebhook(owner),
      aWebhook({ tenantId: other.id }),
    ];
    const longAgo = T0 - 1_000_000;
    for (const [index, webhook] of [first, second, another].entries()) {
      await webhooks.create(webhook);
      await webhooks.remove(webhook.id, longAgo + index);
    }
    const removed = async (tenantId: string) => (await webhooks.removed(tenantId)).map(({ id }) => id);

    const [latest] = await webhooks.removed(first.tenantId);
    const before = await removed(first.tenantId);
    const forgotten = await webhooks.forgetRemoved(longAgo + 1, 10);

    const { id, tenantId, url, format } = second;
    assertEquals(latest, { id, tenantId, url, format, removedAt: longAgo + 1 });
    assertEquals([before.slice(0, 2), forgotten], [[second.id, first.id], 1]);
    assertEquals([await removed(first.tenantId), await removed(other.id)], [[second.id], [
      another.id,
    ]]);
  });

  test("of a tenant have a version that grows with each change of one of them", async ({ webhooks, tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash");
    const [own, others] = [aWebhook({ tenantId: tenant.id }), aWebhook()];
    const versions = [(await webhooks.ofTenant(tenant.id)).version];
    const look = async () => versions.push((await webhooks.ofTenant(tenant.id)).version);

    await webhooks.create(own);
    await look();
    await webhooks.create(others);
    await look();
    const listed = await webhooks.ofTenant(tenant.id);
    await webhooks.update(own.id, { status: "paused" }, T0);
    await look();
    await webhooks.remove(own.id, T0);
    await look();

    assertEquals(versions, [0, 1, 1, 2, 3]);
    assertEquals(listed.webhooks, [own]);
    assertEquals((await webhooks.ofTenant(tenant.id)).webhooks, []);
  });
}
