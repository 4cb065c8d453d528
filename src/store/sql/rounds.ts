/** Cuts a list so that the same key comes at most once in each part, in order; undefined is no key. */
export function roundsOf<T>(
  list: readonly T[],
  keyOf: (item: T) => string | number | undefined,
): readonly (readonly T[])[] {
  const rounds: T[][] = [];
  const times = new Map<string | number, number>();
  for (const item of list) {
    const key = keyOf(item);
    const round = key === undefined ? 0 : times.get(key) ?? 0;
    if (key !== undefined) times.set(key, round + 1);
    (rounds[round] ??= []).push(item);
  }
  return rounds;
}
