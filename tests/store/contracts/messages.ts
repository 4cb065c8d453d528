import { assertEquals, assertRejects } from "@std/assert";
import { ConflictError } from "../../../src/errors.ts";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import type { Reached } from "../../../src/store/messages.ts";
import { type Open, testing } from "./contract.ts";
import { aMessage, aTenant, T0 } from "./samples.ts";

export function messagesContract(name: string, open: Open): void {
  const test = testing(`${name} messages`, open);

  test("are found by what their ids begin with, newest first, those of the tenant only", async (store) => {
    const other = aTenant();
    await store.tenants.create(other, "a hash");
    for (const id of ["msg_aa1", "msg_ab1", "msg_aa2"]) await store.messages.create(aMessage({ id }));
    await store.messages.create(aMessage({ id: "msg_aa3", tenantId: other.id }));
    const beginning = async (prefix: string, limit = 9) =>
      (await store.messages.beginning(DEFAULT_TENANT, prefix, limit)).map(({ id }) => id);

    assertEquals(await beginning("msg_aa"), ["msg_aa2", "msg_aa1"]);
    assertEquals(await beginning("msg_a", 2), ["msg_aa2", "msg_ab1"]);
    assertEquals(await beginning("msg_b"), []);
  });

  test("give back what was created", async ({ messages }) => {
    const message = aMessage({
      deviceId: "device_a",
      channel: "whatsapp",
      templateId: "tpl_a",
      templateName: "Welcome",
      blastId: "blast_a",
      context: { forwarded: true },
      status: "failed",
      receipt: "read",
      waMessageId: "3EB0",
      error: { code: null, message: "no route", reason: "timed_out" },
      attempts: 2,
      idempotencyKey: "k",
      fingerprint: "f".repeat(64),
      senderPhone: "628123456789",
      sendAt: T0 + 2,
      statusAt: 1,
      sentAt: 2,
      deliveredAt: 3,
      readAt: 4,
      updatedAt: T0 + 1,
    });

    const created = await messages.create(message);

    assertEquals(created, { message, created: true });
    assertEquals(await messages.get(message.id), message);
    assertEquals(await messages.get("msg_x"), undefined);
  });

  test("refuse a known id", async ({ messages }) => {
    const message = aMessage();
    await messages.create(message);

    await assertRejects(() => messages.create(message), ConflictError);
  });

  test("with a known idempotency key are the one that exists", async ({ messages, tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash");
    const message = aMessage({ idempotencyKey: "order-7" });
    await messages.create(message);

    const again = await messages.create(aMessage({ idempotencyKey: "order-7" }));
    const elsewhere = await messages.create(aMessage({ idempotencyKey: "order-7", tenantId: tenant.id }));

    assertEquals(again, { message, created: false });
    assertEquals(elsewhere.created, true);
    assertEquals(await messages.byIdempotencyKey(DEFAULT_TENANT, "order-7"), message);
    assertEquals(await messages.byIdempotencyKey(DEFAULT_TENANT, "order-8"), undefined);
  });

  test("are stored all or none", async ({ messages }) => {
    const many = Array.from({ length: 40 }, (_, n) => aMessage({ blastId: "blast_a", to: `62812${n}` }));

    await assertRejects(() => messages.createAll([...many, many[0]]), ConflictError);
    const none = await messages.list({ blastId: "blast_a" }, { limit: 99 });
    await messages.createAll(many);
    const all = await messages.list({ blastId: "blast_a" }, { limit: 99 });

    assertEquals(none, []);
    assertEquals(all, many.toReversed());
  });

  test("are found by WhatsApp's id within their device", async ({ messages }) => {
    const ours = aMessage({ waMessageId: "3EB0", deviceId: "device_a" });
    const qiscus = aMessage({ waMessageId: "3EB0" });
    await messages.createAll([ours, qiscus]);

    assertEquals(await messages.byWaMessageId("3EB0", "device_a"), ours);
    assertEquals(await messages.byWaMessageId("3EB0", null), qiscus);
    assertEquals(await messages.byWaMessageId("3EB0", "device_b"), undefined);
  });

  test("change as decided on what they are", async ({ messages }) => {
    const message = aMessage();
    await messages.create(message);
    const error = { code: 131, message: "blocked" };

    const changed = await messages.change(
      message.id,
      ({ attempts }) => ({ status: "failed", error, attempts: attempts + 1 }),
      T0 + 5,
    );

    const expected = { ...message, status: "failed", error, attempts: 1, updatedAt: T0 + 5 } as const;
    assertEquals(changed, { message: expected, changed: true });
    assertEquals(await messages.get(message.id), expected);
  });

  test("stay as they are when nothing is decided", async ({ messages }) => {
    const message = aMessage();
    await messages.create(message);

    const left = await messages.change(message.id, () => null, T0 + 5);

    assertEquals(left, { message, changed: false });
    assertEquals(await messages.get(message.id), message);
    assertEquals(await messages.change("msg_x", () => null, T0), undefined);
  });

  test("change without being read when they are as believed", async ({ messages }) => {
    const message = aMessage({ status: "queued" });
    await messages.create(message);

    const changed = await messages.change(message.id, () => ({ status: "sent" }), T0 + 5, message);

    const expected = { ...message, status: "sent", updatedAt: T0 + 5 } as const;
    assertEquals(changed, { message: expected, changed: true });
    assertEquals(await messages.get(message.id), expected);
  });

  test("change as decided on what they are when that is not what was believed", async ({ messages }) => {
    const believed = aMessage({ status: "queued" });
    await messages.create(believed);
    await messages.change(believed.id, () => ({ status: "processing", attempts: 1 }), T0 + 1);
    await messages.change(believed.id, () => ({ receipt: "read" }), T0 + 2);

    const changed = await messages.change(
      believed.id,
      ({ attempts, receipt }) => receipt === null ? { status: "failed" } : { attempts: attempts + 1 },
      T0 + 5,
      believed,
    );

    assertEquals([changed?.message.status, changed?.message.attempts], ["processing", 2]);
    assertEquals((await messages.get(believed.id))?.attempts, 2);
    assertEquals(await messages.change("msg_x", () => ({ status: "sent" }), T0, believed), undefined);
  });

  test("change as decided on what they are when a receipt came in the very moment of what was believed", async ({ messages }) => {
    const believed = aMessage({ status: "sent" });
    await messages.create(believed);
    await messages.change(believed.id, () => ({ receipt: "read" }), believed.updatedAt);

    const changed = await messages.change(
      believed.id,
      ({ receipt }) => receipt === null ? { receipt: "delivered" } : null,
      believed.updatedAt,
      believed,
    );

    assertEquals(changed, { message: { ...believed, receipt: "read" }, changed: false });
  });

  test("lose no change when two come at once", async ({ messages }) => {
    const message = aMessage();
    await messages.create(message);
    const once = () => messages.change(message.id, ({ attempts }) => ({ attempts: attempts + 1 }), T0);

    await Promise.all([once(), once(), once()]);

    assertEquals((await messages.get(message.id))?.attempts, 3);
  });

  test("lose their error when it is taken back", async ({ messages }) => {
    const message = aMessage({ error: { code: 1, message: "x" } });
    await messages.create(message);

    await messages.change(message.id, () => ({ status: "sent", error: null }), T0);

    assertEquals((await messages.get(message.id))?.error, null);
  });

  test("are listed newest first by every filter", async ({ messages }) => {
    const a = aMessage({ deviceId: "device_a", channel: "whatsapp", status: "sent" });
    const b = aMessage({ recipientPhone: "0812" });
    const c = aMessage({ deviceId: "device_a", channel: "whatsapp" });
    await messages.createAll([a, b, c]);
    const ids = async (...parameters: Parameters<typeof messages.list>) =>
      (await messages.list(...parameters)).map(({ id }) => id);

    assertEquals(await ids({}, { limit: 9 }), [c.id, b.id, a.id]);
    assertEquals(await ids({ tenantId: DEFAULT_TENANT }, { limit: 1, offset: 1 }), [b.id]);
    assertEquals(await ids({ deviceId: "device_a" }, { limit: 9 }), [c.id, a.id]);
    assertEquals(await ids({ deviceId: "device_a" }, { limit: 9, before: b.id }), [a.id]);
    assertEquals(await ids({ deviceId: "device_a" }, { limit: 9, before: "msg_none" }), []);
    assertEquals(await ids({ channel: "qiscus" }, { limit: 9 }), [b.id]);
    assertEquals(await ids({ status: "sent" }, { limit: 9 }), [a.id]);
    assertEquals(await ids({ recipientPhone: "0812" }, { limit: 9 }), [b.id]);
    assertEquals(await ids({ tenantId: "tenant_x" }, { limit: 9 }), []);
  });

  test("of a blast are listed by how far they came, page by page", async ({ messages }) => {
    const came = [null, "read", "delivered", "played", "read", null, "delivered"] as const;
    const all = came.map((receipt, n) =>
      aMessage({ blastId: "blast_r", to: `62800000000${n}@s.whatsapp.net`, status: "sent", receipt })
    );
    const failed = aMessage({ blastId: "blast_r", to: "1", status: "failed", receipt: "read" });
    const other = aMessage({ blastId: "blast_s", status: "sent", receipt: "read" });
    await messages.createAll([...all, failed, other]);
    const places = async (reached: Reached, page: Parameters<typeof messages.list>[1]) =>
      (await messages.list({ tenantId: DEFAULT_TENANT, blastId: "blast_r", reached }, page))
        .map(({ id }) => all.findIndex((message) => message.id === id));

    assertEquals(await places("sent", { limit: 9 }), [5, 0]);
    assertEquals(await places("delivered", { limit: 9 }), [6, 2]);
    assertEquals(await places("read", { limit: 9 }), [4, 3, 1]);
    assertEquals(await places("read", { limit: 2 }), [4, 3]);
    assertEquals(await places("read", { limit: 2, before: all[3].id }), [1]);
    assertEquals(await places("read", { limit: 2, offset: 1 }), [3, 1]);
  });

  test("of an outbox are listed oldest first, without those of blasts", async ({ messages }) => {
    const of = (change: Parameters<typeof aMessage>[0]) => aMessage({ deviceId: "device_a", ...change });
    const [a, b, c] = [of({}), of({ status: "processing" }), of({})];
    await messages.createAll([a, b, c, of({ blastId: "blast_a" }), of({ status: "sent" }), aMessage()]);

    assertEquals(await messages.waiting("device_a", ["queued", "processing"], 9), [a, b, c]);
    assertEquals(await messages.waiting("device_a", ["queued", "processing"], 2), [a, b]);
    assertEquals(await messages.waiting("device_a", ["processing"], 9), [b]);
  });

  test("name the scheduled one that leaves first, of all tenants", async ({ messages, tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash");
    const none = await messages.nextScheduled();
    await messages.create(aMessage({ status: "scheduled", sendAt: T0 + 9 }));
    const first = aMessage({ status: "scheduled", sendAt: T0 + 5, tenantId: tenant.id });
    await messages.create(first);
    await messages.create(aMessage({ status: "queued", sendAt: T0 + 1 }));

    assertEquals([none, await messages.nextScheduled()], [undefined, { id: first.id, at: T0 + 5 }]);
  });

  test("list what is scheduled of a tenant or its devices, in pages, in the order in which it leaves", async ({ messages, tenants }) => {
    const tenant = aTenant();
    await tenants.create(tenant, "hash");
    const scheduled = (sendAt: number, overrides = {}) =>
      aMessage({ status: "scheduled", sendAt, deviceId: "device_a", ...overrides });
    const [late, twin, other, early] = [
      scheduled(T0 + 9, { deviceId: "device_b" }),
      scheduled(T0 + 7),
      scheduled(T0 + 7),
      scheduled(T0 + 5),
    ];
    const foreign = scheduled(T0 + 6, { tenantId: tenant.id });
    for (const message of [late, twin, other, early, foreign, scheduled(T0, { status: "sent" })]) {
      await messages.create(message);
    }
    const [second, third] = [twin, other].toSorted((a, b) => a.id < b.id ? -1 : 1);
    const idsOf = async (...asked: Parameters<typeof messages.scheduled>) =>
      (await messages.scheduled(...asked)).map(({ id }) => id);
    const mine = { tenantId: DEFAULT_TENANT };

    assertEquals(await idsOf(mine, { limit: 9 }), [early.id, second.id, third.id, late.id]);
    assertEquals(await idsOf(mine, { limit: 1, after: { id: second.id, sendAt: T0 + 7 } }), [third.id]);
    assertEquals(await idsOf({ ...mine, deviceIds: ["device_b"] }, { limit: 9 }), [late.id]);
    assertEquals(await idsOf({ tenantId: tenant.id }, { limit: 9 }), [foreign.id]);
  });

  test("know whether one with this WhatsApp id has still to leave", async ({ messages }) => {
    await messages.create(aMessage({ status: "scheduled", sendAt: T0 + 9, waMessageId: "3EB0LATER" }));
    await messages.create(aMessage({ status: "sent", waMessageId: "3EB0SENT" }));

    const known = await Promise.all(["3EB0LATER", "3EB0SENT", "3EB0NONE"].map(messages.isAwaited));

    assertEquals(known, [true, false, false]);
  });
}
