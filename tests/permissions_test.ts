import { assert, assertEquals, assertMatch } from "@std/assert";

interface Config {
  readonly imports: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, { readonly command: string }>>;
}

const config: Config = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
/** Tasks in which the gateway, or a part of it, meets the world. */
const SERVING = ["start", "demo", "simulate", "dev", "webhook"];

Deno.test("dependencies are pinned to the very version", () => {
  for (const [name, target] of Object.entries(config.imports)) {
    assertMatch(target, /^npm:\/?(@[\w-]+\/)?[\w.-]+@\d+\.\d+\.\d+(-[\w.]+)?(\/.*)?$/, name);
  }
});

Deno.test("tasks of the gateway may neither start programs nor load native code", () => {
  const tasks = SERVING.flatMap((name) => config.tasks[name] ?? []);

  assert(tasks.length >= 4);
  for (const { command } of tasks) {
    const permissions = command.split(" ").filter((word) =>
      word.startsWith("-A") || word.startsWith("--allow")
    );
    assertEquals(
      permissions.filter((it) =>
        !["--allow-net", "--allow-read", "--allow-write", "--allow-env", "--allow-sys=hostname"].includes(it)
      ),
      [],
    );
  }
});

Deno.test("executable may do no more than the tasks", async () => {
  const script = await Deno.readTextFile(new URL("../.build/compile.ts", import.meta.url));

  const permissions = [...script.matchAll(/"(--allow[^"]*)"/g)].map(([, permission]) => permission);

  assertEquals(permissions, [
    "--allow-net",
    "--allow-read",
    "--allow-write",
    "--allow-env",
    "--allow-sys=hostname",
  ]);
});
