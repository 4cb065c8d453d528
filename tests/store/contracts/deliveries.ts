import { assertEquals } from "@std/assert";
import type { EventDraft } from "../../../src/events/event.ts";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Delivery, DeliveryFilter } from "../../../src/store/deliveries.ts";
import { type Open, testing } from "./contract.ts";
import { aDraft, aNewDelivery, aTenant, aWebhook, deliver, HOUR, numbersOf, settle, T0 } from "./samples.ts";

const LEASE = 60_000;

export function deliveriesContract(name: string, open: Open): void {
  const test = testing(`${name} deliveries`, open);

  async function aStoredWebhook(store: Store): Promise<string> {
    const webhook = aWebhook();
    await store.webhooks.create(webhook);
    return webhook.id;
  }

  const at = (now: number, limit = 10) => ({ now, leaseMs: LEASE, limit });

  test("are claimed once while the lease lasts", async (store) => {
    const delivery = await deliver(store, await aStoredWebhook(store));

    const claims = await Promise.all([1, 2].map(() => store.deliveries.claim(delivery.number, at(T0))));
    const during = await store.deliveries.claim(delivery.number, at(T0 + LEASE - 1));
    const after = await store.deliveries.claim(delivery.number, at(T0 + LEASE));

    assertEquals(claims, [delivery, undefined]);
    assertEquals(during, undefined);
    assertEquals(after, delivery);
  });

  test("are not claimed before they are due, nor once decided, nor when unknown", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const [early, done] = [await deliver(store, webhookId, T0 + 1), await deliver(store, webhookId)];
    await settle(store, done, "success");

    assertEquals(await store.deliveries.claim(early.number, at(T0)), undefined);
    assertEquals(await store.deliveries.claim(done.number, at(T0)), undefined);
    assertEquals(await store.deliveries.claim(999, at(T0)), undefined);
  });

  test("that were claimed as they were stored are nobody else's", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const [mine, free] = [
      await deliver(store, webhookId, T0, { claimed: true }),
      await deliver(store, webhookId, T0 + 1),
    ];

    const claimed = await store.deliveries.claimDue(webhookId, at(T0 + 1));

    assertEquals(numbersOf(claimed), [free.number]);
    assertEquals(await store.deliveries.claim(mine.number, at(T0 + 1)), undefined);
    assertEquals(await store.deliveries.due([webhookId], T0 + 1), new Map());
  });

  test("are found by the keys of their events, those of the tenant only", async (store) => {
    const other = aTenant();
    await store.tenants.create(other, "a hash");
    const [a, b] = [await aStoredWebhook(store), await aStoredWebhook(store)];
    const append = (draft: Parameters<typeof aDraft>[0], webhooks: readonly string[]) =>
      store.events.append(aDraft(draft), webhooks.map((id) => aNewDelivery(id)), T0);
    await append({ dedupeKey: "k1" }, [a, b]);
    await append({ dedupeKey: "k2" }, [b]);
    await append({ dedupeKey: "k3" }, []);
    await append({ dedupeKey: "k4" }, [a]);
    await append({ dedupeKey: "k1", tenantId: other.id }, [a]);

    const found = await store.deliveries.ofEvents(DEFAULT_TENANT, ["k1", "k2", "k3", "k5"]);

    const webhooks = [...found].map(([key, its]) => [key, its.map(({ webhookId }) => webhookId)]);
    assertEquals(Object.fromEntries(webhooks), { k1: [a, b], k2: [b] });
    const [[{ eventId }]] = [...found.values()];
    assertEquals((await store.events.byDedupeKey(DEFAULT_TENANT, "k1"))?.id, eventId);
    assertEquals(await store.deliveries.ofEvents(DEFAULT_TENANT, []), new Map());
  });

  test("are claimed by webhook, the longest due first", async (store) => {
    const [webhookId, other] = [await aStoredWebhook(store), await aStoredWebhook(store)];
    const [b, a, late] = [
      await deliver(store, webhookId, T0 + 2),
      await deliver(store, webhookId, T0 + 1),
      await deliver(store, webhookId, T0 + 9),
    ];
    await deliver(store, other, T0);

    const first = await store.deliveries.claimDue(webhookId, at(T0 + 5, 1));
    const rest = await store.deliveries.claimDue(webhookId, at(T0 + 5));

    assertEquals(first, [a]);
    assertEquals(rest, [b]);
    assertEquals(numbersOf(await store.deliveries.claimDue(webhookId, at(T0 + 9))), [late.number]);
  });

  test("of an ordering key are claimed one after another", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const of = (orderingKey: string | null) => deliver(store, webhookId, T0, { orderingKey });
    const [a1, b1, a2, free1, free2] = [
      await of("a"),
      await of("b"),
      await of("a"),
      await of(null),
      await of(null),
    ];

    const heads = await store.deliveries.claimHeads(webhookId, at(T0));
    const none = await store.deliveries.claimHeads(webhookId, at(T0));
    await settle(store, a1, "success");
    const next = await store.deliveries.claimHeads(webhookId, at(T0));

    assertEquals(numbersOf(heads), numbersOf([a1, b1, free1, free2]));
    assertEquals(none, []);
    assertEquals(numbersOf(next), [a2.number]);
  });

  test("behind one that waits for its retry wait too", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const [first, second] = [
      await deliver(store, webhookId, T0, { orderingKey: "a" }),
      await deliver(store, webhookId, T0, { orderingKey: "a" }),
    ];
    const attempt = { ...FAILED, deliveryNumber: first.number };
    await store.deliveries.record(attempt, { status: "pending", dueAt: T0 + 500 }, T0);

    const early = await store.deliveries.claimHeads(webhookId, at(T0 + 499));
    const due = await store.deliveries.due([webhookId], T0 + 499);
    const then = await store.deliveries.claimHeads(webhookId, at(T0 + 500));

    assertEquals(early, []);
    assertEquals(due, new Map([[webhookId, { dueNow: false, nextDueAt: T0 + 500 }]]));
    assertEquals(numbersOf(then), [first.number]);
    await settle(store, then[0], "failed");
    assertEquals(numbersOf(await store.deliveries.claimHeads(webhookId, at(T0 + 500))), [second.number]);
  });

  test("of certain ordering keys are claimed when asked for those", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const of = (orderingKey: string | null) => deliver(store, webhookId, T0, { orderingKey });
    const [a1, b1] = [await of("a"), await of("b"), await of("a"), await of(null)];

    const onlyB = await store.deliveries.claimHeads(webhookId, { ...at(T0), keys: ["b", "b", "z"] });
    const one = await store.deliveries.claimHeads(webhookId, { ...at(T0, 1), keys: ["a", "b"] });

    assertEquals(numbersOf(onlyB), [b1.number]);
    assertEquals(numbersOf(one), [a1.number]);
  });

  test("with ordering keys are all claimed when no order is asked for", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const of = (orderingKey: string) => deliver(store, webhookId, T0, { orderingKey });
    const all = [await of("a"), await of("a"), await of("b")];

    const claimed = await store.deliveries.claimDue(webhookId, at(T0));

    assertEquals(numbersOf(claimed), numbersOf(all));
  });

  test("keep their order whatever is decided, revived and cancelled", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const all: Delivery[] = [];
    for (let n = 0; n < 60; n++) {
      all.push(await deliver(store, webhookId, T0, { orderingKey: "abc"[n % 3] }));
    }
    const random = seeded(7);
    for (let step = 0; step < 150; step++) {
      const { number } = all[Math.floor(random() * all.length)];
      if (random() < 0.6) {
        await settle(store, { number, attempts: step }, random() < 0.5 ? "success" : "failed");
      } else await store.deliveries.revive([number], { now: T0, dueAt: T0 });

      const heads = await store.deliveries.claimHeads(webhookId, at(T0));
      await store.deliveries.release(numbersOf(heads), T0);

      const pending = await store.deliveries.list({ webhookIds: [webhookId], status: "pending" }, {
        limit: 99,
      });
      const first = new Map(pending.map((one) => [one.orderingKey, one.number])); // newest first: the oldest wins
      assertEquals(numbersOf(heads), [...first.values()].sort((a, b) => a - b));
    }
  });

  test("that are released are due again when told", async (store) => {
    const delivery = await deliver(store, await aStoredWebhook(store), T0, { claimed: true });

    await store.deliveries.release([delivery.number], T0 + 50);

    assertEquals(await store.deliveries.claim(delivery.number, at(T0 + 49)), undefined);
    assertEquals((await store.deliveries.claim(delivery.number, at(T0 + 50)))?.dueAt, T0 + 50);
  });

  test("tell what their attempts led to", async (store) => {
    const delivery = await deliver(store, await aStoredWebhook(store), T0, { claimed: true });
    const failed = { ...FAILED, deliveryNumber: delivery.number };
    const { headers: _, ...bare } = failed;
    const done = { ...bare, attempt: 2, startedAt: T0 + 40, statusCode: 200, error: null, response: "ok" };

    await store.deliveries.record(failed, { status: "pending", dueAt: T0 + 30 }, T0 + 10);
    const between = await store.deliveries.get(delivery.number);
    await store.deliveries.record(done, { status: "success" }, T0 + 50);

    assertEquals(between, {
      ...delivery,
      attempts: 1,
      dueAt: T0 + 30,
      statusCode: 500,
      error: "HTTP 500",
      lastAttemptAt: T0 + 1,
      updatedAt: T0 + 10,
    });
    assertEquals(await store.deliveries.get(delivery.number), {
      ...between!,
      status: "success",
      attempts: 2,
      statusCode: 200,
      error: null,
      lastAttemptAt: T0 + 40,
      updatedAt: T0 + 50,
    });
    assertEquals(await store.deliveries.attempts(delivery.number), [failed, done]);
  });

  test("may be claimed again as soon as an attempt is recorded", async (store) => {
    const delivery = await deliver(store, await aStoredWebhook(store), T0, { claimed: true });
    const failed = { ...FAILED, deliveryNumber: delivery.number };

    await store.deliveries.record(failed, { status: "pending", dueAt: T0 + 30 }, T0 + 10);

    assertEquals((await store.deliveries.claim(delivery.number, at(T0 + 30)))?.attempts, 1);
  });

  test("cancelled in the middle of an attempt stay so, unless it got through", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const [a, b] = [await deliver(store, webhookId), await deliver(store, webhookId)];

    const cancelled = await store.deliveries.cancelPending(webhookId, T0 + 1);
    await store.deliveries.record(
      { ...FAILED, deliveryNumber: a.number },
      { status: "pending", dueAt: T0 },
      T0,
    );
    await settle(store, b, "success");

    assertEquals(cancelled, 2);
    assertEquals((await store.deliveries.get(a.number))?.status, "cancelled");
    assertEquals((await store.deliveries.get(a.number))?.attempts, 1);
    assertEquals((await store.deliveries.get(b.number))?.status, "success");
    assertEquals(await store.deliveries.claimDue(webhookId, at(T0)), []);
  });

  test("that got through stay so when another attempt of them fails late", async (store) => {
    const delivery = await deliver(store, await aStoredWebhook(store));
    await settle(store, delivery, "success");
    const late = { ...FAILED, deliveryNumber: delivery.number, attempt: 2 };

    await store.deliveries.record(late, { status: "pending", dueAt: T0 }, T0);

    const found = await store.deliveries.get(delivery.number);
    assertEquals([found?.status, found?.statusCode, found?.error], ["success", 200, null]);
    assertEquals((await store.deliveries.attempts(delivery.number)).length, 2);
  });

  test("that are decided by the hundred are so as if one by one", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const all = await Promise.all(
      Array.from({ length: 75 }, (_, n) => deliver(store, webhookId, T0, { orderingKey: `chat ${n % 25}` })),
    );
    const [cancelled, failing, waiting, again] = all;
    const other = await aStoredWebhook(store);
    const gone = await deliver(store, other);
    await store.deliveries.cancelPending(other, T0);
    const failed = (number: number) => ({ ...FAILED, deliveryNumber: number });

    await Promise.all([
      store.deliveries.record(failed(gone.number), { status: "pending", dueAt: T0 }, T0),
      store.deliveries.record(failed(cancelled.number), { status: "cancelled" }, T0),
      store.deliveries.record(failed(failing.number), { status: "failed", recoverAt: T0 + 7 }, T0),
      store.deliveries.record(failed(waiting.number), { status: "pending", dueAt: T0 + 5 }, T0),
      store.deliveries.record(failed(again.number), { status: "pending", dueAt: T0 + 9 }, T0),
      settle(store, { ...again, attempts: 1 }, "success"),
      store.deliveries.record(failed(99_999), { status: "success" }, T0),
      ...all.slice(4, 50).map((delivery) => settle(store, delivery, "success")),
    ]);

    const found = await Promise.all(
      [gone, ...all].map(async ({ number }) => {
        const attempts = (await store.deliveries.attempts(number)).length;
        const delivery = await store.deliveries.get(number);
        return `${delivery?.status} ${delivery?.dueAt === T0 ? "" : delivery!.dueAt - T0} ${attempts}`;
      }),
    );
    assertEquals(found.slice(0, 5), [
      "cancelled  1",
      "cancelled  1",
      "failed 7 1",
      "pending 5 1",
      "success 9 2",
    ]);
    assertEquals(new Set(found.slice(5, 51)), new Set(["success  1"]));
    assertEquals(new Set(found.slice(51)), new Set(["pending  0"]));
    assertEquals(await store.deliveries.attempts(99_999), []);
    const heads = numbersOf(await store.deliveries.claimHeads(webhookId, { ...at(T0 + 5), limit: 99 }));
    const first = [waiting, ...all.slice(50).filter((_, n) => n !== 2)]; // one stays behind the one that waits
    assertEquals(heads.toSorted((a, b) => a - b), numbersOf(first));
    assertEquals(sorted(await store.deliveries.counts({ webhookIds: [webhookId], since: 0 })), [
      { name: "message.received", status: "cancelled", count: 1 },
      { name: "message.received", status: "failed", count: 1 },
      { name: "message.received", status: "pending", count: 26 },
      { name: "message.received", status: "success", count: 47 },
    ]);
  });

  test("that are gone are not recorded", async (store) => {
    await store.deliveries.record({ ...FAILED, deliveryNumber: 999 }, { status: "success" }, T0);

    assertEquals(await store.deliveries.attempts(999), []);
  });

  test("that are decided start a new round when revived", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const [failed, done, pending] = [
      await deliver(store, webhookId),
      await deliver(store, webhookId),
      await deliver(store, webhookId),
    ];
    await settle(store, failed, "failed");
    await settle(store, done, "success");

    const revived = await store.deliveries.revive(numbersOf([failed, done, pending]), {
      now: T0 + 7,
      dueAt: T0 + 9,
    });

    assertEquals(numbersOf(revived), numbersOf([failed, done]));
    const found = await store.deliveries.get(failed.number);
    assertEquals(revived[0], found);
    const { status, attempts, roundStart, dueAt, statusCode, updatedAt } = found!;
    assertEquals(
      { status, attempts, roundStart, dueAt, statusCode, updatedAt },
      { status: "pending", attempts: 1, roundStart: 1, dueAt: T0 + 9, statusCode: 500, updatedAt: T0 + 7 },
    );
    assertEquals((await store.deliveries.attempts(failed.number)).length, 1);
    assertEquals((await store.deliveries.claim(failed.number, at(T0 + 9)))?.number, failed.number);
  });

  test("that recover are due once more, and go on counting as failed", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const [through, again, done, pending] = [
      await deliver(store, webhookId),
      await deliver(store, webhookId),
      await deliver(store, webhookId),
      await deliver(store, webhookId),
    ];
    await settle(store, through, "failed");
    await settle(store, again, "failed");
    await settle(store, done, "success");
    const listed = async (status: "failed" | "pending") =>
      numbersOf(await store.deliveries.list({ webhookIds: [webhookId], status }, { limit: 9 }));
    const looks = async () => ({
      failed: await listed("failed"),
      pending: await listed("pending"),
      ofTenant: numbersOf(
        (await store.deliveries.list({ tenantId: through.tenantId, status: "failed" }, { limit: 99 }))
          .filter((each) => each.webhookId === webhookId),
      ),
      backlog: await store.deliveries.backlog(webhookId),
    });
    const before = await looks();

    const recovering = await store.deliveries.recover(numbersOf([through, again, done, pending]), {
      now: T0 + 7,
      dueAt: T0 + 9,
    });
    const meanwhile = await looks();
    const [early, claimed] = [
      await store.deliveries.claim(through.number, at(T0 + 8)),
      await store.deliveries.claim(through.number, at(T0 + 9)),
    ];
    await store.deliveries.claim(again.number, at(T0 + 9));
    const inHand = await looks();
    await settle(store, { ...through, attempts: 1 }, "success");
    await settle(store, { ...again, attempts: 1 }, "failed");
    const after = await looks();

    assertEquals([recovering, early], [2, undefined]);
    assertEquals([claimed?.status, claimed?.recovering, claimed?.attempts], ["failed", true, 1]);
    assertEquals(before.failed, numbersOf([again, through]));
    assertEquals([before.pending, before.ofTenant], [[pending.number], before.failed]);
    assertEquals([before.backlog.pending, before.backlog.failed], [1, 2]);
    assertEquals([meanwhile, inHand], [before, before]);
    assertEquals([after.failed, after.pending, after.ofTenant], [[again.number], [pending.number], [
      again.number,
    ]]);
    assertEquals([after.backlog.pending, after.backlog.failed], [1, 1]);
    const [one, two] = [await store.deliveries.get(through.number), await store.deliveries.get(again.number)];
    assertEquals([one?.status, one?.recovering, one?.attempts], ["success", undefined, 2]);
    assertEquals([two?.status, two?.recovering, two?.attempts], ["failed", undefined, 2]);
  });

  test("that recover start a new round when revived, also in hand", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const delivery = await deliver(store, webhookId);
    await settle(store, delivery, "failed");
    await store.deliveries.recover([delivery.number], { now: T0, dueAt: T0 });
    await store.deliveries.claim(delivery.number, at(T0));

    const [revived] = await store.deliveries.revive([delivery.number], { now: T0, dueAt: T0 });
    const held = await store.deliveries.claim(delivery.number, at(T0));
    const backlog = await store.deliveries.backlog(webhookId);
    await settle(store, { ...delivery, attempts: 1 }, "success");
    const after = await store.deliveries.backlog(webhookId);

    assertEquals([revived?.status, revived?.recovering, revived?.roundStart], ["pending", undefined, 1]);
    assertEquals(held, undefined); // whoever has it in hand keeps it
    assertEquals([[backlog.pending, backlog.failed], [after.pending, after.failed]], [[1, 0], [0, 0]]);
  });

  test("that recover stay failed when their webhook is removed", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const [failed, pending] = [await deliver(store, webhookId), await deliver(store, webhookId)];
    await settle(store, failed, "failed");
    await store.deliveries.recover([failed.number], { now: T0, dueAt: T0 });

    await store.webhooks.remove(webhookId, T0 + 1);

    const statuses = [];
    for (const { number } of [failed, pending]) statuses.push((await store.deliveries.get(number))?.status);
    const { pending: left, failed: given } = await store.deliveries.backlog(webhookId);
    assertEquals([statuses, left, given], [["failed", "cancelled"], 0, 1]);
  });

  test("tell when each webhook's next one is due", async (store) => {
    const [now, later, idle] = [
      await aStoredWebhook(store),
      await aStoredWebhook(store),
      await aStoredWebhook(store),
    ];
    await deliver(store, now, T0 - 5);
    await deliver(store, now, T0 + 5);
    await deliver(store, later, T0 + 70);

    const due = await store.deliveries.due([now, later, idle], T0);

    assertEquals(
      [...due].sort(),
      [
        [now, { dueNow: true, nextDueAt: T0 - 5 }],
        [later, { dueNow: false, nextDueAt: T0 + 70 }],
      ].sort(),
    );
  });

  test("that failed are listed oldest first, page by page", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const all: Delivery[] = [];
    for (let n = 0; n < 4; n++) all.push(await deliver(store, webhookId));
    for (const delivery of all) await settle(store, delivery, delivery === all[1] ? "success" : "failed");

    const page = await store.deliveries.oldestFailed(webhookId, 2);
    const rest = await store.deliveries.oldestFailed(webhookId, 9, page[1].number);

    assertEquals(numbersOf(page), numbersOf([all[0], all[2]]));
    assertEquals(numbersOf(rest), numbersOf([all[3]]));
  });

  test("that failed and are no tests are what recovers", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const test = { type: "webhook.test", data: { message: "test" } } as const;
    const all: Delivery[] = [];
    for (const change of [test, {}, {}, test]) {
      const planned = [{ webhookId, name: "e", orderingKey: null, claimed: false }];
      const draft = { ...aDraft(), ...change } as EventDraft;
      const appended = await store.events.append(draft, planned, T0);
      if (!appended.duplicate) all.push(...appended.deliveries);
    }
    for (const delivery of all) await settle(store, delivery, "failed");

    const oldest = await store.deliveries.oldestFailed(webhookId, 9);
    const newest = await store.deliveries.newestFailed(webhookId);

    assertEquals([numbersOf(oldest), newest?.number], [numbersOf([all[1], all[2]]), all[2].number]);
  });

  test("that are pending tell of their webhooks", async (store) => {
    const all = [];
    for (let n = 0; n < 4; n++) all.push(await aStoredWebhook(store));
    for (const webhookId of [...all, all[0], all[2]]) await deliver(store, webhookId);
    await settle(store, await deliver(store, await aStoredWebhook(store)), "success");
    await store.deliveries.cancelPending(all[1], T0);

    const pending = await store.deliveries.pendingWebhooks();

    assertEquals([...pending].sort(), [all[0], all[2], all[3]].sort());
  });

  test("that failed are due again at their own times, the longest due first", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const all: Delivery[] = [];
    for (let n = 0; n < 5; n++) all.push(await deliver(store, webhookId));
    const recoverAts = [T0 + 30, T0 + 10, undefined, T0 + 90, T0 + 70];
    for (const [index, recoverAt] of recoverAts.entries()) {
      const state = { status: "failed" as const, recoverAt };
      await store.deliveries.record({ ...FAILED, deliveryNumber: all[index].number }, state, T0);
    }
    const foreign = await deliver(store, await aStoredWebhook(store));
    await store.deliveries.record({ ...FAILED, deliveryNumber: foreign.number }, {
      status: "failed",
      recoverAt: T0 + 1,
    }, T0);

    const due = await store.deliveries.failedDue(webhookId, T0 + 50, 9);
    const one = await store.deliveries.failedDue(webhookId, T0 + 50, 1);
    await store.deliveries.revive(due.numbers, { now: T0 + 50, dueAt: T0 + 50 });
    const later = await store.deliveries.failedDue(webhookId, T0 + 99, 9);

    assertEquals(due, { numbers: [all[1].number, all[0].number], nextDueAt: T0 + 70 });
    assertEquals(one.numbers, [all[1].number]);
    assertEquals(later, { numbers: [all[4].number, all[3].number], nextDueAt: undefined });
    assertEquals((await store.deliveries.get(all[2].number))?.dueAt, 0);
  });

  test("that failed are told apart by whether they are tried again", async (store) => {
    const [up, down] = [await aStoredWebhook(store), await aStoredWebhook(store)];
    const [late, over, recovering, probed] = [
      await deliver(store, up, T0),
      await deliver(store, up, T0 + HOUR),
      await deliver(store, up, T0 + HOUR),
      await deliver(store, down, T0 + HOUR),
    ];
    await store.deliveries.record({ ...FAILED, deliveryNumber: late.number }, {
      status: "failed",
      recoverAt: T0 + 5 * HOUR,
    }, T0);
    for (const delivery of [over, recovering, probed]) await settle(store, delivery, "failed");
    await settle(store, await deliver(store, up, T0 + HOUR), "success");
    await store.deliveries.recover([recovering.number], { now: T0, dueAt: T0 + 1 });
    const listed = async (again: boolean, more: Parameters<typeof store.deliveries.list>[0] = {}) => {
      const filter = { webhookIds: [up, down], status: "failed" as const, tried: { again, probed: [down] } };
      return numbersOf(await store.deliveries.list({ ...filter, ...more }, { limit: 9 }));
    };

    assertEquals(await listed(true), numbersOf([probed, recovering, late]));
    assertEquals(await listed(false), numbersOf([over]));
    assertEquals(await listed(false, { tried: { again: false, probed: [] } }), numbersOf([probed, over]));
    assertEquals(await listed(true, { since: T0 + 1 }), numbersOf([probed, recovering]));
    assertEquals(await store.deliveries.countDueAgain([up], { status: "failed" }), 2);
    assertEquals(await store.deliveries.countDueAgain([up], { status: "failed", since: T0 + 1 }), 1);
    assertEquals(await store.deliveries.countDueAgain([down], { status: "failed" }), 0);
  });

  test("say how long their last attempts took", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const [twice, never] = [await deliver(store, webhookId), await deliver(store, webhookId)];
    const made = { ...FAILED, deliveryNumber: twice.number };
    await store.deliveries.record({ ...made, durationMs: 900 }, { status: "pending", dueAt: T0 }, T0);
    await store.deliveries.record({ ...made, attempt: 2, durationMs: 41 }, { status: "failed" }, T0);

    const durations = await store.deliveries.lastDurations([twice.number, never.number]);

    assertEquals([...durations], [[twice.number, 41]]);
    assertEquals([...await store.deliveries.lastDurations([])], []);
  });

  test("are listed by every filter", async (store) => {
    const tenant = aTenant();
    await store.tenants.create(tenant, "hash");
    const [one, two] = [await aStoredWebhook(store), await aStoredWebhook(store)];
    const foreign = aWebhook({ tenantId: tenant.id });
    await store.webhooks.create(foreign);
    const kasir = aDraft({ device: { id: "device_a", alias: null } });
    const a = await deliver(store, one, T0, { draft: kasir });
    const b = await deliver(store, two, T0 + HOUR, { name: "device.qr" });
    const c = await deliver(store, one, T0 + 2 * HOUR, { draft: kasir, name: "device.qr" });
    const d = await deliver(store, foreign.id, T0 + 3 * HOUR, { draft: aDraft({ tenantId: tenant.id }) });
    await settle(store, a, "success");
    await settle(store, b, "failed");
    const listed = async (filter: Parameters<typeof store.deliveries.list>[0]) =>
      numbersOf(await store.deliveries.list(filter, { limit: 9 }));

    assertEquals(await listed({}), numbersOf([d, c, b, a]));
    assertEquals(await listed({ tenantId: a.tenantId }), numbersOf([c, b, a]));
    assertEquals(await listed({ tenantId: tenant.id }), numbersOf([d]));
    assertEquals(await listed({ webhookIds: [one] }), numbersOf([c, a]));
    assertEquals(await listed({ webhookIds: [two, one] }), numbersOf([c, b, a]));
    assertEquals(await listed({ webhookIds: [one], tenantId: tenant.id }), []);
    assertEquals(await listed({ webhookIds: [] }), []);
    assertEquals(await listed({ deviceId: "device_a" }), numbersOf([c, a]));
    assertEquals(await listed({ deviceId: "device_a", status: "success" }), numbersOf([a]));
    assertEquals(await listed({ eventId: b.eventId }), numbersOf([b]));
    assertEquals(await listed({ eventId: "evt_x" }), []);
    assertEquals(await listed({ name: "device.qr" }), numbersOf([c, b]));
    assertEquals(await listed({ status: "pending" }), numbersOf([d, c]));
    assertEquals(await listed({ status: "pending", webhookIds: [one] }), numbersOf([c]));
    assertEquals(await listed({ status: "pending", tenantId: tenant.id }), numbersOf([d]));
    assertEquals(await listed({ status: "failed" }), numbersOf([b]));
    assertEquals(await listed({ status: "failed", tenantId: b.tenantId }), numbersOf([b]));
    assertEquals(await listed({ status: "failed", webhookIds: [two] }), numbersOf([b]));
    assertEquals(await listed({ statusCode: 200 }), numbersOf([a]));
    assertEquals(await listed({ since: T0 + HOUR, until: T0 + 3 * HOUR }), numbersOf([c, b]));
    assertEquals(await listed({ tenantId: a.tenantId, since: T0 + 1, name: "device.qr" }), numbersOf([c, b]));
  });

  test("are listed page by page, either way", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const all: number[] = [];
    for (let n = 0; n < 5; n++) all.push((await deliver(store, webhookId)).number);
    const listed = async (...parameters: Parameters<typeof store.deliveries.list>) =>
      numbersOf(await store.deliveries.list(...parameters));

    for (
      const filter of [{}, { webhookIds: [webhookId] }, {
        webhookIds: [webhookId],
        status: "pending" as const,
      }]
    ) {
      assertEquals(await listed(filter, { limit: 2 }), [all[4], all[3]]);
      assertEquals(await listed(filter, { limit: 2, before: all[3] }), [all[2], all[1]]);
      assertEquals(await listed(filter, { limit: 2, after: 0 }), [all[0], all[1]]);
      assertEquals(await listed(filter, { limit: 9, after: all[2] }), [all[3], all[4]]);
    }
  });

  test("are found however rare they are among many", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const draft = aDraft({ device: { id: "device_a", alias: null } });
    const rare = await deliver(store, webhookId, T0, { name: "rare", draft });
    const many = Array.from({ length: 5_000 }, () => aNewDelivery(webhookId));
    await store.events.append(draft, many, T0);

    const filters = [{}, { webhookIds: [webhookId] }, { tenantId: rare.tenantId }, { deviceId: "device_a" }];

    for (const filter of filters) {
      const found = await store.deliveries.list({ ...filter, name: "rare" }, { limit: 9 });
      assertEquals(numbersOf(found), [rare.number]);
      assertEquals(await store.deliveries.count(filter, 4_000), 4_000);
      assertEquals(await store.deliveries.count(filter, 9_000), 5_001);
    }
  });

  test("are searched for in parts that leave nothing out, however rare they are", async (store) => {
    const [webhookId, other] = [await aStoredWebhook(store), await aStoredWebhook(store)];
    const draft = aDraft({ device: { id: "device_a", alias: null } });
    const rare = await deliver(store, webhookId, T0, { name: "rare", draft });
    for (let n = 0; n < 3; n++) {
      const many = Array.from({ length: 2_500 }, (_, at) => aNewDelivery(at % 2 === 0 ? webhookId : other));
      await store.events.append(draft, many, T0);
    }
    const near = await deliver(store, webhookId, T0, { name: "rare", draft });
    const searched = async (filter: DeliveryFilter, before?: number) => {
      const page = { limit: 9, lookAtMost: 2_000, before };
      const { deliveries, lookedTo } = await store.deliveries.search({ ...filter, name: "rare" }, page);
      return { numbers: numbersOf(deliveries), lookedTo };
    };

    for (
      const filter of [{}, { webhookIds: [webhookId, other] }, { tenantId: rare.tenantId }, {
        status: "pending" as const,
      }]
    ) {
      const parts = [await searched(filter)];
      while (parts.length < 9 && parts.at(-1)?.lookedTo !== null) {
        parts.push(await searched(filter, parts.at(-1)?.lookedTo ?? undefined));
      }
      assertEquals(parts.flatMap(({ numbers }) => numbers), [near.number, rare.number]);
      assertEquals(parts[0].numbers, [near.number]);
      assertEquals(parts.length > 1, true);
    }
    const all = await store.deliveries.search({ name: "rare" }, { limit: 2, lookAtMost: 99_999 });
    assertEquals([numbersOf(all.deliveries), all.lookedTo], [[near.number, rare.number], null]);
  });

  test("of a device are searched for in parts, by its events", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const draft = aDraft({ device: { id: "device_a", alias: null } });
    const rare = await deliver(store, webhookId, T0, { name: "rare", draft });
    await Promise.all(
      Array.from({ length: 2_500 }, () => store.events.append(draft, [aNewDelivery(webhookId)], T0)),
    );
    const filter = { deviceId: "device_a", name: "rare" };

    const first = await store.deliveries.search(filter, { limit: 9, lookAtMost: 2_000 });
    const rest = await store.deliveries.search(filter, {
      limit: 9,
      lookAtMost: 2_000,
      before: first.lookedTo ?? undefined,
    });

    assertEquals([first.deliveries, first.lookedTo], [[], rare.number + 501]);
    assertEquals([numbersOf(rest.deliveries), rest.lookedTo], [[rare.number], null]);
  });

  test("that are pending are found behind a long history", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const [a, b] = [await deliver(store, webhookId), await deliver(store, webhookId)];
    await store.events.append(aDraft(), Array.from({ length: 10_500 }, () => aNewDelivery(webhookId)), T0);
    await store.deliveries.cancelPending(webhookId, T0);
    await store.deliveries.revive(numbersOf([a, b]), { now: T0, dueAt: T0 });
    const page = { webhookIds: [webhookId], status: "pending" as const };

    assertEquals(numbersOf(await store.deliveries.list(page, { limit: 9 })), [b.number, a.number]);
    assertEquals(numbersOf(await store.deliveries.list(page, { limit: 9, before: b.number })), [a.number]);
    assertEquals(numbersOf(await store.deliveries.list(page, { limit: 1, after: 0 })), [a.number]);
  });

  test("of many events of a device are found however rare they are", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const draft = aDraft({ device: { id: "device_a", alias: null } });
    const rare = await deliver(store, webhookId, T0, { name: "rare", draft });
    await Promise.all(Array.from({ length: 3_000 }, () => store.events.append(draft, [], T0)));
    const newest = await deliver(store, webhookId, T0, { draft });

    assertEquals(numbersOf(await store.deliveries.list({ deviceId: "device_a" }, { limit: 9 })), [
      newest.number,
      rare.number,
    ]);
  });

  test("are counted by name and status, to the hour", async (store) => {
    const [one, two] = [await aStoredWebhook(store), await aStoredWebhook(store)];
    const hour = Math.ceil(T0 / HOUR) * HOUR;
    const draft = aDraft({ device: { id: "device_a", alias: null } });
    const old = await deliver(store, one, hour - 1);
    const kasir = await deliver(store, one, hour, { draft });
    const other = await deliver(store, two, hour + 5, { name: "device.qr" });
    await settle(store, old, "failed");
    await settle(store, kasir, "success");
    const received = (status: string, count = 1) => ({ name: "message.received", status, count });
    const counts = async (filter: Parameters<typeof store.deliveries.counts>[0]) =>
      (await store.deliveries.counts(filter)).map((one) => ({ ...one, status: one.status as string }));

    assertEquals(sorted(await counts({ since: 0 })), [
      { name: "device.qr", status: "pending", count: 1 },
      received("failed"),
      received("success"),
    ]);
    assertEquals(await counts({ since: hour, webhookIds: [one] }), [received("success")]);
    assertEquals(await counts({ since: hour, deviceId: "device_a" }), [received("success")]);
    assertEquals(await counts({ since: hour, until: hour, webhookIds: [one] }), []);
    assertEquals(await counts({ since: hour, until: hour + 1, webhookIds: [one] }), [received("success")]);
    await store.deliveries.revive([old.number], { now: hour, dueAt: hour });
    assertEquals(sorted(await counts({ since: 0, webhookIds: [one] })), [
      received("pending"),
      received("success"),
    ]);
    await settle(store, { ...old, attempts: 1 }, "success");
    assertEquals(await counts({ since: 0, webhookIds: [one] }), [received("success", 2)]);
    await store.deliveries.cancelPending(two, hour);
    assertEquals(await counts({ since: 0, webhookIds: [two] }), [
      { name: "device.qr", status: "cancelled", count: 1 },
    ]);
    assertEquals(await counts({ since: 0, webhookIds: [] }), []);
    assertEquals(other.name, "device.qr");
  });

  test("that are decided are removed with their attempts, the oldest first", async (store) => {
    const [webhookId, other] = [await aStoredWebhook(store), await aStoredWebhook(store)];
    const [a, pending, b, elsewhere] = [
      await deliver(store, webhookId),
      await deliver(store, webhookId),
      await deliver(store, webhookId),
      await deliver(store, other),
    ];
    for (const delivery of [a, b, elsewhere]) await settle(store, delivery, "success");

    const removed = await store.deliveries.removeDecided({ webhookIds: [webhookId] }, 1);

    assertEquals(removed, 1);
    assertEquals(
      numbersOf(await store.deliveries.list({}, { limit: 9 })),
      numbersOf([elsewhere, b, pending]),
    );
    assertEquals(await store.deliveries.attempts(a.number), []);
    assertEquals(await store.deliveries.removeDecided({ webhookIds: [webhookId] }, 9), 1);
    assertEquals(numbersOf(await store.deliveries.list({}, { limit: 9 })), numbersOf([elsewhere, pending]));
    assertEquals(await store.deliveries.counts({ webhookIds: [webhookId], since: 0 }), [
      { name: "message.received", status: "pending", count: 1 },
    ]);
  });

  test("that are pending are cancelled by the thousand", async (store) => {
    const webhookId = await aStoredWebhook(store);
    const keys = ["a", "b", null];
    const many = Array.from(
      { length: 1_700 },
      (_, n) => aNewDelivery(webhookId, { orderingKey: keys[n % 3] }),
    );
    await store.events.append(aDraft(), many, T0);

    assertEquals(await store.deliveries.cancelPending(webhookId, T0), 1_700);
    assertEquals(await store.deliveries.count({ status: "cancelled" }, 9_999), 1_700);
    assertEquals(await store.deliveries.cancelPending(webhookId, T0), 0);
  });
}

const FAILED = {
  deliveryNumber: 0,
  attempt: 1,
  startedAt: T0 + 1,
  durationMs: 12,
  statusCode: 500,
  error: "HTTP 500",
  response: "oops",
  headers: { "retry-after": "9", server: "nginx" },
};

function sorted<T extends { readonly name: string; readonly status: string }>(counts: readonly T[]): T[] {
  return counts.toSorted((a, b) => `${a.name} ${a.status}` < `${b.name} ${b.status}` ? -1 : 1);
}

/** Numbers in [0, 1) that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}
