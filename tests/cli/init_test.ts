import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { init } from "../../src/cli/init.ts";
import { CommandError } from "../../src/cli/verb.ts";
import { withFolder } from "../store/temporary.ts";

/** What `kabar init` prints. */
async function run(path: string, force = false): Promise<readonly string[]> {
  const printed: string[] = [];
  await init(path, { force, print: (line) => printed.push(line) });
  return printed;
}

Deno.test("init writes every setting once, and replaces a file only when asked to", () =>
  withFolder(async (folder) => {
    const path = `${folder}/kabar.env`;

    assertEquals((await run(path)).length, 2);
    assertStringIncludes(await Deno.readTextFile(path), "#PORT=3000");
    await Deno.writeTextFile(path, "PORT=1");
    await assertRejects(() => run(path), CommandError, "it exists. --force replaces it");
    assertEquals(await Deno.readTextFile(path), "PORT=1");
    await run(path, true);
    assertStringIncludes(await Deno.readTextFile(path), "#PORT=3000");
  }));

Deno.test("init says in words where it cannot write", () =>
  withFolder(async (folder) => {
    await assertRejects(
      () => run(`${folder}/none/kabar.env`),
      CommandError,
      `Cannot write ${folder}/none/kabar.env: its folder does not exist`,
    );
  }));
