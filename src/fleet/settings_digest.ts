import { createHash } from "node:crypto";

/** So much of a hash tells two values apart, and tells nothing of a secret. */
const SHOWN = 8;

/**
 * A text that is equal for gateways whose settings are, and tells which of them are not.
 * @param mark Of the store: the same setting has another hash in another store.
 */
export function digestOf(settings: Readonly<Record<string, unknown>>, mark: string): string {
  const hashes = Object.entries(settings).toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, value]) => {
    const text = JSON.stringify([mark, name, value ?? null]);
    return `${name}=${createHash("sha256").update(text).digest("hex").slice(0, SHOWN)}`;
  });
  return hashes.join(" ");
}

/** The names of the settings in which two digests differ; those that only one of them knows are left out. */
export function differing(one: string, other: string): readonly string[] {
  const known = hashesIn(one);
  return [...hashesIn(other)]
    .filter(([name, hash]) => known.has(name) && known.get(name) !== hash)
    .map(([name]) => name);
}

function hashesIn(digest: string): ReadonlyMap<string, string> {
  return new Map(
    digest.split(" ").filter((part) => part !== "").map((part) => {
      const [name, hash = ""] = part.split("=");
      return [name, hash];
    }),
  );
}
