import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/async/clock.ts";

/** Long enough to share a timer. */
const SHARED_MS = 100;

Deno.test("waits of one length end in their order, but for those that were cancelled", async () => {
  const ended: string[] = [];
  const last = Promise.withResolvers<void>();
  systemClock.after(SHARED_MS, () => ended.push("a"));
  const cancelled = systemClock.after(SHARED_MS, () => ended.push("b"));
  systemClock.after(SHARED_MS, () => {
    ended.push("c");
    alsoCancelled.cancel();
  });
  const alsoCancelled = systemClock.after(SHARED_MS, () => ended.push("d"));
  systemClock.after(SHARED_MS, last.resolve);

  cancelled.cancel();
  await last.promise;

  assertEquals(ended, ["a", "c"]);
});

Deno.test("waits of one length that begin later end later", async () => {
  const ended: number[] = [];
  const begun = performance.now();
  const both = Promise.withResolvers<void>();
  systemClock.after(SHARED_MS, () => {
    systemClock.after(SHARED_MS, () => {
      ended.push(performance.now() - begun);
      both.resolve();
    });
  });

  await both.promise;

  assertEquals(ended.map((ms) => ms >= 2 * SHARED_MS - 2), [true]);
});

Deno.test("waits begin anew when all of their length were cancelled", async () => {
  systemClock.after(SHARED_MS, () => {}).cancel();

  await new Promise<void>((resolve) => systemClock.after(SHARED_MS, resolve));
});
