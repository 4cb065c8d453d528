import { assertEquals } from "@std/assert";
import { createHitCounter } from "../../src/async/hit_counter.ts";

Deno.test("hit counter forgets everybody when the minute is over", () => {
  let now = 1_000_000;
  const counter = createHitCounter(60_000, () => now);
  for (let i = 0; i < 1000; i++) counter.add(`tenant_${i}`);
  const before = counter.add("tenant_1");

  now += 60_000;
  const after = counter.of("tenant_1");

  assertEquals([before.count, after.count], [2, 0]);
  assertEquals(before.endsAt, 1_060_000);
});
