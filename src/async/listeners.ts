/** Who wants to hear of something, by what it is about. */
export interface Listeners<Key, News> {
  tell(about: Key, news: News): void;
  /** Tells all of them, whatever they want to hear about. */
  tellAll(news: News): void;
  /** Returns what stops it. */
  hear(about: Key, listener: (news: News) => void): () => void;
}

export function createListeners<Key, News = void>(): Listeners<Key, News> {
  const byKey = new Map<Key, Set<(news: News) => void>>();
  return {
    tell(about, news) {
      for (const listener of byKey.get(about) ?? []) listener(news);
    },
    tellAll(news) {
      for (const listeners of byKey.values()) for (const listener of listeners) listener(news);
    },
    hear(about, listener) {
      const own = byKey.get(about) ?? new Set();
      byKey.set(about, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0) byKey.delete(about);
      };
    },
  };
}
