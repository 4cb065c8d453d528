import { assertEquals } from "@std/assert";
import { besetBySlowness } from "../soak/slow_clients.ts";

const CLIENTS = 1_000;

Deno.test("gateway serves others while a thousand clients are slow and most receivers hang", async () => {
  const report = await besetBySlowness(CLIENTS);

  // all is delivered before any of the slow ones has said what it wants
  assertEquals([report.delivered, report.slowClientsServed], [60, CLIENTS]);
});
