import { assertEquals, assertLess } from "@std/assert";
import { besetBySlowness } from "../soak/slow_clients.ts";

const CLIENTS = 1_000;

Deno.test("gateway serves others while a thousand clients are slow and most receivers hang", async () => {
  const report = await besetBySlowness(CLIENTS);

  assertEquals([report.delivered, report.slowClientsServed], [60, CLIENTS]);
  assertLess(report.slowestRequestMs, 2_000);
  assertLess(report.slowestDeliveryMs, 5_000);
});
