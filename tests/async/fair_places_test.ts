import { assertEquals, assertRejects } from "@std/assert";
import { createFairPlaces, type FairPlaces } from "../../src/async/fair_places.ts";
import { settled } from "../support/manual_clock.ts";

/** Works that begin and end when the test says so. */
function setUp(places: FairPlaces) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    begin(who: string, name: string): void {
      void places.run(who, () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      });
    },
    async end(name: string): Promise<void> {
      ends.get(name)?.();
      await settled();
    },
  };
}

Deno.test("fair places let one have its share, and somebody with none in hand comes at once", () => {
  const { begun, begin } = setUp(createFairPlaces({ inAll: 4, ofOne: 3 }));

  for (const name of ["a1", "a2", "a3", "a4", "a5"]) begin("a", name);
  for (const name of ["b1", "b2", "c1", "d1", "d2"]) begin(name[0], name);

  assertEquals(begun, ["a1", "a2", "a3", "b1", "c1", "d1"]);
});

Deno.test("fair places never do more than twice as many at once, however many ask", () => {
  const { begun, begin } = setUp(createFairPlaces({ inAll: 4, ofOne: 3 }));

  for (let i = 0; i < 100; i++) begin(`who ${i}`, `work ${i}`);

  assertEquals(begun.length, 8);
});

Deno.test("fair places give turns to each, not to each work", async () => {
  const { begun, begin, end } = setUp(createFairPlaces({ inAll: 1, ofOne: 1 }));
  for (const name of ["a1", "a2", "a3", "b1", "b2", "b3", "c1"]) begin(name[0], name);

  for (const name of ["a1", "b1", "a2", "b2", "c1"]) await end(name);

  assertEquals(begun, ["a1", "b1", "a2", "b2", "c1", "a3", "b3"]);
});

Deno.test("fair places give a place back when its work fails", async () => {
  const places = createFairPlaces({ inAll: 1, ofOne: 1 });

  await assertRejects(() => places.run("a", () => Promise.reject(new Error("broken"))), Error, "broken");

  assertEquals(await places.run("a", () => Promise.resolve("works")), "works");
});

Deno.test("fair places refuse what has waited too long, and let the others in", async () => {
  const waited = Promise.withResolvers<void>();
  const clock = { now: () => 0, wait: () => waited.promise };
  const places = createFairPlaces({ inAll: 1, ofOne: 1, clock });
  const { begun, begin, end } = setUp(places);
  begin("a", "a1");
  const late = places.run("a", () => Promise.resolve(), { ms: 10, error: () => new Error("too late") });
  begin("a", "a2");

  waited.resolve();

  await assertRejects(() => late, Error, "too late");
  await end("a1");
  assertEquals(begun, ["a1", "a2"]);
});
