import { assertEquals } from "@std/assert";
import { DEFAULT_TENANT } from "../../../src/ids.ts";
import type { AttemptHour, EventHour } from "../../../src/store/hours.ts";
import { type Open, testing } from "./contract.ts";

const attempts = (webhookId: string, hour: number, first: number): AttemptHour => ({
  webhookId,
  hour,
  first,
  retried: 1,
  failed: 2,
  durations: [first, 0, 0, 3, 0, 0, 0, 0, 1],
});
const events = (hour: number, type: string, count: number, deviceId: string | null = null): EventHour => ({
  tenantId: DEFAULT_TENANT,
  deviceId,
  type,
  hour,
  count,
});

export function hoursContract(name: string, open: Open): void {
  const test = testing(`${name} hours`, open);

  test("add up what is counted of a webhook, hour by hour", async ({ hours }) => {
    await hours.add({ attempts: [attempts("wh_1", 10, 5), attempts("wh_2", 10, 7)], events: [] });
    await hours.add({ attempts: [attempts("wh_1", 10, 1), attempts("wh_1", 12, 4)], events: [] });

    const one = await hours.attempts(["wh_1"], { from: 10, to: 13 });
    const both = await hours.attempts(["wh_1", "wh_2"], { from: 10, to: 12 });

    assertEquals(one, [
      { hour: 10, first: 6, retried: 2, failed: 4, durations: [6, 0, 0, 6, 0, 0, 0, 0, 2] },
      { hour: 12, first: 4, retried: 1, failed: 2, durations: [4, 0, 0, 3, 0, 0, 0, 0, 1] },
    ]);
    assertEquals(both.map(({ hour, first }) => [hour, first]), [[10, 13]]);
    assertEquals(await hours.attempts([], { from: 0, to: 99 }), []);
  });

  test("add up events by device", async ({ hours }) => {
    await hours.add({
      attempts: [],
      events: [
        events(6, "message.received", 50, "device_1"),
        events(7, "message.received", 3, "device_1"),
        events(8, "message.sent", 2, "device_1"),
        events(7, "message.received", 4, "device_2"),
        events(7, "device.qr", 9, "device_3"),
        events(7, "message.received", 9),
        { ...events(7, "message.received", 9, "device_4"), tenantId: "tenant_other" },
      ],
    });
    const types = ["message.received", "message.sent"];

    const counts = await hours.eventsByDevice({ tenantId: DEFAULT_TENANT, types }, { from: 7, to: 9 });
    const none = await hours.eventsByDevice({ tenantId: DEFAULT_TENANT, types: [] }, { from: 7, to: 9 });

    assertEquals([...counts].toSorted(), [["device_1", 5], ["device_2", 4]]);
    assertEquals([...none], []);
  });

  test("add up events by type, of all devices or of one", async ({ hours }) => {
    await hours.add({
      attempts: [],
      events: [
        events(7, "message.received", 3, "device_1"),
        events(7, "message.received", 4, "device_2"),
        events(7, "message.sent", 9),
        events(7, "device.qr", 1),
      ],
    });
    await hours.add({ attempts: [], events: [events(7, "message.received", 1, "device_1")] });
    const types = ["message.received", "message.sent"];

    const all = await hours.events({ tenantId: DEFAULT_TENANT, types }, { from: 7, to: 8 });
    const one = await hours.events({ tenantId: DEFAULT_TENANT, deviceId: "device_1", types }, {
      from: 7,
      to: 8,
    });

    assertEquals(all.toSorted((a, b) => b.count - a.count), [
      { hour: 7, type: "message.sent", count: 9 },
      { hour: 7, type: "message.received", count: 8 },
    ]);
    assertEquals(one, [{ hour: 7, type: "message.received", count: 4 }]);
    assertEquals(await hours.events({ tenantId: "tenant_other", types }, { from: 0, to: 99 }), []);
  });

  test("are removed once they are old", async ({ hours }) => {
    await hours.add({
      attempts: [attempts("wh_1", 5, 1), attempts("wh_1", 6, 1)],
      events: [events(5, "a.b", 1)],
    });

    const removed = await hours.prune(6, 100);

    assertEquals(removed, 2);
    assertEquals((await hours.attempts(["wh_1"], { from: 0, to: 99 })).map(({ hour }) => hour), [6]);
  });
}
