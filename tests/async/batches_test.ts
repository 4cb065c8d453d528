import { assertEquals, assertRejects } from "@std/assert";
import { createBatches } from "../../src/async/batches.ts";

function setUp(limit = 10) {
  const taken: number[][] = [];
  let work: () => Promise<void> = () => Promise.resolve();
  const batches = createBatches<number>((items) => {
    taken.push([...items]);
    return work();
  }, { limit });
  return { batches, taken, setWork: (change: typeof work) => work = change };
}

Deno.test("batches hand over what came meanwhile together, in order", async () => {
  const { batches, taken, setWork } = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  setWork(() => promise);
  const first = batches.push([1]);
  await Promise.resolve();
  await Promise.resolve();
  const others = [batches.push([2, 3]), batches.push([4])];

  resolve();
  await Promise.all([first, ...others]);

  assertEquals(taken, [[1], [2, 3, 4]]);
});

Deno.test("batches keep to their limit, but take one that is larger alone", async () => {
  const { batches, taken } = setUp(2);

  await Promise.all([batches.push([1]), batches.push([2]), batches.push([3]), batches.push([4, 5, 6])]);

  assertEquals(taken, [[1, 2], [3], [4, 5, 6]]);
});

Deno.test("batches fail those who pushed, and go on", async () => {
  const { batches, setWork } = setUp();
  setWork(() => Promise.reject(new Error("no")));
  await assertRejects(() => batches.push([1]), Error, "no");
  setWork(() => Promise.resolve());

  await batches.push([2]);
});

Deno.test("batches that are closed fail what waits and what comes", async () => {
  const { batches } = setUp();
  const waiting = batches.push([1]);

  batches.close(new Error("over"));

  await assertRejects(() => waiting, Error, "over");
  await assertRejects(() => batches.push([2]), Error, "over");
  await batches.idle();
});
