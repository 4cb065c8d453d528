import { parseArgs, type ParseArgsConfig } from "node:util";
import { type Setting, SETTINGS, type Settings } from "../config.ts";
import { suggestionFor } from "../http/suggest.ts";

/** The command was used in a way that it does not have. The message says what it takes; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command cannot do what it was asked. The message says why, and what to do; the exit code is 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** How a command speaks, and how it learns that it should stop. */
export interface Terminal {
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** One `--name` of a command: a switch, or one with a value. */
export interface VerbOption {
  readonly type: "boolean" | "string";
  /** How the value is called in the usage, such as `port`. Left out for switches. */
  readonly value?: string;
}

/** What was typed after the command. */
export interface VerbArguments {
  readonly given: readonly string[];
  isSet(option: string): boolean;
  valueOf(option: string): string | undefined;
}

/** One command of the executable. */
export interface Verb {
  /** The words that call it, such as `webhook listen`. */
  readonly name: string;
  /** What stands after the name, such as `<file>`. */
  readonly takes: readonly string[];
  readonly options: Readonly<Record<string, VerbOption>>;
  /** One line for the list of commands. */
  readonly about: string;
  /** Further lines for `--help`, when one is not enough. */
  readonly help?: string;
  /** Returns the exit code. */
  run(args: VerbArguments, world: VerbWorld): Promise<number>;
}

/** What a command can ask for. */
export interface VerbWorld extends Terminal {
  /** @throws {SettingsError} If a setting has a value that it does not take. */
  settings(): Settings;
}

/** At least one setting has a wrong value. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/** Options that every command has. */
export const SHARED_OPTIONS: Readonly<Record<string, VerbOption>> = {
  help: { type: "boolean" },
  "env-file": { type: "string", value: "file" },
};

/**
 * Reads what was typed after a command.
 * @throws {UsageError} If there is an option or an argument that the command does not have, or one is missing.
 */
export function parsedArguments(verb: Verb, args: readonly string[]): VerbArguments {
  const options: ParseArgsConfig["options"] = {};
  for (const [name, { type }] of Object.entries({ ...verb.options, ...SHARED_OPTIONS })) {
    options[name] = { type };
  }
  const wrong = unknownOption(args, options);
  if (wrong !== undefined) {
    throw new UsageError(`${called(verb)} takes no --${wrong.name}${hintFor(wrong, verb)}`);
  }
  const { values, positionals } = parsed(verb, args, options);
  const most = verb.takes.length;
  const least = values.help === true ? 0 : verb.takes.filter((name) => name.startsWith("<")).length;
  if (positionals.length > most) {
    throw new UsageError(`${called(verb)} takes no "${positionals[most]}"\nUsage: ${usageOf(verb)}`);
  }
  if (positionals.length < least) {
    throw new UsageError(`${called(verb)} needs ${verb.takes[positionals.length]}\nUsage: ${usageOf(verb)}`);
  }
  return {
    given: positionals,
    isSet: (option) => values[option] === true,
    valueOf(option) {
      const value = values[option];
      return typeof value === "string" ? value : undefined;
    },
  };
}

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

function parsed(verb: Verb, args: readonly string[], options: ParseArgsConfig["options"]): Parsed {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`${called(verb)}: ${error.message.split("\n")[0]}\nUsage: ${usageOf(verb)}`);
  }
}

interface UnknownOption {
  readonly name: string;
  /** What was most likely meant as its value. */
  readonly value: string | undefined;
}

function unknownOption(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig["options"]>,
): UnknownOption | undefined {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== "option" || Object.hasOwn(options, token.name)) continue;
    const next = tokens[at + 1];
    return { name: token.name, value: token.value ?? (next?.kind === "positional" ? next.value : undefined) };
  }
  return undefined;
}

/** Most of what people try as an option is a setting. */
function hintFor({ name: option, value = "…" }: UnknownOption, verb: Verb): string {
  const settings = new Map(Object.entries<Setting<unknown>>(SETTINGS));
  const asSet = (name: string) => `${name}=${settings.get(name)?.secret ? "…" : value} ${called(verb)}`;
  const setting = option.toUpperCase().replaceAll("-", "_");
  if (settings.has(setting)) return `: settings come from the environment, as in ${asSet(setting)}`;
  const near = suggestionFor(option, Object.keys({ ...verb.options, ...SHARED_OPTIONS }));
  if (near !== undefined) return `; did you mean --${near}?\nUsage: ${usageOf(verb)}`;
  const nearSetting = suggestionFor(setting, [...settings.keys()]);
  if (nearSetting === undefined) return `\nUsage: ${usageOf(verb)}`;
  return `; did you mean the setting ${nearSetting}, as in ${asSet(nearSetting)}?`;
}

function called({ name }: Verb): string {
  return `kabar ${name}`;
}

/** How a command is called, such as `kabar backup <file>`. */
export function usageOf(verb: Verb): string {
  const options = Object.entries(verb.options).map(([name, { value }]) =>
    value === undefined ? `[--${name}]` : `[--${name} <${value}>]`
  );
  return [called(verb), ...verb.takes, ...options].join(" ");
}
