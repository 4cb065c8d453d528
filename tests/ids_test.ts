import { assert, assertEquals, assertMatch } from "@std/assert";
import { newId } from "../src/ids.ts";

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

function timeOf(id: string): number {
  return [...id.slice("evt_".length, "evt_".length + 10)]
    .reduce((sum, digit) => sum * 32 + DIGITS.indexOf(digit), 0);
}

Deno.test("id is a prefix and a ULID of now", () => {
  const before = Date.now();

  const id = newId("evt");

  assertMatch(id, /^evt_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
  assert(before <= timeOf(id) && timeOf(id) <= Date.now());
});

Deno.test("ids are all different, and use every digit in every place", () => {
  const ids = Array.from({ length: 20_000 }, () => newId("msg"));

  assertEquals(new Set(ids).size, ids.length);
  for (let place = 14; place < 30; place++) {
    assertEquals(new Set(ids.map((id) => id[place])).size, 32);
  }
});
