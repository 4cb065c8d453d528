import { parseSettings, type Settings } from "../../src/config.ts";

/** Settings that are known to be good. */
export function settingsOf(env: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = parseSettings(env);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.settings;
}
