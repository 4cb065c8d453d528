import { assertEquals } from "@std/assert";
import { nextProbeAt } from "../../src/webhooks/probe_schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

Deno.test("probes follow 5 min, 30 min, 2 h, 5 h, then every 12 h up to 3 days", () => {
  const probes: number[] = [];
  for (let at = nextProbeAt(0, 0, 1); at !== undefined; at = nextProbeAt(0, at, 1)) probes.push(at);

  assertEquals(probes.slice(0, 4), [5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR]);
  assertEquals(probes.slice(4).map((at) => at / HOUR), [17, 29, 41, 53, 65]);
});

Deno.test("probes count from when the endpoint was given up", () => {
  assertEquals(nextProbeAt(1_000_000, 1_000_000, 1), 1_000_000 + 5 * MINUTE);
});

Deno.test("probes missed while the gateway was down are left out", () => {
  assertEquals(nextProbeAt(0, 6 * HOUR, 1), 17 * HOUR);
});

Deno.test("probes end after 3 days", () => {
  assertEquals(nextProbeAt(0, 72 * HOUR, 1), undefined);
});

Deno.test("probes are scaled", () => {
  assertEquals(nextProbeAt(0, 0, 0.01), 3_000);
});
