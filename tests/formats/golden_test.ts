import { assertEquals } from "@std/assert";
import { FORMAT_NAMES } from "../../src/formats/mod.ts";
import { EVENT_TYPES } from "../support/arbitrary_events.ts";
import { EXAMPLES, said } from "./golden/examples.ts";

Deno.test("golden examples have every type of event", () => {
  const types = new Set(Object.values(EXAMPLES).map(({ type }) => type));

  assertEquals(EVENT_TYPES.filter((type) => !types.has(type)), []);
});

for (const format of FORMAT_NAMES) {
  Deno.test(`${format} says every event just as its golden file has it`, async () => {
    const golden = await Deno.readTextFile(new URL(`golden/every_${format}.txt`, import.meta.url));

    const lines = said(format);

    assertEquals(lines, golden.trimEnd().split("\n"));
  });
}
