import { assertEquals } from "@std/assert";
import type { RateHits } from "../../../src/store/rate_counts.ts";
import { type Open, testing } from "./contract.ts";
import { T0 } from "./samples.ts";

const hits = (key: string, count: number, change: Partial<RateHits> = {}): RateHits => ({
  name: "requests",
  key,
  endsAt: T0,
  hits: count,
  ...change,
});

const byKey = (all: readonly RateHits[]) => all.toSorted((a, b) => a.key < b.key ? -1 : 1);

export function rateCountsContract(name: string, open: Open): void {
  const test = testing(`${name} rate counts`, open);

  test("add up what is counted, each name, key and window for itself", async ({ rateCounts }) => {
    await rateCounts.add([hits("a", 2), hits("b", 1)]);
    await rateCounts.add([hits("a", 10, { name: "wrong_keys" })]);
    await rateCounts.add([hits("a", 20, { endsAt: T0 + 60_000 })]);

    const totals = await rateCounts.add([hits("b", 4), hits("a", 3)]);

    assertEquals(byKey(totals), [hits("a", 5), hits("b", 5)]);
    assertEquals(await rateCounts.add([]), []);
  });

  test("lose nothing when many are added at once", async ({ rateCounts }) => {
    const added = Array.from(
      { length: 30 },
      (_, n) => rateCounts.add(n % 2 === 0 ? [hits("a", 1), hits("b", 1)] : [hits("b", 1), hits("a", 1)]),
    );
    await Promise.all(added);

    assertEquals(byKey(await rateCounts.add([hits("a", 0), hits("b", 0)])), [hits("a", 30), hits("b", 30)]);
  });

  test("have a clock that goes on", async ({ rateCounts }) => {
    const first = await rateCounts.now();
    const second = await rateCounts.now();

    assertEquals([Number.isInteger(first), second >= first], [true, true]);
  });

  test("are pruned once their window is over, in portions", async ({ rateCounts }) => {
    await rateCounts.add(["a", "b", "c"].map((key) => hits(key, 1)));
    await rateCounts.add([hits("d", 1, { endsAt: T0 + 60_000 })]);

    assertEquals([await rateCounts.prune(T0 + 1, 2), await rateCounts.prune(T0 + 1, 2)], [2, 1]);
    assertEquals(await rateCounts.add([hits("d", 1, { endsAt: T0 + 60_000 })]), [
      hits("d", 2, { endsAt: T0 + 60_000 }),
    ]);
  });
}
