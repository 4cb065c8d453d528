import { parseEnv } from "node:util";
import { parseSettings, type Settings, strangeIn } from "../config.ts";
import { messageOf } from "../errors.ts";
import { SettingsError } from "./verb.ts";

/**
 * The settings from the environment and, when one is named, from a file of `NAME=value` lines. What both set, the
 * environment decides. What is strange about them is told to `warn`, a line each.
 * @throws {SettingsError} If the file cannot be read, or a setting has a value that it does not take.
 */
export function readSettings(
  environment: Readonly<Record<string, string>>,
  envFile: string | undefined,
  warn: (line: string) => void = () => {},
): Settings {
  const file = envFile === undefined ? {} : readFile(envFile);
  const all = { ...file, ...environment };
  const parsed = parseSettings(all, new Set(Object.keys(file).filter((name) => !(name in environment))));
  if (!parsed.ok) throw new SettingsError(parsed.problems);
  for (const line of strangeIn(all)) warn(line);
  return parsed.settings;
}

function readFile(path: string): Record<string, string | undefined> {
  try {
    return { ...parseEnv(Deno.readTextFileSync(path)) };
  } catch (error) {
    throw new SettingsError([`Cannot read --env-file ${path}: ${messageOf(error)}`]);
  }
}
