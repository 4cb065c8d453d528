import { assertEquals, assertRejects } from "@std/assert";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import { LeaseLostError } from "../../../src/errors.ts";
import type { HeldLease } from "../../../src/store/leases.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Open, testing } from "./contract.ts";
import { aGateway } from "./gateways.ts";
import { aDevice, aDraft, aMessage, anInboxMessage, T0 } from "./samples.ts";

const DEVICES = { prefix: "device/", limit: 10, patienceMs: 60_000 };

export function leasesContract(name: string, open: Open): void {
  const test = testing(`${name} leases`, open);

  test("that are wanted are claimed once, as many as asked for", async ({ gateways, leases }) => {
    await gateways.join(aGateway("a"));
    await leases.want(["device/1", "device/2", "device/3", "task/sweep"], true);
    await leases.want(["device/2"], false);

    const first = await leases.claim("a", { ...DEVICES, limit: 1 });
    const second = await leases.claim("a", DEVICES);
    const third = await leases.claim("a", DEVICES);

    assertEquals(first, [{ name: "device/1", holder: "a", epoch: 1 }]);
    assertEquals(second, [{ name: "device/3", holder: "a", epoch: 1 }]);
    assertEquals(third, []);
  });

  test("are not given to a gateway that is not entered", async ({ leases }) => {
    await leases.want(["device/1"], true);

    const claimed = await leases.claim("gone", DEVICES);
    const taken = await leases.take("device/1", "gone");

    assertEquals([claimed, taken], [[], undefined]);
    assertEquals((await leases.get("device/1"))?.holder, null);
  });

  test("that are given back go to whom they prefer, and to anybody after a while", async (store) => {
    const { gateways, leases } = store;
    await gateways.join(aGateway("a"));
    const held = await leases.take("device/1", "a");
    await leases.giveBack([held!], "b");

    const refused = await leases.claim("a", DEVICES);
    const patient = await leases.claim("a", { ...DEVICES, patienceMs: 0 });

    assertEquals(refused, []);
    assertEquals(patient.map(({ epoch }) => epoch), [held!.epoch + 2]);
  });

  test("that prefer a gateway are the first that it takes", async ({ gateways, leases }) => {
    await gateways.join(aGateway("a"));
    await leases.want(["device/1", "device/2"], true);
    const handed = await leases.take("device/3", "a");
    await leases.giveBack([handed!], "a");

    const claimed = await leases.claim("a", { ...DEVICES, limit: 1 });

    assertEquals(claimed.map(({ name }) => name), ["device/3"]);
  });

  test("cannot be given back by who has lost them", async ({ gateways, leases }) => {
    await gateways.join(aGateway("a"));
    const old = await leases.take("device/1", "a") as HeldLease;
    await leases.giveBack([old]);
    const now = await leases.take("device/1", "a") as HeldLease;

    await leases.giveBack([old]);

    assertEquals(await leases.stillHeld([old, now]), [now]);
  });

  test("that are held are given to their holder again, and to nobody else", async ({ gateways, leases }) => {
    await gateways.join(aGateway("a"));
    const held = await leases.take("task/sweep", "a");

    const again = await leases.take("task/sweep", "a");

    assertEquals(again, held);
  });

  test("are listed by their prefix, and vanish when they are removed", async ({ leases }) => {
    await leases.want(["device/2", "device/1", "task/sweep"], true);

    const listed = await leases.list("device/");
    await leases.remove("device/1");

    assertEquals(
      listed,
      ["device/1", "device/2"].map((name) => ({
        name,
        holder: null,
        epoch: 0,
        wanted: true,
        prefer: null,
      })),
    );
    assertEquals((await leases.list("device/")).map(({ name }) => name), ["device/2"]);
  });

  async function aHeldDevice(store: Store): Promise<{ readonly id: string; readonly lease: HeldLease }> {
    const device = aDevice();
    await store.devices.create(device);
    await store.gateways.join(aGateway("a"));
    const lease = await store.leases.take(`device/${device.id}`, "a");
    return { id: device.id, lease: lease! };
  }

  test("let their holder write", async (store) => {
    const { id, lease } = await aHeldDevice(store);
    const own = store.fenced(lease);

    await own.credentials.save(id, "creds");
    await own.credentials.setKeys(id, [{ type: "session", id: "x", value: "1" }]);
    await own.inbox.journal([anInboxMessage(id)]);
    await own.devices.update(id, { status: "connected" }, T0);
    const appended = await own.events.append(aDraft(), [], T0);

    assertEquals(await store.credentials.load(id), "creds");
    assertEquals((await store.credentials.keys(id, "session", ["x"])).get("x"), "1");
    assertEquals((await store.inbox.unpublished(id, 5)).length, 1);
    assertEquals((await store.devices.get(id))?.status, "connected");
    assertEquals(appended.duplicate, false);
  });

  test("that are lost refuse every write of a session, and store nothing of it", async (store) => {
    const { id, lease } = await aHeldDevice(store);
    const own = store.fenced(lease);
    const message = aMessage({ deviceId: id });
    await store.messages.create(message);
    await store.leases.giveBack([lease]);
    await store.leases.take(lease.name, "a"); // the same gateway may have it anew: the epoch counts

    const writes: readonly (() => Promise<unknown>)[] = [
      () => own.credentials.save(id, "creds"),
      () => own.credentials.setKeys(id, [{ type: "session", id: "x", value: "1" }]),
      () => own.inbox.journal([anInboxMessage(id)]),
      () => own.inbox.keep([anInboxMessage(id)]),
      () => own.chatReads.note(id, [{ what: "until", chat: "a@g.us", at: T0 }]),
      () => own.devices.update(id, { status: "connected" }, T0),
      () => own.events.append(aDraft(), [], T0),
      () => own.messages.change(message.id, () => ({ status: "sent" }), T0),
    ];
    for (const write of writes) await assertRejects(write, LeaseLostError, lease.name);

    assertEquals(await store.credentials.load(id), undefined);
    assertEquals((await store.credentials.keys(id, "session", ["x"])).size, 0);
    assertEquals(await store.inbox.unpublished(id, 5), []);
    assertEquals((await store.devices.get(id))?.status, "needs_pairing");
    assertEquals((await store.events.range(DEFAULT_TENANT)).newest, 0);
    assertEquals((await store.messages.get(message.id))?.status, "queued");
  });

  test("that are lost do not keep others that write at the same time from it", async (store) => {
    const { id, lease } = await aHeldDevice(store);
    const stale = store.fenced({ ...lease, epoch: lease.epoch - 1 });

    const [bad, good] = await Promise.allSettled([
      stale.events.append(aDraft(), [], T0),
      store.events.append(aDraft(), [], T0),
      store.fenced(lease).credentials.save(id, "creds"),
    ]);

    assertEquals([bad.status, good.status], ["rejected", "fulfilled"]);
    assertEquals((await store.events.range(DEFAULT_TENANT)).newest, 1);
    assertEquals(await store.credentials.load(id), "creds");
  });
}
