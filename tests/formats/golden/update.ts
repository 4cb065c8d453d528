// Writes what the formats say of the examples now: `deno run -A tests/formats/golden/update.ts`, then read the diff.
import { FORMAT_NAMES } from "../../../src/formats/mod.ts";
import { said } from "./examples.ts";

for (const format of FORMAT_NAMES) {
  await Deno.writeTextFile(new URL(`every_${format}.txt`, import.meta.url), `${said(format).join("\n")}\n`);
}
