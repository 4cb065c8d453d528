import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { chosenVerb, helpOf, usage } from "../../src/cli/usage.ts";
import { parsedArguments, UsageError } from "../../src/cli/verb.ts";
import { VERBS } from "../../src/cli/verbs.ts";
import { GUIDE } from "../../src/http/docs/guide/mod.ts";

/** What a command line is read as: the command's name and its arguments. */
function read(...args: readonly string[]) {
  const chosen = chosenVerb(args);
  if (chosen === "help") return { name: "help", given: [] as readonly string[] };
  return { name: chosen.verb.name, ...parsedArguments(chosen.verb, chosen.rest) };
}

const READ = [
  [[], "serve", []],
  [["serve"], "serve", []],
  [["--env-file", "kabar.env"], "serve", []],
  [["--env-file", "kabar.env", "health"], "health", []],
  [["--env-file=kabar.env", "webhook", "test", "order.paid"], "webhook test", ["order.paid"]],
  [["--version"], "version", []],
  [["--help"], "help", []],
  [["webhook"], "webhook status", []],
  [["webhook", "test", "order.paid", "{}"], "webhook test", ["order.paid", "{}"]],
  [["backup", "--", "--odd-name"], "backup", ["--odd-name"]],
  [["restore", "--help"], "restore", []],
] as const;
for (const [args, name, given] of READ) {
  Deno.test(`command line "${args.join(" ")}" is ${name}`, () => {
    const verb = read(...args);

    assertEquals([verb.name, verb.given], [name, [...given]]);
  });
}

const REFUSED = [
  [
    ["serve", "--port", "4000"],
    "kabar serve takes no --port: settings come from the environment, as in PORT=4000",
  ],
  [["--data-dir=/srv"], "as in DATA_DIR=/srv kabar serve"],
  [["serve", "--prot", "4000"], "did you mean the setting PORT, as in PORT=4000 kabar serve?"],
  [["serve", "--nothing-like-it"], "kabar serve takes no --nothing-like-it\nUsage: kabar serve"],
  [["demo", "--sty"], "kabar demo takes no --sty; did you mean --stay?"],
  [["demo", "--stay=yes"], "kabar demo: Option '--stay' does not take an argument"],
  [["demo", "now"], 'kabar demo takes no "now"'],
  [["simulate", "--port"], "kabar simulate: Option '--port <value>' argument missing"],
  [["health", "-x"], "kabar health takes no --x"],
  [["backup"], "kabar backup needs <file>\nUsage: kabar backup <file>"],
  [["backup", "a", "b"], 'kabar backup takes no "b"'],
  [["dance"], 'Unknown command "dance"'],
  [["webhook", "dance"], 'Unknown command "webhook dance"'],
] as const;
for (const [args, message] of REFUSED) {
  Deno.test(`command line "${args.join(" ")}" is refused in words`, () => {
    assertThrows(() => read(...args), UsageError, message);
  });
}

Deno.test("a secret that was typed as an option is not repeated", () => {
  const error = assertThrows(() => read("serve", "--master-key", "hush"), UsageError);

  assertStringIncludes(error.message, "MASTER_KEY=… kabar serve");
  assertEquals(error.message.includes("hush"), false);
});

Deno.test("options of a command reach it", () => {
  const chosen = chosenVerb(["simulate", "--port", "0", "--host=::1"]);
  if (chosen === "help") throw new Error("that is not help");

  const args = parsedArguments(chosen.verb, chosen.rest);

  assertEquals([args.valueOf("port"), args.valueOf("host"), args.valueOf("ws-port")], [
    "0",
    "::1",
    undefined,
  ]);
});

Deno.test("a file of settings may be named before the command", () => {
  const chosen = chosenVerb(["--env-file", "kabar.env", "licences", "--full"]);
  if (chosen === "help") throw new Error("that is not help");

  const args = parsedArguments(chosen.verb, chosen.rest);

  assertEquals([args.valueOf("env-file"), args.isSet("full")], ["kabar.env", true]);
});

Deno.test("help lists every command in lines that fit a terminal", () => {
  const text = usage();

  for (const { name } of VERBS) assertStringIncludes(text, `  kabar ${name}`);
  assertEquals(text.split("\n").filter((line) => line.length > 100), []);
});

Deno.test("help of one command shows its options", () => {
  const simulate = VERBS.find(({ name }) => name === "simulate")!;

  assertStringIncludes(helpOf(simulate), "Usage: kabar simulate [--port <port>]");
});

Deno.test("README lists the commands as the help does", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const commands = usage().split("\n").filter((line) => line.startsWith("  kabar ")).map((line) =>
    line.slice(2)
  );

  assertStringIncludes(readme, `\`\`\`text\n${commands.join("\n")}\n\`\`\``);
});

/** Commands as texts and pages show them: in backticks, on a line of their own, or in a box; settings may precede. */
const SHOWN_COMMAND = /(?:^|`|<pre[^>]*>)(?:[A-Z_]+=\S+ )*kabar ([a-z][^`<\n]*)/gm;

Deno.test("every command that the guide and the dashboard show is one that there is", async () => {
  const pages = new URL("../../src/dashboard/", import.meta.url);
  const texts = GUIDE.flatMap(({ texts }) => Object.values(texts));
  for (const folder of ["pages", "words"]) {
    for await (const { name } of Deno.readDir(new URL(folder, pages))) {
      texts.push(await Deno.readTextFile(new URL(`${folder}/${name}`, pages)));
    }
  }
  const shown = texts.flatMap((text) =>
    [...text.matchAll(SHOWN_COMMAND)].map(([, command]) => command.trim())
  );

  for (const command of new Set(shown)) read(...command.split(" "));

  assertEquals(shown.length > 15, true, `found only ${shown.length}`);
});

Deno.test("commands that the guide shows against a running gateway have its key", () => {
  const asking = GUIDE.flatMap(({ texts }) => Object.values(texts))
    .flatMap((text) => text.match(/^.*kabar webhook .*--.*$/gm) ?? [])
    .filter((line) => !line.includes("`"));

  assertEquals(asking.filter((line) => !line.includes("API_KEY=")), []);
  assertEquals(asking.length, 2);
});
