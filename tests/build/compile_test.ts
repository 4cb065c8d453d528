// `deno task compile` with a stand-in for the Deno that makes the executable: no test downloads a base.
import { assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../", import.meta.url).pathname;

const WITHOUT_BASE = `error: Writing deno compile executable to temporary file

Caused by:
    0: Setting up base binary.
    1: error sending request for url (https://dl.deno.land/release/v2.9.6/denort-x86_64-unknown-linux-gnu.zip)`;

/** Runs the script with a compiler that is this shell script; `$output` is where it should write. */
async function compile(compiler: string, ...args: readonly string[]) {
  const dir = await Deno.makeTempDir();
  const head = '#!/bin/bash\nfor arg; do case "$arg" in --output=*) output=${arg#--output=};; esac; done\n';
  await Deno.writeTextFile(`${dir}/compiler`, `${head}${compiler}\n`);
  await Deno.chmod(`${dir}/compiler`, 0o755);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `${ROOT}.build/compile.ts`, ...args],
    cwd: ROOT,
    env: { DENO_COMPILER: `${dir}/compiler`, DIST: `${dir}/dist`, NO_COLOR: "1" },
  }).output();
  const left = await Array.fromAsync(Deno.readDir(`${dir}/dist`), ({ name }) => name).catch(() => undefined);
  await Deno.remove(dir, { recursive: true });
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr), left };
}

Deno.test("compile explains what it needs, and leaves nothing behind, when the base cannot be had", async () => {
  const { code, stderr, left } = await compile(
    `echo half > "$output.tmp-1"\ncat >&2 <<'END'\n${WITHOUT_BASE}\nEND\nexit 1`,
    "linux-arm64",
  );

  assertEquals(code, 1);
  assertStringIncludes(stderr, "DENORT_BIN=/path/to/denort deno task compile linux-arm64");
  assertStringIncludes(stderr, "denort-aarch64-unknown-linux-gnu.zip");
  assertEquals(left, undefined);
});

Deno.test("compile puts the executable of a target under that target's name, and nothing beside it", async () => {
  const { code, stdout, left } = await compile('echo executable > "$output"', "windows-x64");

  assertEquals(code, 0);
  assertStringIncludes(stdout, "kabar-windows-x64.exe");
  assertEquals(left, ["kabar-windows-x64.exe"]);
});

Deno.test("compile does not speak of a base when something else went wrong", async () => {
  const { code, stderr } = await compile("echo 'error: Module not found' >&2; exit 1");

  assertEquals(code, 1);
  assertEquals(stderr.includes("DENORT_BIN"), false);
});

Deno.test("compile refuses a machine that it cannot make an executable for", async () => {
  const { code, stderr } = await compile("exit 0", "amiga");

  assertEquals(code, 2);
  assertStringIncludes(stderr, 'Cannot compile for "amiga": it takes linux-x64,');
});
