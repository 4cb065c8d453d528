// Writes the tables of settings and payload formats into the README: `deno task readme`.
import { settingsTable } from "../../src/config.ts";
import { formatsTable } from "../../src/formats/table.ts";

const path = new URL("../../README.md", import.meta.url);
let readme = await Deno.readTextFile(path);
for (const [name, table] of [["settings", settingsTable()], ["formats", formatsTable()]] as const) {
  const place = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!place.test(readme)) throw new Error(`Cannot find the place of the ${name} in README.md`);
  readme = readme.replace(place, (_, open, close) => `${open}${table}\n${close}`);
}
await Deno.writeTextFile(path, readme);
