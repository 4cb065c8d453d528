import { assertEquals } from "@std/assert";
import type { DeviceCall } from "../../../src/store/calls.ts";
import { type Open, testing } from "./contract.ts";
import { aGateway } from "./gateways.ts";

function aCall(id: string, deviceId = "device_1"): DeviceCall {
  return { id, deviceId, kind: "groups.list", request: '{"page":1}' };
}

export function callsContract(name: string, open: Open): void {
  const test = testing(`${name} calls`, open);

  test("are taken once, by who holds the device, oldest first, and answered", async ({ calls, gateways }) => {
    await gateways.join(aGateway("a"));
    for (const call of [aCall("c2"), aCall("c1"), aCall("c3", "device_2")]) await calls.ask(call, 60_000);

    const taken = await calls.take("a", ["device_1"], 5);
    const again = await calls.take("a", ["device_1"], 5);
    const answered = await calls.answer("c2", "a", '{"groups":[]}');

    assertEquals(taken, [aCall("c2"), aCall("c1")]);
    assertEquals([again, answered], [[], true]);
    assertEquals(await calls.outcome("c2"), { state: "done", answer: '{"groups":[]}' });
    assertEquals(await calls.outcome("c1"), { state: "taken", answer: null });
    assertEquals(await calls.outcome("c3"), { state: "asked", answer: null });
    assertEquals(await calls.outcome("c4"), undefined);
  });

  test("are answered by nobody but who took them", async ({ calls, gateways }) => {
    await gateways.join(aGateway("a"));
    await calls.ask(aCall("c1"), 60_000);
    await calls.take("a", ["device_1"], 5);

    assertEquals(await calls.answer("c1", "b", "{}"), false);
    assertEquals((await calls.outcome("c1"))?.state, "taken");
  });

  test("are not begun once their time has run out, and are forgotten", async ({ calls, gateways }) => {
    await gateways.join(aGateway("a"));
    await calls.ask(aCall("late"), -1);
    await calls.ask(aCall("soon"), 60_000);

    const taken = await calls.take("a", ["device_1"], 5);
    const outcome = await calls.outcome("late");
    const pruned = await calls.prune(0, 10);

    assertEquals(taken.map(({ id }) => id), ["soon"]);
    assertEquals(outcome, { state: "lost", answer: null });
    assertEquals([pruned, await calls.outcome("late")], [1, undefined]);
  });
}
