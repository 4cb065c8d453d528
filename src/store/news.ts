/** Told when news may have been missed, as after a lost connection: whoever listens looks for itself then. */
export const ANYTHING = null;

/**
 * Wake-ups between the openings of one store. News say that something of a topic changed and which, never what: a
 * listener reads the store. News may come late, twice or not at all, so whoever waits for them also looks now and then.
 */
export interface News {
  /**
   * Tells all openings of the store, this one included. Returns at once; what is told within a few milliseconds goes
   * out together.
   * @param topic Such as `webhooks`.
   * @param id Which of them changed, at most 200 bytes.
   */
  tell(topic: string, id: string): void;
  /**
   * Calls the listener for each piece of news of a topic, `ANYTHING` when some may have been missed.
   * @returns What stops it.
   */
  hear(topic: string, listener: (id: string | typeof ANYTHING) => void): () => void;
  /**
   * False: what other openings tell is not heard (behind a connection pooler), so looking is the only way
   * (`hearOrLook`).
   */
  readonly hearsOthers: boolean;
}
