import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { NotFoundError } from "../../../src/errors.ts";
import type { EventDraft } from "../../../src/events/event.ts";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import type { EventFilter } from "../../../src/store/events.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Open, testing } from "./contract.ts";
import { aDraft, aNewDelivery, aTenant, aWebhook, deliver, HOUR, numbersOf, settle, T0 } from "./samples.ts";

export function eventsContract(name: string, open: Open): void {
  const test = testing(`${name} events`, open);

  async function append({ events }: Store, draft: EventDraft = aDraft(), at = T0) {
    const appended = await events.append(draft, [], at);
    assert(!appended.duplicate);
    return appended.event;
  }

  async function tenantSeqs({ events }: Store, filter: Partial<EventFilter>): Promise<number[]> {
    const found = await events.list({ tenantId: DEFAULT_TENANT, limit: 100, ...filter });
    return found.map(({ tenantSeq }) => tenantSeq);
  }

  test("are found by what their dedupe key begins with, oldest first, those of the tenant only", async (store) => {
    const other = aTenant();
    await store.tenants.create(other, "a hash");
    const keys = ["msg_1/accepted", "msg_2/accepted", "msg_1/read/628", "msg_1/delivered", "msg_10/accepted"];
    for (const dedupeKey of keys) await append(store, aDraft({ dedupeKey }));
    await append(store, aDraft({ dedupeKey: "msg_1/accepted", tenantId: other.id }));

    const found = await store.events.byDedupePrefix(DEFAULT_TENANT, "msg_1/", 10);

    assertEquals(found.map(({ tenantSeq }) => tenantSeq), [1, 3, 4]);
    assertEquals((await store.events.byDedupePrefix(DEFAULT_TENANT, "msg_3/", 10)).length, 0);
  });

  test("are found by what their ids begin with, newest first, those of the tenant only", async (store) => {
    const other = aTenant();
    await store.tenants.create(other, "a hash");
    const [first, second] = [await append(store), await append(store)];
    const foreign = await append(store, aDraft({ tenantId: other.id }));
    const beginning = async (prefix: string, limit = 9, tenantId = DEFAULT_TENANT) =>
      (await store.events.beginning(tenantId, prefix, limit)).map(({ id }) => id);

    assertEquals(await beginning("evt_"), [second.id, first.id]);
    assertEquals(await beginning("evt_", 9, other.id), [foreign.id]);
    assertEquals(await beginning(first.id.slice(0, -1)), [first.id]);
    assertEquals((await beginning("evt_", 1)).length, 1);
    assertEquals(await beginning("msg_"), []);
  });

  test("are found by the key that they were appended under", async (store) => {
    const event = await append(store, aDraft({ dedupeKey: "k1" }));
    await append(store, aDraft({ dedupeKey: "k2" }));

    assertEquals(await store.events.byDedupeKey(DEFAULT_TENANT, "k1"), event);
    assertEquals(await store.events.byDedupeKey(DEFAULT_TENANT, "k3"), undefined);
    assertEquals(await store.events.byDedupeKey("tenant_other", "k1"), undefined);
  });

  test("give back what was appended, by id and by number", async (store) => {
    const draft = aDraft({ device: { id: "device_a", alias: "kasir" } });

    const event = await append(store, draft, T0);

    assertMatch(event.id, /^evt_/);
    assertEquals(event, {
      seq: event.seq,
      tenantSeq: 1,
      id: event.id,
      type: "custom",
      tenantId: DEFAULT_TENANT,
      device: { id: "device_a", alias: "kasir" },
      at: T0,
      data: { name: "order.paid", payload: { total: 12 } },
    });
    assertEquals(await store.events.get(event.id), event);
    assertEquals(await store.events.bySeq([event.seq, 999]), new Map([[event.seq, event]]));
    assertEquals(await store.events.get("evt_x"), undefined);
  });

  test("come with their deliveries, in the order asked for", async (store) => {
    const [a, b] = [aWebhook(), aWebhook()];
    for (const webhook of [a, b]) await store.webhooks.create(webhook);

    const appended = await store.events.append(
      aDraft({ device: { id: "device_a", alias: null } }),
      [aNewDelivery(b.id), aNewDelivery(a.id, { name: "message.sent", orderingKey: "chat" })],
      T0,
    );

    assert(!appended.duplicate);
    const [first, second] = appended.deliveries;
    assertEquals([first.webhookId, second.webhookId], [b.id, a.id]);
    assert(second.number > first.number);
    assertEquals(second, {
      number: second.number,
      tenantId: DEFAULT_TENANT,
      webhookId: a.id,
      eventSeq: appended.event.seq,
      eventId: appended.event.id,
      deviceId: "device_a",
      name: "message.sent",
      status: "pending",
      attempts: 0,
      roundStart: 0,
      dueAt: T0,
      orderingKey: "chat",
      statusCode: null,
      error: null,
      lastAttemptAt: null,
      createdAt: T0,
      updatedAt: T0,
    });
    assertEquals(await store.deliveries.get(second.number), second);
  });

  test("are numbered without gaps in each tenant", async (store) => {
    const tenant = aTenant();
    await store.tenants.create(tenant, "hash");

    const all = await Promise.all(
      [DEFAULT_TENANT, tenant.id, DEFAULT_TENANT, tenant.id].map((tenantId) =>
        append(store, aDraft({ tenantId }))
      ),
    );
    const later = await append(store);

    assertEquals(all.map(({ tenantSeq }) => tenantSeq), [1, 1, 2, 2]);
    assertEquals(later.tenantSeq, 3);
    assert(later.seq > all[3].seq);
  });

  test("with a known dedupe key are not stored again and take no number", async (store) => {
    const webhook = aWebhook();
    const tenant = aTenant();
    await store.webhooks.create(webhook);
    await store.tenants.create(tenant, "hash");
    const draft = aDraft({ dedupeKey: "wamid.A" });
    const first = await append(store, draft);

    const [again, elsewhere] = await Promise.all([
      store.events.append(draft, [aNewDelivery(webhook.id)], T0),
      store.events.append({ ...draft, tenantId: tenant.id }, [], T0),
    ]);

    assertEquals(again, { duplicate: true, eventId: first.id });
    assertEquals(elsewhere.duplicate, false);
    assertEquals((await append(store)).tenantSeq, 2);
    assertEquals(await store.deliveries.list({}, { limit: 9 }), []);
  });

  test("that come together with the same dedupe key are one", async (store) => {
    const draft = aDraft({ dedupeKey: "wamid.A" });

    const appended = await Promise.all([
      store.events.append(draft, [], T0),
      store.events.append(draft, [], T0),
    ]);

    assertEquals(appended.map(({ duplicate }) => duplicate), [false, true]);
  });

  test("of a tenant that does not exist are refused, others that come along are not", async (store) => {
    const refused = store.events.append(aDraft({ tenantId: "tenant_x" }), [], T0);
    const event = append(store);

    await assertRejects(() => refused, NotFoundError, "tenant_x");
    assertEquals((await event).tenantSeq, 1);
  });

  test("that come by the hundred are stored as if they came one by one", async (store) => {
    const webhook = aWebhook();
    await store.webhooks.create(webhook);
    await append(store, aDraft({ dedupeKey: "known" }));
    const first = await deliver(store, webhook.id, T0, { orderingKey: "chat 0" });
    const count = 103; // no power of two
    const draftOf = (n: number) => {
      if (n === 7) return aDraft({ dedupeKey: "known" });
      if (n === 8) return aDraft({ tenantId: "tenant_x" });
      return aDraft({ dedupeKey: `key ${n % 100}`, data: { name: "n", payload: n } });
    };

    const all = await Promise.allSettled(
      Array.from({ length: count }, (_, n) =>
        store.events.append(
          draftOf(n),
          [aNewDelivery(webhook.id, { orderingKey: `chat ${n % 10}` })],
          T0 + n,
        )),
    );

    const stored = all.flatMap((one) =>
      one.status === "fulfilled" && !one.value.duplicate ? [one.value] : []
    );
    assertEquals(all.flatMap(({ status }, n) => status === "rejected" ? [n] : []), [8]);
    assertEquals(stored.length, 100 - 2);
    const { newest } = await store.events.range(DEFAULT_TENANT);
    assertEquals(newest, 2 + stored.length);
    assertEquals(stored.map(({ event }) => event.tenantSeq), stored.map((_, index) => 3 + index));
    for (const { event, deliveries: [delivery] } of stored) {
      assertEquals(await store.events.get(event.id), event);
      assertEquals(await store.deliveries.get(delivery.number), delivery);
      assertEquals(delivery.eventSeq, event.seq);
    }
    const heads = await store.deliveries.claimHeads(webhook.id, { now: T0 + count, leaseMs: 1, limit: 99 });
    const inOrder = [first, ...stored.map(({ deliveries: [delivery] }) => delivery)];
    const openOnes = inOrder.filter(({ orderingKey }, n) =>
      inOrder.findIndex((other) => other.orderingKey === orderingKey) === n
    );
    assertEquals(numbersOf(heads).toSorted((a, b) => a - b), numbersOf(openOnes));
    const [{ count: pending }] = await store.deliveries.counts({ webhookIds: [webhook.id], since: 0 });
    assertEquals(pending, 1 + stored.length);
  });

  test("are stored and delivered though what comes along is refused", async (store) => {
    const webhook = aWebhook();
    await store.webhooks.create(webhook);
    const before = await deliver(store, webhook.id);

    const [refused, ...others] = await Promise.allSettled([
      store.webhooks.create(webhook),
      append(store),
      settle(store, before, "success"),
      append(store),
    ]);

    assertEquals(refused.status, "rejected");
    assertEquals(others.map(({ status }) => status), ["fulfilled", "fulfilled", "fulfilled"]);
    assertEquals(await tenantSeqs(store, {}), [1, 2, 3]);
    assertEquals((await store.deliveries.get(before.number))?.status, "success");
  });

  test("are listed in order, from a cursor on", async (store) => {
    for (let n = 1; n <= 5; n++) await append(store);

    assertEquals(await tenantSeqs(store, {}), [1, 2, 3, 4, 5]);
    assertEquals(await tenantSeqs(store, { after: 2, limit: 2 }), [3, 4]);
    assertEquals(await tenantSeqs(store, { before: 3 }), [1, 2]);
    assertEquals(await tenantSeqs(store, { order: "newest", limit: 2 }), [5, 4]);
    assertEquals(await tenantSeqs(store, { order: "newest", before: 4, after: 1 }), [3, 2]);
    assertEquals(await tenantSeqs(store, { after: 5 }), []);
    assertEquals(await tenantSeqs(store, { tenantId: "tenant_x" }), []);
  });

  test("are listed by type, by device, and by both", async (store) => {
    const tenant = aTenant();
    await store.tenants.create(tenant, "hash");
    const test = (device: string): EventDraft => ({
      type: "webhook.test",
      tenantId: DEFAULT_TENANT,
      device: { id: device, alias: null },
      data: { message: "hi" },
    });
    await append(store, test("device_a")); // 1
    await append(store, aDraft({ device: { id: "device_a", alias: null } })); // 2
    await append(store, test("device_b")); // 3
    await append(store, aDraft()); // 4
    await append(store, test("device_a")); // 5
    await append(store, { ...test("device_a"), tenantId: tenant.id });

    assertEquals(await tenantSeqs(store, { types: ["webhook.test"] }), [1, 3, 5]);
    assertEquals(await tenantSeqs(store, { types: ["webhook.test", "custom"], after: 1, limit: 3 }), [
      2,
      3,
      4,
    ]);
    assertEquals(await tenantSeqs(store, { deviceIds: ["device_a"] }), [1, 2, 5]);
    assertEquals(await tenantSeqs(store, { deviceIds: ["device_b", "device_a"], limit: 3 }), [1, 2, 3]);
    assertEquals(
      await tenantSeqs(store, { deviceIds: ["device_a"], types: ["webhook.test"], order: "newest" }),
      [5, 1],
    );
    assertEquals(await tenantSeqs(store, { types: [] }), []);
  });

  test("are listed since a time", async (store) => {
    for (let n = 0; n < 6; n++) await append(store, aDraft(), T0 + n * HOUR);

    assertEquals(await tenantSeqs(store, { since: T0 + 3 * HOUR }), [4, 5, 6]);
    assertEquals(await tenantSeqs(store, { since: T0 + 3 * HOUR + 1, types: ["custom"] }), [5, 6]);
    assertEquals(await tenantSeqs(store, { since: T0 + 9 * HOUR }), []);
    assertEquals(await tenantSeqs(store, { since: 0, order: "newest", limit: 1 }), [6]);
  });

  test("have a range", async (store) => {
    const empty = await store.events.range(DEFAULT_TENANT);
    for (const at of [T0, T0 + 1, T0 + 2]) await append(store, aDraft(), at);
    const full = await store.events.range(DEFAULT_TENANT);
    await store.events.prune(T0 + 2, 9);
    const pruned = await store.events.range(DEFAULT_TENANT);

    assertEquals(empty, { oldest: 0, newest: 0 });
    assertEquals(full, { oldest: 1, newest: 3 });
    assertEquals(pruned, { oldest: 3, newest: 3 });
  });

  test("are pruned with their deliveries when these are decided, the oldest first", async (store) => {
    const webhook = aWebhook();
    await store.webhooks.create(webhook);
    const [waiting, done, undone, young] = [
      await deliver(store, webhook.id, T0),
      await deliver(store, webhook.id, T0 + 1),
      await deliver(store, webhook.id, T0 + 2),
      await deliver(store, webhook.id, T0 + HOUR),
    ];
    for (const delivery of [done, undone, young]) await settle(store, delivery, "success", T0);

    const removed = [await store.events.prune(T0 + HOUR, 1), await store.events.prune(T0 + HOUR, 9)];

    assertEquals(removed, [1, 1]);
    assertEquals(await store.events.get(done.eventId), undefined);
    assertEquals(numbersOf(await store.deliveries.list({}, { limit: 9 })), numbersOf([young, waiting]));
    assertEquals(await store.deliveries.attempts(done.number), []);
    assertEquals(await store.deliveries.counts({ since: 0 }), [
      { name: "message.received", status: "pending", count: 1 },
      { name: "message.received", status: "success", count: 1 },
    ]);
    assertEquals(await store.events.prune(T0 + HOUR, 9), 0);
  });

  test("are pruned though a delivery of a removed webhook is pending", async (store) => {
    await deliver(store, "wh_gone", T0);

    assertEquals(await store.events.prune(T0 + 1, 9), 1);
    assertEquals(await store.deliveries.list({}, { limit: 9 }), []);
  });
}
