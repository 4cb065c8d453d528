// `.ci/run` with stand-ins for the programs that it calls, so that no test runs the whole suite inside itself.
import { assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../", import.meta.url).pathname;
const SUMMARY_OF_FAILURE = "FAILED | 7 passed (2 steps) | 1 failed | 2 ignored (3s)";

interface Programs {
  /** What `deno task ok` prints, and how it ends. */
  readonly gate: { readonly prints: string; readonly code: number };
  /** How a second try of some tests ends. */
  readonly secondTry?: number;
  readonly aptWorks?: boolean;
  /** A package that apt does not have. */
  readonly unknownPackage?: string;
  /** What npm does, where it is there. */
  readonly npm?: string;
  /** How often the packages cannot be installed. */
  readonly failedInstalls?: number;
  /** Tools of tests that are there already. */
  readonly installed?: readonly string[];
}

/** Runs the script; every call of a stand-in is a line of `calls`. */
async function run(
  {
    gate,
    secondTry = 1,
    aptWorks = true,
    unknownPackage = "none",
    npm,
    failedInstalls = 0,
    installed = ["php", "chromium", "initdb"],
  }: Programs,
) {
  const dir = await Deno.makeTempDir();
  const script = async (name: string, body: string) => {
    await Deno.writeTextFile(`${dir}/${name}`, `#!/bin/bash\necho "${name} $*" >> ${dir}/calls\n${body}\n`);
    await Deno.chmod(`${dir}/${name}`, 0o755);
  };
  await script(
    "npx",
    `case "$*" in *"task ok") echo "${gate.prints}"; exit ${gate.code};; *" test -A "*) exit ${secondTry};; esac
    [ "$(grep -c "install --frozen" ${dir}/calls)" -gt ${failedInstalls} ]`,
  );
  await script("apt-get", `case "$*" in *${unknownPackage}*) exit 100;; esac; exit ${aptWorks ? 0 : 100}`);
  if (npm !== undefined) await script("npm", npm);
  await script("sudo", `shift; exec "$@"`);
  for (const name of [...installed, "curl", "jq", "sqlite3", "microsocks", "tinyproxy"]) {
    await script(name, "");
  }
  for (const name of ["bash", "dirname", "grep", "mktemp", "rm", "sed", "sort", "tail", "tee", "id", "cat"]) {
    await Deno.symlink(await pathOf(name), `${dir}/${name}`);
  }
  const { code, stdout, stderr } = await new Deno.Command("/bin/bash", {
    args: [`${ROOT}.ci/run`],
    env: { PATH: dir, TMPDIR: dir, CHROMIUM_PATH: `${dir}/chromium`, POSTGRES_BIN: dir },
    clearEnv: true,
  }).output();
  const calls = (await Deno.readTextFile(`${dir}/calls`)).trim().split("\n");
  await Deno.remove(dir, { recursive: true });
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr), calls };
}

async function pathOf(name: string): Promise<string> {
  const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", `command -v ${name}`] }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("CI run calls the gate and ends with the test runner's summary", async () => {
  const { code, stdout, calls } = await run({ gate: { prints: "ok | 12 passed | 0 failed (4s)", code: 0 } });

  assertEquals(code, 0);
  assertEquals(stdout.trim().split("\n").at(-1), "12 passed, 0 failed");
  assertEquals(calls, ["npx -y deno@2.9.6 install --frozen", "npx -y deno@2.9.6 task ok"]);
});

Deno.test("CI run still prints the summary when tests fail, and fails", async () => {
  const { code, stdout } = await run({ gate: { prints: SUMMARY_OF_FAILURE, code: 1 } });

  assertEquals(code, 1);
  assertEquals(stdout.trim().split("\n").at(-1), "7 passed, 1 failed");
});

const failuresIn = (...places: string[]) =>
  ` ERRORS \n\nreads => ./tests/other_test.ts:1:6\n\n FAILURES \n\n${
    places.join("\n")
  }\n\n${SUMMARY_OF_FAILURE}`;

