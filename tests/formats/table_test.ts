import { assert } from "@std/assert";
import { formatsTable } from "../../src/formats/table.ts";

Deno.test("README lists the payload formats as they are", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));

  assert(readme.includes(formatsTable()), "run `deno task readme` to bring the table up to date");
});
