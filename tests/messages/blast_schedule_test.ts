import { assertEquals } from "@std/assert";
import { createBlastSchedule } from "../../src/messages/blast_schedule.ts";
import { aBlast, HOUR, T0 } from "../store/contracts/samples.ts";
import { until } from "../support/messaging.ts";
import { temporaryStore } from "../support/temporary_store.ts";

const DAY = 24 * HOUR;

/** A schedule over a real store, with a clock that tests set. */
async function setUp() {
  const kept = await temporaryStore();
  const { blasts } = kept.store;
  const begun: string[] = [];
  const clock = { at: T0 };
  const looks = { count: 0, fail: false };
  const schedule = createBlastSchedule({
    blasts: {
      ...blasts,
      nextScheduled() {
        looks.count++;
        return looks.fail ? Promise.reject(new TypeError("the disk is full")) : blasts.nextScheduled();
      },
    },
    begun: ({ id }) => begun.push(id),
    now: () => clock.at,
  });
  return {
    blasts,
    schedule,
    begun,
    clock,
    looks,
    async add(scheduledAt: number): Promise<string> {
      const blast = aBlast({ status: "scheduled", scheduledAt });
      await blasts.create(blast);
      return blast.id;
    },
    async [Symbol.asyncDispose]() {
      schedule.stop();
      await kept[Symbol.asyncDispose]();
    },
  };
}

Deno.test("blast schedule begins at its start what was due while nothing ran, the oldest first", async () => {
  await using test = await setUp();
  const second = await test.add(T0);
  const first = await test.add(T0 - DAY);
  await test.add(T0 + DAY);

  await test.schedule.start();

  assertEquals(test.begun, [first, second]);
  const blast = await test.blasts.get(first);
  assertEquals([blast?.status, blast?.startedAt, blast?.scheduledAt], ["running", T0, T0 - DAY]);
});

Deno.test("blast schedule begins a blast when its time comes", async () => {
  await using test = await setUp();
  await test.schedule.start();
  test.clock.at = Date.now();
  const id = await test.add(test.clock.at + 40);
  const ticking = setInterval(() => test.clock.at = Date.now(), 5);

  await test.schedule.added();
  await until(() => test.begun.length > 0, "it begins");
  clearInterval(ticking);

  assertEquals(test.begun, [id]);
});

Deno.test("blast schedule waits for one that comes before the one that it waited for", async () => {
  await using test = await setUp();
  await test.add(T0 + DAY);
  await test.schedule.start();
  const soon = await test.add(T0 + 30);

  await test.schedule.added();
  test.clock.at = T0 + 30;
  await until(() => test.begun.length > 0, "the earlier one begins");

  assertEquals(test.begun, [soon]);
});

Deno.test("blast schedule waits for what is farther away than a timer can be, without asking the store", async () => {
  await using test = await setUp();
  await test.add(T0 + 365 * DAY);

  await test.schedule.start();
  await new Promise((done) => setTimeout(done, 100));

  assertEquals([test.begun, test.looks.count], [[], 1]);
});

Deno.test("blast schedule begins nothing that was cancelled", async () => {
  await using test = await setUp();
  const id = await test.add(T0 + 30);
  await test.schedule.start();
  await test.blasts.change(id, () => ({ status: "cancelled" }), T0);

  test.clock.at = T0 + 30;
  await until(() => test.looks.count > 1, "it looks again");
  await test.schedule.added();

  assertEquals(test.begun, []);
  assertEquals((await test.blasts.get(id))?.status, "cancelled");
});

Deno.test("blast schedule goes on after the store refused", async () => {
  await using test = await setUp();
  test.looks.fail = true;
  const id = await test.add(T0);
  await test.schedule.start();
  test.looks.fail = false;

  await test.schedule.added();

  assertEquals(test.begun, [id]);
});

Deno.test("blast schedule begins nothing after it was stopped", async () => {
  await using test = await setUp();
  await test.add(T0);
  test.schedule.stop();

  await test.schedule.start();

  assertEquals(test.begun, []);
});
