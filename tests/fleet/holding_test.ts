import { assertEquals, assertThrows } from "@std/assert";
import { LeaseLostError } from "../../src/errors.ts";
import { createHolding, type LeasedHolding } from "../../src/fleet/holding.ts";
import { leaseOf } from "../../src/fleet/lease_names.ts";
import type { DeviceId } from "../../src/ids.ts";
import { aDevice } from "../store/contracts/samples.ts";
import { until } from "../support/until.ts";
import { type FleetOfStores, fleetOfStores, type Member } from "../support/fleet_of_stores.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { createManualClock, type ManualClock } from "../support/manual_clock.ts";

interface Holder extends Member {
  readonly holding: LeasedHolding;
  /** What it was told to do with devices' lines. */
  readonly told: string[];
  /** When it was told to release one, ms of the fleet's clock. */
  readonly releasedAt: number[];
  readonly clock: ManualClock;
}

async function holderOf(fleet: FleetOfStores, id: string, clock: ManualClock): Promise<Holder> {
  const { store } = fleet;
  const member = await fleet.enter(id);
  const holding = createHolding({ ...store, membership: member.membership, clock, elapsed: clock.now });
  return Object.assign(member, { holding, told: [], releasedAt: [], clock });
}

async function starting(holder: Holder): Promise<void> {
  const tell = (what: string) => (deviceId: DeviceId) => void holder.told.push(`${what} ${deviceId}`);
  await holder.holding.start({
    begin: (id) => Promise.resolve(tell("begin")(id)),
    release: (id) => {
      holder.releasedAt.push(holder.clock.now());
      return Promise.resolve(tell("release")(id));
    },
    cut: tell("cut"),
  });
}

/** Gateways on one store with so many devices that are wanted; the first one has taken them all. */
async function setUp(devices: number, others: readonly string[]) {
  const fleet = await fleetOfStores();
  const clock = createManualClock();
  for (let count = 0; count < devices; count++) await fleet.store.devices.create(aDevice({ wanted: true }));
  const first = await holderOf(fleet, "a", clock);
  await starting(first);
  await holds(first, devices);
  const rest: Holder[] = [];
  for (const id of others) rest.push(await holderOf(fleet, id, clock));
  const all = [first, ...rest];
  const see = () => Promise.all(all.map((each) => each.see()));
  return {
    fleet,
    clock,
    all,
    see,
    async [Symbol.asyncDispose]() {
      for (const { holding } of all) await holding.stop();
      await fleet[Symbol.asyncDispose]();
    },
  };
}

async function holds({ holding, told }: Holder, count: number): Promise<void> {
  const isSo = () =>
    holding.held().length === count && told.filter((text) => text.startsWith("begin")).length >= count;
  await until(isSo, `${count} devices to be held, not ${holding.held().length}`);
}

testWithPostgres("gateway that is alone holds all devices that are wanted", async () => {
  await using fleet = await setUp(3, []);
  const [{ holding, told }] = fleet.all;

  assertEquals(told.toSorted(), holding.held().map((id) => `begin ${id}`).toSorted());
  assertEquals(holding.held().every((id) => holding.isHere(id)), true);
});

testWithPostgres(
  "gateway takes all that another hands over, though it still counts that one among the takers",
  async () => {
    await using fleet = await setUp(6, ["b"]);
    const [a, b] = fleet.all;
    await fleet.see();
    await starting(b);

    await a.holding.stop(); // b has not seen that it leaves, so its share is three

    await holds(b, 6);
    assertEquals(a.told.filter((text) => text.startsWith("release")).length, 6);
  },
);

testWithPostgres(
  "gateway cuts the devices of a lease that it has lost, and writes nothing more of them",
  async () => {
    await using fleet = await setUp(2, []);
    const [{ holding, told }] = fleet.all;
    const ids = holding.held();
    await fleet.fleet.store.gateways.remove("a"); // what another does once it takes it for dead

    holding.look();
    await until(() => holding.held().length === 0, "the leases to be lost");

    assertEquals(
      told.filter((text) => text.startsWith("cut")).toSorted(),
      ids.map((id) => `cut ${id}`).toSorted(),
    );
    assertThrows(() => holding.storeOf(ids[0]), LeaseLostError);
    assertEquals(holding.isHere(ids[0]), false);
  },
);

testWithPostgres("gateway that may not act holds nothing, whatever the store says", async () => {
  await using fleet = await setUp(1, []);
  const [a] = fleet.all;
  const [id] = a.holding.held();

  a.isSafe = false;

  assertEquals(a.holding.isHere(id), false);
  assertThrows(() => a.holding.storeOf(id), LeaseLostError);
  a.isSafe = true;
  assertEquals(a.holding.isHere(id), true);
});

