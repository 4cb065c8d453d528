import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What the list of formats decides: types first, then behaviour. */
const CHECKED = [
  "src/formats/mod.ts",
  "src/webhooks/retry.ts",
  "src/http/shapes/webhook.ts",
  "src/config.ts",
];
const SUITE = [
  "tests/formats/every_event_test.ts",
  "tests/formats/request_test.ts",
  "tests/formats/golden_test.ts",
  "tests/events/topics_test.ts",
  "tests/http/v1/webhook_formats_test.ts",
];

async function deno(
  cwd: string,
  ...args: string[]
): Promise<{ readonly code: number; readonly out: string }> {
  const options = { cwd, args, env: { NO_COLOR: "1" }, stdout: "piped", stderr: "piped" } as const;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout) + decoder.decode(stderr) };
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  const text = await Deno.readTextFile(path);
  const changed = change(text);
  assert(changed !== text, `${path} has nothing to change any more`);
  await Deno.writeTextFile(path, changed);
}

Deno.test("a new format is one file and one line in the list: types, tests and subscriptions follow", async () => {
  const folder = await Deno.makeTempDir({ prefix: "kabar_sixth_" });
  try {
    for (const part of ["src", "tests"]) await copy(`${ROOT}${part}`, `${folder}/${part}`);
    for (const file of ["deno.json", "deno.lock"]) await Deno.copyFile(`${ROOT}${file}`, `${folder}/${file}`);
    await Deno.symlink(`${ROOT}node_modules`, `${folder}/node_modules`);
    await Deno.copyFile(`${folder}/src/formats/account.ts`, `${folder}/src/formats/sixth.ts`);
    await rewrite(
      `${folder}/src/formats/sixth.ts`,
      (text) =>
        text.replace('name: "account"', 'name: "sixth"').replace(
          "export const account",
          "export const sixth",
        ),
    );
    await rewrite(
      `${folder}/src/formats/mod.ts`,
      (text) =>
        `import { sixth } from "./sixth.ts";\n${
          text.replace(/(export const FORMATS = \{[^}]*?),?\s*\}/s, "$1, sixth }")
        }`,
    );

    const checked = await deno(folder, "check", "--quiet", "--node-modules-dir=manual", ...CHECKED);
    const suite = await deno(folder, "test", "-A", "--no-check", "--node-modules-dir=manual", ...SUITE);

    assertEquals(checked.code, 0, checked.out);
    assertEquals(suite.code, 0, suite.out);
    for (const test of ["sixth renders every event to the very bytes", "format sixth can be subscribed to"]) {
      assertStringIncludes(suite.out, test);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
