import { assertEquals, assertRejects } from "@std/assert";
import { createInTurn } from "../../src/async/keyed_lock.ts";

Deno.test("turns of one name come one after the other, those of others pass", async () => {
  const inTurn = createInTurn();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = inTurn("a", async () => {
    await gate.promise;
    seen.push("a1");
  });
  const second = inTurn("a", () => Promise.resolve(seen.push("a2")));

  await inTurn("b", () => Promise.resolve(seen.push("b1")));
  gate.resolve();
  await Promise.all([first, second]);

  assertEquals(seen, ["b1", "a1", "a2"]);
});

Deno.test("turn comes after a failure, too", async () => {
  const inTurn = createInTurn();
  const failing = inTurn("a", () => Promise.reject(new TypeError("no")));
  const next = inTurn("a", () => Promise.resolve("done"));

  await assertRejects(() => failing, TypeError);
  assertEquals(await next, "done");
});
