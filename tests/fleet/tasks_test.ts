import { assertEquals } from "@std/assert";
import { TASK_LEASES } from "../../src/fleet/lease_names.ts";
import { createTasks, type Task, type Tasks } from "../../src/fleet/tasks.ts";
import { until } from "../support/until.ts";
import { type FleetOfStores, fleetOfStores, type Member } from "../support/fleet_of_stores.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { createManualClock } from "../support/manual_clock.ts";

interface Worker extends Member {
  readonly tasks: Tasks;
  /** The tasks that run here now. */
  readonly running: Set<string>;
}

const NAMES = ["retention", "qiscus"];

async function workerOf(fleet: FleetOfStores, id: string): Promise<Worker> {
  const member = await fleet.enter(id);
  const { leases, news } = fleet.store;
  const tasks = createTasks({ leases, news, membership: member.membership, clock: createManualClock() });
  return Object.assign(member, { tasks, running: new Set<string>() });
}

function starting({ tasks, running }: Worker, names = NAMES): void {
  const task = (name: string): Task => ({
    start() {
      running.add(name);
      return () => void running.delete(name);
    },
  });
  tasks.start(Object.fromEntries(names.map((name) => [name, task(name)])));
}

async function does({ running }: Worker, count: number): Promise<void> {
  await until(() => running.size === count, `${count} tasks to run`);
}

testWithPostgres("tasks run at one of the gateways", async () => {
  await using fleet = await fleetOfStores();
  const [a, b] = [await workerOf(fleet, "a"), await workerOf(fleet, "b")];

  starting(a);
  await does(a, 2);
  starting(b);
  b.tasks.look();
  await a.tasks.stop();
  await does(b, 2);

  assertEquals([a.running.size, NAMES.map((name) => a.tasks.isMine(name))], [0, [false, false]]);
  assertEquals(NAMES.map((name) => b.tasks.isMine(name)), [true, true]);
  await b.tasks.stop();
});

testWithPostgres("task begins nowhere else while a gateway does it", async () => {
  await using fleet = await fleetOfStores();
  const [a, b] = [await workerOf(fleet, "a"), await workerOf(fleet, "b")];
  starting(a);
  await does(a, 2);

  starting(b, [...NAMES, "one that a does not know"]);
  await until(() => b.running.has("one that a does not know"), "the round of b");

  assertEquals([a.running.size, b.running.size], [2, 1]);
  await Promise.all([a.tasks.stop(), b.tasks.stop()]);
});

testWithPostgres("task ends where its lease is lost", async () => {
  await using fleet = await fleetOfStores();
  const a = await workerOf(fleet, "a");
  starting(a);
  await does(a, 2);

  await fleet.store.gateways.remove("a"); // what another does once it takes it for dead
  a.tasks.look();
  await does(a, 0);

  assertEquals(a.tasks.isMine(NAMES[0]), false);
  await a.tasks.stop();
});

testWithPostgres("gateway that may not act does no task, and ends those that it does at once", async () => {
  await using fleet = await fleetOfStores();
  const a = await workerOf(fleet, "a");
  starting(a);
  await does(a, 2);

  a.isSafe = false;
  const mine = a.tasks.isMine(NAMES[0]);
  a.tasks.cutAll();
  const left = a.running.size;
  a.tasks.look();
  a.isSafe = true;
  a.tasks.look();
  await does(a, 2);

  assertEquals([mine, left], [false, 0]);
  await a.tasks.stop();
});

testWithPostgres(
  "task whose lease is got as the gateway stops does not begin there, and is free",
  async () => {
    await using fleet = await fleetOfStores();
    const { membership } = await fleet.enter("a");
    const { leases, news } = fleet.store;
    const got = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const begun: string[] = [];
    const tasks = createTasks({
      news,
      membership,
      clock: createManualClock(),
      leases: {
        ...leases,
        async take(...asked) {
          const lease = await leases.take(...asked);
          got.resolve();
          await answer.promise;
          return lease;
        },
      },
    });

    tasks.start({
      retention: {
        start() {
          begun.push("retention");
          return () => {};
        },
      },
    });
    await got.promise;
    await tasks.stop();
    answer.resolve();

    const lease = `${TASK_LEASES}retention`;
    await until(async () => (await leases.get(lease))?.holder === null, "the lease to be free");
    assertEquals(begun, []);
  },
);
