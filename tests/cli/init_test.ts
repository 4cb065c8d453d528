import { assertEquals, assertStringIncludes } from "@std/assert";
import { init } from "../../src/cli/init.ts";
import { withFolder } from "../store/temporary.ts";

/** What `kabar init` prints and ends with. */
async function run(path: string, force = false) {
  const printed: string[] = [];
  const code = await init(path, { force, print: (line) => printed.push(line) });
  return { code, said: printed.join("\n") };
}

Deno.test("init writes every setting once, and replaces a file only when asked to", () =>
  withFolder(async (folder) => {
    const path = `${folder}/kabar.env`;

    assertEquals((await run(path)).code, 0);
    assertStringIncludes(await Deno.readTextFile(path), "#PORT=3000");
    await Deno.writeTextFile(path, "PORT=1");
    assertStringIncludes((await run(path)).said, "it exists. --force replaces it");
    assertEquals(await Deno.readTextFile(path), "PORT=1");
    assertEquals((await run(path, true)).code, 0);
  }));

Deno.test("init says in words where it cannot write", () =>
  withFolder(async (folder) => {
    const { code, said } = await run(`${folder}/none/kabar.env`);

    assertEquals(code, 1);
    assertEquals(said, `Cannot write ${folder}/none/kabar.env: its folder does not exist`);
  }));
