import { assertEquals, assertRejects } from "@std/assert";
import { createShared } from "../../src/async/shared.ts";

Deno.test("shared work is done once for those who ask for it meanwhile, and again afterwards", async () => {
  const shared = createShared<number>();
  let times = 0;
  const work = async () => {
    const time = ++times;
    await Promise.resolve();
    return time;
  };

  const together = await Promise.all([shared("a", work), shared("a", work), shared("b", work)]);
  const later = await shared("a", work);

  assertEquals(together, [1, 1, 2]);
  assertEquals(later, 3);
});

Deno.test("shared work that fails does so for all who asked, and is tried again for the next", async () => {
  const shared = createShared<string>();
  const failing = () => Promise.reject(new Error("away"));

  const both = [shared("a", failing), shared("a", () => Promise.resolve("never begun"))];
  for (const one of both) await assertRejects(() => one, Error, "away");

  assertEquals(await shared("a", () => Promise.resolve("there")), "there");
});
