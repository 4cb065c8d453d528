import { assertEquals, assertGreater } from "@std/assert";
import { killAtRandom } from "../soak/random_kills.ts";

Deno.test("gateway killed at random under load loses nothing", async () => {
  const report = await killAtRandom({ rounds: 15 });

  assertEquals([report.vanished, report.undelivered], [[], []]);
  assertGreater(report.accepted, report.rounds);
});
