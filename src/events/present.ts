type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined | null> };

/** The same object without the fields that are not known. */
export function present<T extends object>(fields: T): Present<T> {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known) as Present<T>;
}
