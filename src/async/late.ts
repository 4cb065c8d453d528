/** What is not there from the beginning: it is loaded once, when somebody asks for it. */
export interface Late<T> {
  /** Undefined while it is not there. */
  now(): T | undefined;
  /** Loads it, unless that has begun. What could not be loaded is loaded again for whoever asks next. */
  loaded(): Promise<T>;
}

export function createLate<T>(load: () => Promise<T>): Late<T> {
  let loading: Promise<T> | undefined;
  let there: T | undefined;
  return {
    now: () => there,
    loaded: () =>
      loading ??= load().then((loaded) => there = loaded, (error) => {
        loading = undefined;
        throw error;
      }),
  };
}
