import { assertEquals } from "@std/assert";
import type { NewGateway } from "../../../src/store/gateways.ts";
import { type Open, testing } from "./contract.ts";
import { T0 } from "./samples.ts";

export function aGateway(id: string, change: Partial<NewGateway> = {}): NewGateway {
  return {
    id,
    name: "host-a",
    roles: "http,devices,deliveries",
    weight: 1,
    settingsDigest: "d1",
    version: "1.0.0",
    startedAt: T0,
    ...change,
  };
}

export function gatewaysContract(name: string, open: Open): void {
  const test = testing(`${name} gateways`, open);

  test("are listed as they joined, with their counters", async ({ gateways }) => {
    await gateways.join(aGateway("a"));

    const beats = [await gateways.beat("a"), await gateways.beat("a")];
    const drained = await gateways.setDraining("a", true);

    assertEquals([...beats, drained], [true, true, true]);
    assertEquals(await gateways.all(), [{ ...aGateway("a"), beat: 2, draining: true }]);
  });

  test("that are not entered cannot beat", async ({ gateways }) => {
    assertEquals([await gateways.beat("a"), await gateways.setDraining("a", true)], [false, false]);
  });

  test("are removed only where their counter was seen to stand still", async ({ gateways }) => {
    await gateways.join(aGateway("a"));
    await gateways.beat("a");

    const early = await gateways.remove("a", 0);
    const late = await gateways.remove("a", 1);
    const again = await gateways.remove("a");

    assertEquals([early, late, again], [false, true, false]);
    assertEquals(await gateways.all(), []);
  });

  test("begin anew in the place of their earlier incarnation", async ({ gateways, leases }) => {
    await gateways.join(aGateway("a"));
    await leases.take("device/1", "a");

    await gateways.join(aGateway("b"), "a");

    assertEquals((await gateways.all()).map(({ id }) => id), ["b"]);
    assertEquals((await leases.get("device/1"))?.holder, null);
  });

  test("let go of their leases and their calls when they are removed", async ({ gateways, leases, calls }) => {
    await gateways.join(aGateway("a"));
    const held = await leases.take("device/1", "a");
    await calls.ask({ id: "call_1", deviceId: "1", kind: "groups", request: "{}" }, 60_000);
    await calls.take("a", ["1"], 5);

    await gateways.remove("a");

    const lease = await leases.get("device/1");
    assertEquals([lease?.holder, lease?.epoch], [null, (held?.epoch ?? 0) + 1]);
    assertEquals(await calls.outcome("call_1"), { state: "lost", answer: null });
  });
}
