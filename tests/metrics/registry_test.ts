import { assertEquals } from "@std/assert";
import { createRegistry } from "../../src/metrics/registry.ts";

Deno.test("registry tells counters by their labels", async () => {
  const registry = createRegistry();
  const counter = registry.counter("things_total", "Things, by kind.");

  counter.add({ kind: "a" });
  counter.add({ kind: "b" }, 2);
  counter.add({ kind: "a" });

  assertEquals(
    await registry.text(),
    '# HELP things_total Things, by kind.\n# TYPE things_total counter\nthings_total{kind="a"} 2\nthings_total{kind="b"} 2\n',
  );
});

Deno.test("registry tells histograms in buckets that hold the smaller ones", async () => {
  const registry = createRegistry();
  const histogram = registry.histogram("wait_seconds", "Waits.", [0.1, 1]);

  for (const seconds of [0.1, 0.5, 7]) histogram.observe(seconds);

  assertEquals((await registry.text()).split("\n").slice(2), [
    'wait_seconds_bucket{le="0.1"} 1',
    'wait_seconds_bucket{le="1"} 2',
    'wait_seconds_bucket{le="+Inf"} 3',
    "wait_seconds_sum 7.6",
    "wait_seconds_count 3",
    "",
  ]);
});

Deno.test("registry looks observed values up when it is asked", async () => {
  const registry = createRegistry();
  let value = 1;
  registry.observed("depth", "Depth.", () => Promise.resolve([{ value }]));
  value = 2;

  assertEquals(await registry.text(), "# HELP depth Depth.\n# TYPE depth gauge\ndepth 2\n");
});

Deno.test("registry leaves out what has no values yet", async () => {
  const registry = createRegistry();
  registry.counter("nothing_total", "Nothing.");

  assertEquals(await registry.text(), "\n");
});

Deno.test("registry escapes values of labels", async () => {
  const registry = createRegistry();
  registry.counter("odd_total", "Odd.").add({ name: 'a"b\\c\nd' });

  assertEquals((await registry.text()).split("\n")[2], 'odd_total{name="a\\"b\\\\c\\nd"} 1');
});
