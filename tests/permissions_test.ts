import { assert, assertEquals, assertMatch } from "@std/assert";

interface Config {
  readonly imports: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, { readonly command: string }>>;
}

const config: Config = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
/** Neither programs (run) nor native code (ffi). */
const NARROW = /^--allow-(net|read|write|env|sys=[\w,]+)$/;
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
    assertEquals(permissions.filter((permission) => !NARROW.test(permission)), [], command);
  }
});

Deno.test("executable may do no more than the tasks", async () => {
  const script = await Deno.readTextFile(new URL("../.build/compile.ts", import.meta.url));

  const permissions = [...script.matchAll(/"(--allow[^"]*)"/g)].map(([, permission]) => permission);

  assert(permissions.length >= 4);
  assertEquals(permissions.filter((permission) => !NARROW.test(permission)), []);
});
