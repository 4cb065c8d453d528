import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError, RefusedError } from "../../src/errors.ts";
import { PAUSED_AT } from "../../src/messages/paused.ts";
import { createMessageSchedule } from "../../src/messages/schedule.ts";
import type { OutgoingMessage } from "../../src/store/messages.ts";
import { createManualClock } from "../support/manual_clock.ts";
import { aMessage, NOW } from "../support/messaging.ts";
import { temporaryStore } from "../support/temporary_store.ts";

const DAY = 24 * 3_600_000;

/** A schedule over a real store, with a clock that tests set. */
async function setUp() {
  const kept = await temporaryStore();
  const { messages } = kept.store;
  const clock = createManualClock(NOW);
  const added: OutgoingMessage[] = [];
  const discarded: string[] = [];
  const suspended = new Set<string>();
  const open = () =>
    createMessageSchedule({
      messages,
      outbox: { add: (message) => added.push(message) },
      isSuspended: (tenantId) => suspended.has(tenantId),
      files: { discard: (mediaId) => Promise.resolve(void discarded.push(mediaId)) },
      clock,
    });
  const schedule = open();
  return {
    messages,
    schedule,
    open,
    added,
    discarded,
    suspended,
    clock,
    async add(sendAt: number, overrides: Partial<OutgoingMessage> = {}) {
      const message = aMessage({ status: "scheduled", sendAt, ...overrides });
      await messages.create(message);
      return message.id;
    },
    async [Symbol.asyncDispose]() {
      schedule.stop();
      await kept[Symbol.asyncDispose]();
    },
  };
}

Deno.test("message schedule hands what is due to the outbox at its start, what leaves first at the head", async () => {
  await using test = await setUp();
  const second = await test.add(NOW);
  const first = await test.add(NOW - DAY);
  await test.add(NOW + DAY);

  await test.schedule.start();

  assertEquals(test.added.map(({ id, status }) => [id, status]), [[first, "queued"], [second, "queued"]]);
});

Deno.test("message schedule hands a message over once, whoever looks", async () => {
  await using test = await setUp();
  const id = await test.add(NOW + DAY);
  const other = test.open();
  await Promise.all([test.schedule.start(), other.start()]);
  await test.clock.advance(DAY);

  await Promise.all([test.schedule.added(), other.added()]);
  other.stop();

  assertEquals(test.added.map((message) => message.id), [id]);
});

Deno.test("message schedule takes a message back before it leaves, with its file", async () => {
  await using test = await setUp();
  const media = { mediaId: "3EB0F", mimeType: "image/png", sizeBytes: 8 };
  const id = await test.add(NOW + DAY, { content: { kind: "image", media } });

  const cancelled = await test.schedule.cancel(id, () => true);
  await test.clock.advance(2 * DAY);
  await test.schedule.added();

  assertEquals([cancelled.status, (await test.messages.get(id))?.status], ["cancelled", "cancelled"]);
  assertEquals([test.discarded, test.added], [["3EB0F"], []]);
});

Deno.test("message schedule refuses to take back what has left, what is gone and what is somebody else's", async () => {
  await using test = await setUp();
  const left = await test.add(NOW);
  const another = await test.add(NOW + DAY);
  await test.schedule.start();

  const error = await assertRejects(() => test.schedule.cancel(left, () => true), RefusedError);
  await assertRejects(() => test.schedule.cancel("msg_none", () => true), NotFoundError);
  await assertRejects(() => test.schedule.cancel(another, () => false), NotFoundError);

  assertEquals([error.code, error.details?.status], ["NOT_SCHEDULED", "queued"]);
  assertEquals((await test.messages.get(another))?.status, "scheduled");
});

Deno.test("message schedule pauses what falls due while its tenant is suspended, until somebody resumes it", async () => {
  await using test = await setUp();
  const id = await test.add(NOW);
  const other = await test.add(NOW + 1, { tenantId: "tenant_2" });
  test.suspended.add("tenant_default");
  await test.clock.advance(1);

  await test.schedule.start();
  test.suspended.clear();
  await test.schedule.added();

  assertEquals(test.added.map((message) => message.id), [other]);
  const message = await test.messages.get(id);
  assertEquals([message?.status, message?.sendAt], ["scheduled", PAUSED_AT]);
});
