/** Truth values are 0 and 1 in the tables. */
export function flagOf(value: boolean): number {
  return value ? 1 : 0;
}

/** Structures are JSON text in the tables; null stays null. */
export function jsonOf(value: object): string;
export function jsonOf(value: object | null): string | null;
export function jsonOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** Reads what `jsonOf` wrote. The type is the caller's promise: only this program writes these columns. */
export function fromJson<T>(json: string): T {
  return JSON.parse(json) as T;
}

/** Leaves out the columns that a change does not mention. */
export function mentioned<T extends object>(
  columns: { readonly [K in keyof T]: T[K] | undefined },
): Partial<T> {
  const entries = Object.entries(columns).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}
