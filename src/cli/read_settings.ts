import { parseEnv } from "node:util";
import { isSetting, parseSettings, SETTINGS, type Settings, strangeIn } from "../config.ts";
import { messageOf } from "../errors.ts";
import { suggestionFor } from "../http/suggest.ts";
import { SettingsError } from "./verb.ts";

/**
 * The settings from the environment and, when one is named, from a file of `NAME=value` lines. What both set, the
 * environment decides. What is strange about them, and names in the file that are nearly settings, is told to `warn`,
 * a line each.
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
  for (const line of [...unknownIn(Object.keys(file), envFile ?? ""), ...strangeIn(all)]) warn(line);
  return parsed.settings;
}

/** A setting that was mistyped would stay at its default without a word. What is near none is of other programs. */
function unknownIn(names: readonly string[], path: string): readonly string[] {
  return names.filter((name) => !isSetting(name)).flatMap((name) => {
    const meant = suggestionFor(name, Object.keys(SETTINGS));
    return meant === undefined ? [] : [`${name} in ${path} is no setting; did you mean ${meant}?`];
  });
}

function readFile(path: string): Record<string, string | undefined> {
  try {
    return { ...parseEnv(Deno.readTextFileSync(path)) };
  } catch (error) {
    throw new SettingsError([`Cannot read --env-file ${path}: ${messageOf(error)}`]);
  }
}
