import { assertEquals, assertRejects } from "@std/assert";
import {
  BusyError,
  InvalidError,
  NotFoundError,
  RefusedError,
  StoreUnavailableError,
} from "../../src/errors.ts";
import { createDeviceCalls, type DeviceCalls, type Perform } from "../../src/fleet/calls.ts";
import type { DeviceId } from "../../src/ids.ts";
import { WhatsAppRefusal } from "../../src/whatsapp/actions.ts";
import { until } from "../support/until.ts";
import { fleetOfStores } from "../support/fleet_of_stores.ts";
import { testWithPostgres } from "../support/postgres.ts";

const DEVICE = "device_1" as DeviceId;

/** A gateway that asks, and two that may hold a device: the one that `holds` names. */
async function setUp() {
  const fleet = await fleetOfStores();
  const { store } = fleet;
  const holds = { id: "holder" };
  const sides = new Map<string, DeviceCalls>();
  for (const id of ["asker", "holder", "other"]) {
    await fleet.enter(id);
    const held = () => id === holds.id ? [DEVICE] : [];
    sides.set(id, createDeviceCalls({ ...store, holder: () => id, held }));
  }
  const [asker, holder, other] = [...sides.values()];
  return {
    store,
    holds,
    asker,
    holder,
    other,
    async [Symbol.asyncDispose]() {
      for (const side of sides.values()) await side.stop(5_000);
      await fleet[Symbol.asyncDispose]();
    },
  };
}

function told({ name, message }: Error) {
  return { name, message };
}

testWithPostgres(
  "holder of a device does what another gateway asks, once, and its answer comes back",
  async () => {
    await using fleet = await setUp();
    const done: unknown[] = [];
    const perform: Perform = (deviceId, kind, args) => {
      done.push([deviceId, kind, args]);
      return Promise.resolve(kind === "map" ? new Map([["a", true]]) : { told: args });
    };
    fleet.holder.start(perform);

    const [plain, map, nothing] = await Promise.all([
      fleet.asker.ask(DEVICE, "plain", [1, "two"]),
      fleet.asker.ask(DEVICE, "map", []),
      fleet.asker.ask(DEVICE, "plain", []),
    ]);

    assertEquals([plain, map, nothing], [{ told: [1, "two"] }, new Map([["a", true]]), { told: [] }]);
    assertEquals(done.length, 3);
  },
);

testWithPostgres("call is taken by who holds the device, whoever else looks", async () => {
  await using fleet = await setUp();
  const done: string[] = [];
  const doing = (name: string): Perform => () => {
    done.push(name);
    return Promise.resolve(null);
  };
  fleet.other.start(doing("other"));
  fleet.holder.start(doing("holder"));

  await Promise.all(Array.from({ length: 20 }, () => fleet.asker.ask(DEVICE, "plain", [])));

  assertEquals(done, Array.from({ length: 20 }, () => "holder"));
});

testWithPostgres("what a call threw is thrown where it was asked for, as what it was", async () => {
  const errors: readonly Error[] = [
    new NotFoundError("message", "m1"),
    new InvalidError("to", "Field `to` is no number"),
    new RefusedError("INVALID_RECIPIENT", "Cannot read the group"),
    new BusyError("Cannot send now", 7),
    new WhatsAppRefusal("WhatsApp refuses it", 403),
    new StoreUnavailableError("Cannot use the store"),
    new Error("anything else"),
  ];
  await using fleet = await setUp();
  fleet.holder.start((_device, _kind, [index]) => Promise.reject(errors[Number(index)]));

  const thrown = await Promise.all(
    errors.map((_, index) => fleet.asker.ask(DEVICE, "fails", [index]).catch((error: unknown) => error)),
  );

  const shown = (error: unknown) => ({ ...error as Error, ...told(error as Error) });
  assertEquals(thrown.map(shown), errors.map(shown));
});

testWithPostgres("call that nobody answers in time is not known to be done", async () => {
  await using fleet = await setUp();

  const error = await assertRejects(
    () => fleet.asker.ask(DEVICE, "plain", [], { answerWithinMs: 300 }),
    StoreUnavailableError,
  );

  assertEquals(
    error.message,
    `Cannot reach the gateway that holds "${DEVICE}": it did not answer, so it is not known whether it did it`,
  );
});

testWithPostgres("call whose holder dies in the middle of it is given up, and not done again", async () => {
  await using fleet = await setUp();
  const begun: string[] = [];
  const end = Promise.withResolvers<void>();
  fleet.holder.start(async () => {
    begun.push("holder");
    await end.promise;
  });
  const asked = fleet.asker.ask(DEVICE, "plain", []).catch((error: unknown) => error);
  await until(() => begun.length === 1, "the call to begin");

  await fleet.store.gateways.remove("holder");
  fleet.holds.id = "other";
  fleet.other.start(() => {
    begun.push("other");
    return Promise.resolve(null);
  });
  const error = await asked;
  end.resolve();

  assertEquals(error instanceof StoreUnavailableError, true);
  assertEquals(begun, ["holder"]);
});

testWithPostgres("gateway that stops finishes the calls that it has begun", async () => {
  await using fleet = await setUp();
  const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  fleet.holder.start(async () => {
    begun.resolve();
    await end.promise;
    return "done";
  });
  const asked = fleet.asker.ask(DEVICE, "plain", []);
  await begun.promise;

  const stopped = fleet.holder.stop(10_000);
  end.resolve();

  assertEquals(await asked, "done");
  await stopped;
});
