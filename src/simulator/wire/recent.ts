// Logs that do not grow for ever: a simulator may run for hours under load.

const KEPT = 20_000;

/** Appends, and forgets the oldest tenth when there are more than `kept`. */
export function remember<T>(list: T[], item: T, kept = KEPT): void {
  list.push(item);
  if (list.length > kept) list.splice(0, Math.ceil(kept / 10));
}

/** Sets, and forgets the oldest entry when there are more than `kept`. */
export function rememberKey<K, V>(map: Map<K, V>, key: K, value: V, kept = KEPT): void {
  map.set(key, value);
  if (map.size <= kept) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