testWithPostgres("devices that nobody takes are taken by anybody after a while", async () => {
  await using fleet = await setUp(0, ["b"]); // b is entered, and does nothing
  const [a] = fleet.all;
  await fleet.see();
  const ids = ["device_1", "device_2"] as DeviceId[];
  for (const id of ids) await fleet.fleet.store.devices.create(aDevice({ id, wanted: true }));
  await fleet.fleet.store.leases.want(ids.map(leaseOf), true);

  a.holding.look();
  await holds(a, 1); // its share
  const startedAt = fleet.clock.now();
  await fleet.clock.until(() => a.holding.held().length === 2, "the other one");

  assertEquals(fleet.clock.now() - startedAt >= 3_000, true);
});

testWithPostgres("gateway that holds too many for long gives them away, one after another", async () => {
  await using fleet = await setUp(6, ["b"]);
  const [a, b] = fleet.all;
  await starting(b);
  await fleet.see();
  const startedAt = fleet.clock.now();

  for (const count of [1, 2]) {
    await fleet.clock.until(() => a.releasedAt.length === count, "the next one to be released");
    await holds(b, count); // no time passes until b has it: after a while anybody takes it, a as well
  }

  const [first, second, ...more] = a.releasedAt; // not when b has them: the store takes its own time
  assertEquals(first - startedAt >= 30_000, true);
  assertEquals(second - first >= 5_000, true);
  assertEquals(more, []);
  assertEquals(a.holding.held().length, 4); // one more than its share costs nobody a reconnection
});

testWithPostgres("device that nobody holds is brought to whoever holds fewest", async () => {
  await using fleet = await setUp(2, ["b"]);
  const [a, b] = fleet.all;
  await fleet.see();
  await starting(b);
  const device = aDevice({ id: "device_new" as DeviceId, wanted: true });
  await fleet.fleet.store.devices.create(device);

  const before = await a.holding.whereIs(device.id);
  const isHere = await a.holding.bring(device.id);
  await until(() => b.holding.isHere(device.id), "the other one to hold it");

  assertEquals([before, isHere], ["nowhere", false]);
  assertEquals([await a.holding.whereIs(device.id), await b.holding.whereIs(device.id)], [
    "elsewhere",
    "here",
  ]);
});

testWithPostgres(
  "device that was removed or is not wanted any more is not connected by who takes its lease",
  async () => {
    await using fleet = await setUp(0, []);
    const [{ holding, told }] = fleet.all;
    const { store } = fleet.fleet;
    const unwanted = aDevice({ wanted: false });
    await store.devices.create(unwanted);
    await store.leases.want([leaseOf(unwanted.id), leaseOf("device_gone" as DeviceId)], true);

    holding.look();
    await until(
      async () => await store.leases.get(leaseOf("device_gone" as DeviceId)) === undefined,
      "its lease to go",
    );
    await until(
      async () => (await store.leases.get(leaseOf(unwanted.id)))?.wanted === false,
      "nobody to want it",
    );

    assertEquals(told, []);
  },
);

testWithPostgres("gateway begins with a device again that it could not begin with", async () => {
  await using fleet = await fleetOfStores();
  const clock = createManualClock();
  const device = aDevice({ wanted: true });
  await fleet.store.devices.create(device);
  const member = await fleet.enter("a");
  const told: string[] = [];
  const { store } = fleet;
  const holding = createHolding({ ...store, membership: member.membership, clock, elapsed: clock.now });

  await holding.start({
    begin() {
      told.push("begin");
      return told.length === 1 ? Promise.reject(new Error("The store is away")) : Promise.resolve();
    },
    release: () => Promise.resolve(),
    cut: () => void told.push("cut"),
  });
  await clock.until(() => told.length === 3, "the second beginning");

  assertEquals(told, ["begin", "cut", "begin"]);
  assertEquals(holding.held(), [device.id]);
  await holding.stop();
});

testWithPostgres(
  "device whose lease is got as the gateway stops is not begun there, and is free",
  async () => {
    await using fleet = await fleetOfStores();
    const device = aDevice({ wanted: true });
    await fleet.store.devices.create(device);
    const { membership } = await fleet.enter("a");
    const { leases } = fleet.store;
    const got = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const told: string[] = [];
    const clock = createManualClock();
    const holding = createHolding({
      ...fleet.store,
      membership,
      clock,
      elapsed: clock.now,
      leases: {
        ...leases,
        async claim(...asked) {
          const taken = await leases.claim(...asked);
          got.resolve();
          await answer.promise;
          return taken;
        },
      },
    });

    await holding.start({
      begin: () => Promise.resolve(void told.push("begin")),
      release: () => Promise.resolve(),
      cut: () => {},
    });
    await got.promise;
    await holding.stop(); // it hands over what it has, which is nothing yet
    answer.resolve();

    await until(async () => (await leases.get(leaseOf(device.id)))?.holder === null, "the lease to be free");
    assertEquals([told, holding.held()], [[], []]);
  },
);
