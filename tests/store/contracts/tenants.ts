import { assertEquals, assertRejects } from "@std/assert";
import { ConflictError } from "../../../src/errors.ts";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { type Open, testing } from "./contract.ts";
import { aDevice, aDraft, aMessage, aNewDelivery, anInboxMessage, aTenant, aWebhook, T0 } from "./samples.ts";

export function tenantsContract(name: string, open: Open): void {
  const test = testing(`${name} tenants`, open);

  test("hold the default tenant from the start", async ({ tenants }) => {
    const found = await tenants.get(DEFAULT_TENANT);

    assertEquals(found?.status, "active");
    assertEquals(await tenants.keyHashOf(DEFAULT_TENANT), undefined);
  });

  test("give back what was created", async ({ tenants }) => {
    const tenant = aTenant();

    await tenants.create(tenant, "hash-1");

    assertEquals(await tenants.get(tenant.id), tenant);
    assertEquals(await tenants.keyHashOf(tenant.id), "hash-1");
    assertEquals(await tenants.byKeyHash("hash-1"), tenant);
  });

  test("refuse a known id", async ({ tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash-1");

    await assertRejects(() => tenants.create(tenant, "hash-2"), ConflictError, tenant.id);

    assertEquals(await tenants.keyHashOf(tenant.id), "hash-1");
  });

  test("are listed oldest first, page by page", async ({ tenants }) => {
    const [a, b] = [aTenant(), aTenant()];
    await tenants.create(a, "hash-a");
    await tenants.create(b, "hash-b");

    const page = await tenants.list({ limit: 2, offset: 1 });

    assertEquals(page, [a, b]);
    assertEquals(await tenants.count(), 3);
    assertEquals(await tenants.list({ limit: 2, offset: 1, except: [a.id] }), [b]);
  });

  test("change name and status", async ({ tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash-1");

    const changed = await tenants.update(tenant.id, { status: "suspended" }, T0 + 5);

    assertEquals(changed, { ...tenant, status: "suspended", updatedAt: T0 + 5 });
    assertEquals(await tenants.get(tenant.id), changed);
    assertEquals(await tenants.update("tenant_x", { name: "x" }, T0), undefined);
  });

  test("forget the old key when it is replaced", async ({ tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash-1");

    const replaced = await tenants.setKeyHash(tenant.id, "hash-2", T0);

    assertEquals(replaced, true);
    assertEquals(await tenants.byKeyHash("hash-1"), undefined);
    assertEquals((await tenants.byKeyHash("hash-2"))?.id, tenant.id);
    assertEquals(await tenants.setKeyHash("tenant_x", "hash-3", T0), false);
  });

  test("are removed with everything that they own, and nothing else", async (store) => {
    const tenant = aTenant();
    const [device, webhook] = [aDevice({ tenantId: tenant.id }), aWebhook({ tenantId: tenant.id })];
    const message = aMessage({ tenantId: tenant.id });
    const others = [aDevice(), aWebhook(), aMessage()] as const;
    await store.tenants.create(tenant, "hash-1");
    for (const each of [device, others[0]]) {
      await store.devices.create(each);
      await store.credentials.save(each.id, "creds");
      await store.inbox.journal([anInboxMessage(each.id, { messageId: "m" })]);
    }
    for (const each of [webhook, others[1]]) {
      await store.webhooks.create(each);
      const { tenantId } = each;
      await store.events.append(aDraft({ tenantId }), [aNewDelivery(each.id)], T0);
    }
    await store.messages.createAll([message, others[2]]);

    const removed = await store.tenants.remove(tenant.id);

    assertEquals(removed, true);
    assertEquals(await store.tenants.get(tenant.id), undefined);
    assertEquals(await store.tenants.byKeyHash("hash-1"), undefined);
    assertEquals(await store.credentials.load(device.id), undefined);
    assertEquals(await store.inbox.get(device.id, "m"), undefined);
    assertEquals((await store.deliveries.list({}, { limit: 9 })).map((one) => one.webhookId), [others[1].id]);
    assertEquals(await store.deliveries.counts({ webhookIds: [webhook.id], since: 0 }), []);
    assertEquals((await store.events.list({ tenantId: tenant.id, limit: 9 })).length, 0);
    assertEquals((await store.events.list({ tenantId: DEFAULT_TENANT, limit: 9 })).length, 1);
    assertEquals((await store.devices.list({})).map(({ id }) => id), [others[0].id]);
    assertEquals((await store.webhooks.all()).map(({ id }) => id), [others[1].id]);
    assertEquals((await store.messages.list({}, { limit: 9 })).map(({ id }) => id), [others[2].id]);
    assertEquals(await store.credentials.load(others[0].id), "creds");
    assertEquals(await store.tenants.remove(tenant.id), false);
  });
}
