import { assertEquals } from "@std/assert";
import { remember, rememberKey } from "../../../src/simulator/wire/recent.ts";

Deno.test("remember forgets the oldest tenth when there are too many", () => {
  const list: number[] = [];

  for (let i = 0; i < 21; i++) remember(list, i, 20);

  assertEquals([list.length, list[0], list.at(-1)], [19, 2, 20]);
});

Deno.test("rememberKey forgets the oldest entry when there are too many", () => {
  const map = new Map<string, number>();

  for (const key of ["a", "b", "c"]) rememberKey(map, key, 1, 2);

  assertEquals([...map.keys()], ["b", "c"]);
});
