import { assertEquals } from "@std/assert";
import { createTurns } from "../../src/async/places.ts";
import { createManualClock, settled } from "../support/manual_clock.ts";

function setUp() {
  const clock = createManualClock();
  const turn = createTurns({ places: 2, longestMs: 3_000, clock });
  const begun: string[] = [];
  const take = (name: string) =>
    turn().then((giveBack) => {
      begun.push(name);
      return giveBack;
    });
  return { take, begun, clock };
}

Deno.test("turns let as many begin as there are places", async () => {
  const { take, begun } = setUp();

  void take("a");
  void take("b");
  void take("c");
  await settled();

  assertEquals(begun, ["a", "b"]);
});

Deno.test("turns go to who waits longest, however often one is given back", async () => {
  const { take, begun } = setUp();
  const giveBack = await take("a");
  void take("b");
  void take("c");
  void take("d");

  giveBack();
  giveBack();
  await settled();

  assertEquals(begun, ["a", "b", "c"]);
});

Deno.test("turns of those who take too long go on", async () => {
  const { take, begun, clock } = setUp();
  void take("a");
  void take("b");
  void take("c");
  await clock.advance(2_999);
  const before = [...begun];

  await clock.advance(1);

  assertEquals([before, begun], [["a", "b"], ["a", "b", "c"]]);
});
