import { UsageError, usageOf, type Verb } from "./verb.ts";
import { VERBS } from "./verbs.ts";

/** All commands with one line each. */
export function usage(): string {
  const width = Math.max(...VERBS.map((verb) => shortUsageOf(verb).length));
  const lines = VERBS.map((verb) => `  ${shortUsageOf(verb).padEnd(width)}  ${verb.about}`);
  return `Kabar, a WhatsApp webhook gateway

${lines.join("\n")}

Settings come from the environment; --env-file <file> reads them from a file as well.
\`kabar <command> --help\` says more about one.`;
}

/** Fits a line: what there is more of, `--help` lists. */
function shortUsageOf(verb: Verb): string {
  return Object.keys(verb.options).length < 2
    ? usageOf(verb)
    : usageOf({ ...verb, options: {}, takes: [...verb.takes, "[options]"] });
}

/** What `--help` shows of one command. */
export function helpOf(verb: Verb): string {
  return [`Usage: ${usageOf(verb)}`, `\n${verb.about[0].toUpperCase()}${verb.about.slice(1)}.`, verb.help]
    .filter((line) => line !== undefined)
    .join("\n");
}

/** Words that mean a command, besides its name. */
const ALIASES: Readonly<Record<string, string>> = {
  "--version": "version",
  "-v": "version",
  webhook: "webhook status",
};

/**
 * The command that was asked for, and what was typed after it. Without a command the gateway runs.
 * @returns "help" when all commands are asked for.
 * @throws {UsageError} If there is no such command.
 */
export function chosenVerb(
  args: readonly string[],
): { readonly verb: Verb; readonly rest: readonly string[] } | "help" {
  const before = sharedBefore(args);
  if (before > 0) {
    const chosen = chosenVerb(args.slice(before));
    return chosen === "help" ? chosen : { ...chosen, rest: [...args.slice(0, before), ...chosen.rest] };
  }
  const [first = "serve", second = ""] = args;
  if (["help", "--help", "-h"].includes(first)) return "help";
  const found = VERBS.find(({ name }) => name === `${first} ${second}`);
  if (found !== undefined) return { verb: found, rest: args.slice(2) };
  const isOption = first.startsWith("-") && ALIASES[first] === undefined;
  const name = isOption ? "serve" : ALIASES[first] ?? first;
  const verb = VERBS.find((verb) => verb.name === name);
  if (verb === undefined) throw new UsageError(`Unknown command "${first}"\n\n${usage()}`);
  if (first === "webhook" && second !== "" && !second.startsWith("-")) {
    throw new UsageError(`Unknown command "webhook ${second}"\n\n${usage()}`);
  }
  return { verb, rest: isOption ? args : args.slice(1) };
}

/** How many words before the command belong to `--env-file`, as in `kabar --env-file kabar.env health`. */
function sharedBefore([first = "", , third]: readonly string[]): number {
  if (first.startsWith("--env-file=")) return 1;
  return first === "--env-file" && third !== undefined ? 2 : 0;
}
