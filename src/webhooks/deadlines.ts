const TICK_MS = 20;

/** Something that must end by a time, or when it is told to. */
export interface Deadline {
  /** On the clock of `performance.now()`; may be moved while it is watched. */
  readonly dueAt: number;
  readonly signal: AbortSignal | undefined;
  onDue(): void;
  /** The signal was aborted. */
  onStop(): void;
}

/**
 * Watches the deadlines and stop signals of many short-lived things with one timer, as precisely as 20 ms: a timer and
 * a listener for each would cost more than all else that an attempt does itself. It runs only while there is something
 * to watch.
 */
export class Deadlines {
  readonly #watched = new Set<Deadline>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #tickedAt = 0;
  #wasLate = false;
  #whenIdle: (() => void) | undefined;

  watch(deadline: Deadline): void {
    this.#watched.add(deadline);
    if (this.#timer !== undefined) return;
    this.#tickedAt = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  forget(deadline: Deadline): void {
    this.#watched.delete(deadline);
    if (this.#whenIdle !== undefined && this.#watched.size === 0) this.#rest();
  }

  /** Resolves when nothing is watched any more. Called once. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
      if (this.#watched.size === 0) this.#rest();
    });
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
      if (deadline.signal?.aborted) deadline.onStop();
      else if (deadline.dueAt <= now) deadline.onDue();
    }
    if (this.#watched.size === 0) this.#rest();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#whenIdle?.();
  }
}
