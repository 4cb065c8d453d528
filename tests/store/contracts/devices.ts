import { assertEquals, assertRejects } from "@std/assert";
import { ConflictError } from "../../../src/errors.ts";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { type Open, testing } from "./contract.ts";
import { aDevice, aDraft, anInboxMessage, aTenant, aWebhook, deliver, T0 } from "./samples.ts";

export function devicesContract(name: string, open: Open): void {
  const test = testing(`${name} devices`, open);

  test("give back what was created", async ({ devices }) => {
    const device = aDevice({ alias: "kasir", wanted: true, phoneNumber: "628120000", connectedAt: T0 });

    await devices.create(device);

    assertEquals(await devices.get(device.id), device);
    assertEquals(await devices.get("device_x"), undefined);
  });

  test("keep a pace until it is taken away, whatever else changes", async ({ devices }) => {
    const pacing = { minGapMs: 1_000, maxGapMs: 4_000, typing: true };
    const device = aDevice({ pacing });
    await devices.create(device);

    const renamed = await devices.update(device.id, { label: "Kasir 1" }, T0);
    const read = await devices.get(device.id);
    const without = await devices.update(device.id, { pacing: null }, T0);

    assertEquals([renamed?.pacing, read?.pacing, without?.pacing], [pacing, pacing, null]);
  });

  test("refuse a known id", async ({ devices }) => {
    const device = aDevice();
    await devices.create(device);

    await assertRejects(() => devices.create(device), ConflictError, device.id);
  });

  test("refuse an alias that another device of the tenant has", async ({ devices, tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash");
    const device = aDevice();
    await devices.create(aDevice({ alias: "kasir" }));
    await devices.create(device);
    await devices.create(aDevice({ alias: "kasir", tenantId: tenant.id }));

    await assertRejects(() => devices.create(aDevice({ alias: "kasir" })), ConflictError, "kasir");
    await assertRejects(() => devices.update(device.id, { alias: "kasir" }, T0), ConflictError, "kasir");
  });

  test("keep their own alias when they are given it again", async ({ devices }) => {
    const device = aDevice({ alias: "kasir" });
    await devices.create(device);

    const same = await devices.update(device.id, { alias: "kasir", label: "Kasir 1" }, T0);

    assertEquals(same?.label, "Kasir 1");
  });

  test("are found by id or alias within their tenant", async ({ devices, tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash");
    const device = aDevice({ alias: "kasir", tenantId: tenant.id });
    await devices.create(device);

    assertEquals((await devices.find(tenant.id, device.id))?.id, device.id);
    assertEquals((await devices.find(tenant.id, "kasir"))?.id, device.id);
    assertEquals(await devices.find(DEFAULT_TENANT, device.id), undefined);
    assertEquals(await devices.find(DEFAULT_TENANT, "kasir"), undefined);
  });

  test("are listed newest first", async ({ devices }) => {
    const [a, b, c] = [aDevice({ wanted: true }), aDevice({ kind: "external" }), aDevice({ wanted: true })];
    for (const device of [a, b, c]) await devices.create(device);
    const ids = async (filter: Parameters<typeof devices.list>[0]) =>
      (await devices.list(filter)).map(({ id }) => id);

    assertEquals(await ids({}), [c.id, b.id, a.id]);
    assertEquals(await ids({ wanted: true }), [c.id, a.id]);
    assertEquals(await ids({ kind: "external", tenantId: DEFAULT_TENANT }), [b.id]);
    assertEquals(await ids({ limit: 1, offset: 1 }), [b.id]);
    assertEquals(await ids({ offset: 2 }), [a.id]);
    await devices.update(a.id, { status: "failed" }, a.createdAt);
    assertEquals(await ids({ kind: "whatsapp", statuses: ["failed", "connecting"] }), [a.id]);
    assertEquals(await ids({ statuses: [c.status, "failed"], kind: "whatsapp" }), [c.id, a.id]);
  });

  test("are counted by tenant, kind and status", async ({ devices }) => {
    await devices.create(aDevice({ status: "connected" }));
    await devices.create(aDevice());

    assertEquals(await devices.count({}), 2);
    assertEquals(await devices.count({ tenantId: DEFAULT_TENANT, status: "connected" }), 1);
    assertEquals(await devices.count({ tenantId: "tenant_x" }), 0);
    assertEquals(await devices.count({ kind: "qiscus" }), 0);
    assertEquals(await devices.count({ kind: "whatsapp" }), 2);
  });

  test("change only what is mentioned, to null too", async ({ devices }) => {
    const device = aDevice({ pushName: "Toko", lastError: "gone", phoneNumber: "62812" });
    await devices.create(device);

    const changed = await devices.update(
      device.id,
      { status: "connected", wanted: true, lastError: null },
      T0 + 9,
    );

    const expected = {
      ...device,
      status: "connected",
      wanted: true,
      lastError: null,
      updatedAt: T0 + 9,
    } as const;
    assertEquals(changed, expected);
    assertEquals(await devices.get(device.id), expected);
    assertEquals(await devices.update("device_x", { label: "x" }, T0), undefined);
  });

  test("are removed with credentials and inbox, and leave events and deliveries", async (store) => {
    const [device, webhook] = [aDevice(), aWebhook()];
    await store.devices.create(device);
    await store.webhooks.create(webhook);
    await store.credentials.save(device.id, "creds");
    await store.credentials.setKeys(device.id, [{ type: "session", id: "1", value: "v" }]);
    await store.inbox.journal([anInboxMessage(device.id, { messageId: "m" })]);
    const draft = aDraft({ device: { id: device.id, alias: "kasir" } });
    const delivery = await deliver(store, webhook.id, T0, { draft });

    const removed = await store.devices.remove(device.id);

    assertEquals(removed, true);
    assertEquals(await store.devices.get(device.id), undefined);
    assertEquals(await store.credentials.load(device.id), undefined);
    assertEquals((await store.credentials.keys(device.id, "session", ["1"])).size, 0);
    assertEquals(await store.inbox.get(device.id, "m"), undefined);
    assertEquals((await store.events.get(delivery.eventId))?.device, { id: device.id, alias: "kasir" });
    assertEquals((await store.deliveries.get(delivery.number))?.deviceId, device.id);
    assertEquals(await store.devices.remove(device.id), false);
  });
}
