// Writes the table of settings into the README: `deno task readme`.
import { settingsTable } from "../../src/config.ts";

const path = new URL("../../README.md", import.meta.url);
const readme = await Deno.readTextFile(path);
const table = /(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/;
if (!table.test(readme)) throw new Error("Cannot find the place of the settings in README.md");
await Deno.writeTextFile(
  path,
  readme.replace(table, (_, open, close) => `${open}${settingsTable()}\n${close}`),
);
