import { assertEquals } from "@std/assert";
import { FORMAT_NAMES, isFormatName } from "../../src/formats/mod.ts";
import { said } from "./golden/examples.ts";

const folder = new URL("golden/", import.meta.url);
const recorded = [...Deno.readDirSync(folder)].flatMap(({ name }) =>
  /^every_(.+)\.txt$/.exec(name)?.[1] ?? []
);

Deno.test("golden files belong to formats that exist, and the first formats have theirs", () => {
  assertEquals(recorded.filter((name) => !isFormatName(name)), []);
  assertEquals(FORMAT_NAMES.slice(0, 4).filter((name) => !recorded.includes(name)), []);
});

for (const format of recorded.filter(isFormatName)) {
  Deno.test(`${format} says every event just as its golden file has it`, async () => {
    const golden = await Deno.readTextFile(new URL(`every_${format}.txt`, folder));

    const lines = said(format);

    assertEquals(lines, golden.trimEnd().split("\n"));
  });
}
