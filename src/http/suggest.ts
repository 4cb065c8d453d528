/** Words that integrators bring from other systems, and ours for the same thing. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["callback", "url"],
  ["deviceids", "devices"],
  ["device", "devices"],
  ["enabled", "status"],
  ["active", "status"],
  ["endpoint", "url"],
  ["eventtypes", "events"],
  ["topics", "events"],
  ["id", "webhook_id"],
  ["retries", "retry"],
  ["retrycount", "retry"],
  ["since", "after"],
  ["timeoutms", "timeout"],
  ["timeoutseconds", "timeout"],
  ["webhookurl", "url"],
  ["keepoldfor", "keep_old_for"],
]);

/** The known name that was most likely meant, or undefined when none is close. */
export function suggestionFor(given: string, known: readonly string[]): string | undefined {
  const bare = bareOf(given);
  const same = known.find((name) => bareOf(name) === bare);
  if (same !== undefined) return same;
  const synonym = SYNONYMS.get(bare);
  if (synonym !== undefined && known.includes(synonym)) return synonym;
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const distance = editsBetween(bare, bareOf(name));
    const allowed = Math.max(1, Math.floor(Math.min(bare.length, name.length) / 3));
    if (distance <= allowed && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

/** `retry_Count` and `retryCount` are the same word. */
function bareOf(name: string): string {
  return name.toLowerCase().replaceAll(/[_\-\s]/g, "").slice(0, 64);
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editsBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1, swapped ? before[j - 2] + 1 : Infinity));
    }
    before = row;
    row = next;
  }
  return row[b.length];
}
