import { assertEquals } from "@std/assert";
import { holdsTooMany, leastLoaded, shareOf } from "../../src/fleet/share.ts";
import type { GatewayRow } from "../../src/store/gateways.ts";

function gateway(id: string, more: Partial<GatewayRow> = {}): GatewayRow {
  const about = { name: id, roles: "http,devices,deliveries", weight: 1, settingsDigest: "", version: "1" };
  return { id, ...about, startedAt: 0, beat: 0, draining: false, ...more };
}

Deno.test("share of a gateway is its part by weight of the devices that are wanted, rounded up", () => {
  const fleet = [gateway("a"), gateway("b"), gateway("c", { weight: 2 })];

  assertEquals(["a", "b", "c"].map((id) => shareOf(id, fleet, 30)), [8, 8, 15]);
});

Deno.test("share of a gateway that takes no devices is none, and is the others'", () => {
  const fleet = [gateway("a"), gateway("b", { draining: true }), gateway("c", { roles: "http" })];

  assertEquals(["a", "b", "c", "stranger"].map((id) => shareOf(id, fleet, 30)), [30, 0, 0, 0]);
});

Deno.test("gateway gives devices away when it has a tenth more than its share, and one at least", () => {
  assertEquals([holdsTooMany(11, 10), holdsTooMany(12, 10)], [false, true]);
  assertEquals([holdsTooMany(110, 100), holdsTooMany(111, 100)], [false, true]);
});

Deno.test("gateway of more weight is given a device first while nobody holds any", () => {
  const fleet = [gateway("a"), gateway("b", { weight: 3 }), gateway("c")];

  assertEquals(leastLoaded(fleet, new Map(), "c"), "b");
  assertEquals(leastLoaded(fleet, new Map([["b", 3]]), "c"), "a");
});

Deno.test("least loaded gateway is another that takes devices", () => {
  const fleet = [gateway("a"), gateway("b"), gateway("c", { weight: 4 }), gateway("d", { draining: true })];
  const held = new Map([["b", 3], ["c", 8]]);

  assertEquals([leastLoaded(fleet, held, "a"), leastLoaded([gateway("a")], held, "a")], ["c", undefined]);
});
