const TICK_MS = 20;

/** Something that must end by a time. */
export interface Deadline {
  /** On the clock of `performance.now()`; may be moved while it is watched. */
  dueAt: number;
  onDue(): void;
}

/**
 * Watches the deadlines of many short-lived things with one timer, as precisely as 20 ms: a timer for each would cost
 * more than all else that an attempt does. It runs only while there is something to watch.
 */
export class Deadlines {
  readonly #watched = new Set<Deadline>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #tickedAt = 0;
  #wasLate = false;

  watch(deadline: Deadline): void {
    this.#watched.add(deadline);
    if (this.#timer !== undefined) return;
    this.#tickedAt = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  forget(deadline: Deadline): void {
    this.#watched.delete(deadline);
  }

  #tick(): void {
    const now = performance.now();
    // When the event loop was held up, answers that came meanwhile are still unread: give them one tick.
    const isLate = now - this.#tickedAt > 5 * TICK_MS;
    this.#tickedAt = now;
    const skip = isLate && !this.#wasLate;
    this.#wasLate = isLate;
    if (skip) return;
    for (const deadline of this.#watched) {
      if (deadline.dueAt <= now) deadline.onDue();
    }
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
