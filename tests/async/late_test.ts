import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { createLate } from "../../src/async/late.ts";

Deno.test("what is late is loaded once, when somebody asks for it", async () => {
  let loads = 0;
  const late = createLate(() => Promise.resolve({ load: ++loads }));

  const before = late.now();
  const both = await Promise.all([late.loaded(), late.loaded()]);

  assertEquals([before, loads], [undefined, 1]);
  assertStrictEquals(both[0], both[1]);
  assertStrictEquals(late.now(), both[0]);
});

Deno.test("what could not be loaded is loaded again for whoever asks next", async () => {
  let loads = 0;
  const late = createLate(() => ++loads === 1 ? Promise.reject(new Error("no")) : Promise.resolve(loads));

  await assertRejects(() => late.loaded(), Error, "no");

  assertEquals([late.now(), await late.loaded(), late.now()], [undefined, 2, 2]);
});
