import { assertEquals } from "@std/assert";
import { FairRound, type Waiting } from "../../src/webhooks/fair_round.ts";

interface Item extends Waiting {
  readonly name: string;
}

function item(name: string, tenantId: string, origin = "https://a.example"): Item {
  return { name, tenantId, origin };
}

const anybody = () => true;

Deno.test("round gives each tenant a turn, however many webhooks one has", () => {
  const round = new FairRound<Item>();
  for (const name of ["s1", "s2", "s3", "s4"]) round.add(item(name, "s"));
  round.add(item("d1", "d"));
  round.add(item("e1", "e"));

  const names = Array.from({ length: 6 }, () => round.take(anybody)?.name);

  assertEquals(names, ["s1", "d1", "e1", "s2", "s3", "s4"]);
  assertEquals([round.size, round.take(anybody)], [0, undefined]);
});

Deno.test("round passes over a tenant that may not start", () => {
  const round = new FairRound<Item>();
  round.add(item("s1", "s"));
  round.add(item("d1", "d"));

  assertEquals(round.take((tenantId) => tenantId !== "s")?.name, "d1");
  assertEquals([round.take((tenantId) => tenantId !== "s"), round.size], [undefined, 1]);
});

Deno.test("round sets aside what waits for its origin until a request of its tenant there has ended", () => {
  const round = new FairRound<Item>();
  const first = item("s1", "s");
  round.park(first);
  round.park(item("s2", "s"));

  round.unpark(item("other tenant", "d"));
  round.unpark(item("other origin", "s", "https://b.example"));
  const before = round.take(anybody);
  round.unpark(first);

  assertEquals([before, round.take(anybody)?.name, round.size], [undefined, "s1", 0]);
});
