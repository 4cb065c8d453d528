import { assertEquals } from "@std/assert";
import { createBlastSchedule } from "../../src/blasts/schedule.ts";
import { aBlast, HOUR, T0 } from "../store/contracts/samples.ts";
import { createManualClock } from "../support/manual_clock.ts";
import { until } from "../support/until.ts";
import { temporaryStore } from "../support/temporary_store.ts";

const DAY = 24 * HOUR;

/** A schedule over a real store, with a clock that stands still. */
async function setUp() {
  const kept = await temporaryStore();
  const { blasts } = kept.store;
  const begun: string[] = [];
  const clock = createManualClock(T0);
  const looks = { count: 0, fail: false };
  const suspended = { now: false };
  const schedule = createBlastSchedule({
    blasts: {
      ...blasts,
      nextScheduled() {
        looks.count++;
        return looks.fail ? Promise.reject(new TypeError("the disk is full")) : blasts.nextScheduled();
      },
    },
    begun: ({ id }) => begun.push(id),
    isSuspended: () => suspended.now,
    clock,
  });
  return {
    blasts,
    schedule,
    begun,
    clock,
    looks,
    suspended,
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

Deno.test("blast schedule begins a blast when its time comes, and not before", async () => {
  await using test = await setUp();
  await test.schedule.start();
  const id = await test.add(T0 + DAY);

  await test.schedule.added();
  await test.clock.advance(DAY - 1);
  const before = [...test.begun];
  await test.clock.advance(1);
  await until(() => test.begun.length > 0, "it begins");

  assertEquals([before, test.begun], [[], [id]]);
});

Deno.test("blast schedule waits for one that comes before the one that it waited for", async () => {
  await using test = await setUp();
  await test.add(T0 + DAY);
  await test.schedule.start();
  const soon = await test.add(T0 + 30);

  await test.schedule.added();
  await test.clock.advance(30);
  await until(() => test.begun.length > 0, "the earlier one begins");

  assertEquals(test.begun, [soon]);
});

Deno.test("blast schedule waits for what is far away without asking the store, and looks at the clock", async () => {
  await using test = await setUp();
  await test.add(T0 + 365 * DAY);

  await test.schedule.start();
  await test.clock.advance(HOUR);

  assertEquals([test.begun, test.looks.count, test.clock.waits()], [[], 1, [60_000]]);
});

Deno.test("blast schedule begins nothing that was cancelled", async () => {
  await using test = await setUp();
  const id = await test.add(T0 + 30);
  await test.schedule.start();
  await test.blasts.change(id, () => ({ status: "cancelled" }), T0);

  await test.clock.advance(30);
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

Deno.test("blast schedule leaves a blast of a suspended tenant paused, and says why", async () => {
  await using test = await setUp();
  const id = await test.add(T0);
  test.suspended.now = true;

  await test.schedule.start();

  const blast = await test.blasts.get(id);
  assertEquals([test.begun, blast?.status, blast?.startedAt], [[], "paused", null]);
  assertEquals(blast?.reason?.includes("while the tenant was suspended"), true);
});
