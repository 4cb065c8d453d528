// Runs when KABAR_BINARY names an executable made by `deno task compile`.
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { call, KEY, startGatewayProcess } from "../support/process.ts";

const BINARY = Deno.env.get("KABAR_BINARY");
const MAX_BYTES = 115_000_000;

/** A test of the executable, in an empty folder. */
function binaryTest(name: string, test: (binary: string, dir: string) => Promise<void>): void {
  Deno.test({
    name: `executable ${name}`,
    ignore: BINARY === undefined,
    async fn() {
      const dir = await Deno.makeTempDir();
      await test(BINARY ?? "", dir);
      await Deno.remove(dir, { recursive: true });
    },
  });
}

async function run(binary: string, dir: string, ...args: readonly string[]) {
  const command = new Deno.Command(binary, {
    args: [...args],
    cwd: dir,
    env: { NO_COLOR: "1", API_KEY: KEY },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name).sort();
}

binaryTest("is small enough to download", async (binary) => {
  const { size } = await Deno.stat(binary);

  assertLess(size, MAX_BYTES);
});

binaryTest("tells its version, and how it is used, and leaves nothing behind", async (binary, dir) => {
  const version = await run(binary, dir, "version");
  const help = await run(binary, dir, "--help");

  assertEquals([version.code, version.stdout.trim()], [0, VERSION]);
  assertEquals(help.code, 0);
  assertStringIncludes(help.stdout, "kabar webhook test");
  assertEquals(await namesIn(dir), []);
});

binaryTest("refuses a command that it does not know", async (binary, dir) => {
  const { code, stderr } = await run(binary, dir, "dance");

  assertEquals(code, 2);
  assertStringIncludes(stderr, 'Unknown command "dance"');
});

binaryTest("serves in an empty folder, with documents, and stops when it is told", async (binary, dir) => {
  const gateway = await startGatewayProcess({ dir });
  const document = await call(gateway.url, "GET", "/openapi.json");
  const page = await (await fetch(`${gateway.url}/docs`)).text();
  const { code, stdout } = await new Deno.Command(binary, {
    args: ["webhook", "status"],
    env: { APP_URL: gateway.url, API_KEY: KEY },
  }).output();

  assertEquals(document.body.openapi, "3.1.0");
  assertMatch(page, /^<!doctype html>/i);
  assertEquals([code, new TextDecoder().decode(stdout).trim()], [1, "WEBHOOK_URL is not set"]);
  assertEquals(await gateway.stop(), 0);
  assertEquals(await namesIn(dir), ["data", "logs"]);
});

binaryTest("shows everything at work in its demonstration", async (binary, dir) => {
  const { code, stdout, stderr } = await run(binary, dir, "demo");

  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "attempt 2, answered 200");
  assertStringIncludes(stdout, "That was Kabar.");
});

binaryTest("simulates a WhatsApp network until it is told to stop", async (binary, dir) => {
  const child = new Deno.Command(binary, {
    args: ["simulate", "--port", "0"],
    cwd: dir,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.includes("WHATSAPP_ROOT_KEY")) {
    const { value, done } = await reader.read();
    assert(!done, printed);
    printed += value;
  }

  child.kill("SIGTERM");
  while (!(await reader.read()).done);
  const { code } = await child.status;

  assertEquals(code, 0);
});
