import type { Settings } from "./settings.ts";

/**
 * A value that the store has from the first time it is asked for, such as a key of its own. Where other gateways may
 * ask at the same time, it is asked for under `alone`.
 */
export async function madeOnce(settings: Settings, name: string, make: () => string): Promise<string> {
  const known = await settings.get(name);
  if (known !== undefined) return known;
  const made = make();
  await settings.set(name, made);
  return made;
}
