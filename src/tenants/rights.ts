/**
 * What was let in with a key, known by the id of its tenant or its own, and lasts (streams, polls, sessions, bodies
 * that still come in).
 */
export interface Rights {
  /**
   * The signal to end by: it aborts once the key that counts now is rotated, revoked or expired, or its tenant is
   * suspended or removed.
   * Take it before the key is compared, so that nothing that happens in between is missed.
   */
  of(id: string): AbortSignal;
  /** Ends what was let in so far. */
  end(id: string): void;
}

/** Keeps one signal for each tenant, or key, that somebody asked about. */
export function createRights(): Rights {
  const current = new Map<string, AbortController>();
  return {
    of(id) {
      const controller = current.get(id) ?? new AbortController();
      current.set(id, controller);
      return controller.signal;
    },
    end(id) {
      const ended = current.get(id);
      current.delete(id); // whoever comes from now on brings another key
      ended?.abort();
    },
  };
}