Deno.test("CI run tries tests that failed once more, alone, and names those that then pass", async () => {
  const prints = failuresIn(
    "sends => it all => ./tests/e2e/send_test.ts:15:6",
    "sends twice => ./tests/e2e/send_test.ts:25:6",
    "./tests/config_test.ts (uncaught error)",
  );

  const unsteady = await run({ gate: { prints, code: 1 }, secondTry: 0 });
  const broken = await run({ gate: { prints, code: 1 }, secondTry: 1 });

  assertEquals([unsteady.code, broken.code], [0, 1]);
  for (const { calls } of [unsteady, broken]) {
    assertEquals(calls.at(-1), "npx -y deno@2.9.6 test -A tests/config_test.ts tests/e2e/send_test.ts");
  }
  assertEquals([unsteady, broken].map(({ stdout }) => stdout.trim().split("\n").at(-1)), [
    "7 passed, 1 failed in the first run, none in the second: unsteady tests/config_test.ts tests/e2e/send_test.ts",
    "7 passed, 1 failed",
  ]);
});

Deno.test("CI run gives no second try to many failures, or to what is no test's", async () => {
  const many = failuresIn(...[1, 2, 3, 4].map((each) => `sends => ./tests/e2e/send_${each}_test.ts:15:6`));

  for (const prints of [many, "error: Type checking failed.", SUMMARY_OF_FAILURE]) {
    const { code, calls } = await run({ gate: { prints, code: 1 }, secondTry: 0 });

    assertEquals([code, calls.at(-1)], [1, "npx -y deno@2.9.6 task ok"]);
  }
});

Deno.test("CI run installs with apt-get only the programs that are missing", async () => {
  const { code, calls } = await run({
    gate: { prints: "ok | 1 passed | 0 failed (1s)", code: 0 },
    installed: ["php", "initdb"],
  });

  assertEquals(code, 0);
  const installs = calls.filter((call) => call.startsWith("apt-get install"));
  assertEquals(installs.map((call) => call.replace(/ -o .*/, "")), [
    "apt-get install -qq -y --no-install-recommends chromium",
  ]);
});

Deno.test("CI run goes on without what it may not install, and names it", async () => {
  const { code, stderr } = await run({
    gate: { prints: "ok | 1 passed | 0 failed | 3 ignored (1s)", code: 0 },
    aptWorks: false,
    installed: ["initdb"],
  });

  assertEquals(code, 0);
  assertStringIncludes(stderr, "Cannot install php-cli chromium with apt-get here");
});

Deno.test("CI run installs what apt has when it does not have all, and names what is left out", async () => {
  const { code, stdout, stderr } = await run({
    gate: { prints: "ok | 1 passed | 0 failed | 3 ignored (1s)", code: 0 },
    unknownPackage: "chromium",
    installed: [],
  });

  assertEquals(code, 0);
  assertStringIncludes(stdout, "Installed with apt-get: php-cli postgresql\n");
  assertStringIncludes(stderr, "Cannot install chromium with apt-get here");
});

Deno.test("CI run goes on when npm gives no Deno for the bundle, whatever npm says of it", async () => {
  for (const npm of ["exit 0", "exit 1"]) {
    const { code, stdout, stderr } = await run({
      gate: { prints: "ok | 1 passed | 0 failed (1s)", code: 0 },
      npm,
    });

    assertEquals([code, stdout.trim()], [0, "ok | 1 passed | 0 failed (1s)\n1 passed, 0 failed"]);
    assertStringIncludes(stderr, "Cannot get Deno 2.5 from npm here");
  }
});

Deno.test("CI run asks again for packages that it did not get", async () => {
  const gate = { prints: "ok | 1 passed | 0 failed (1s)", code: 0 };

  const twice = await run({ gate, failedInstalls: 2 });
  const ever = await run({ gate, failedInstalls: 9 });

  assertEquals([twice.code, ever.code], [0, 1]);
  assertEquals(ever.calls.some((call) => call.endsWith("task ok")), false);
});
