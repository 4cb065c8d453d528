import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";

/** Work that nobody waits for, now or later, and that ends with whoever began it. */
export class Background {
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #stopped = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Sees work to its end; a failure is logged. */
  run(what: string, work: Promise<unknown>): void {
    const settled = work.then(
      () => {},
      (error) => this.#log.error("outbox.failed", { what, error: messageOf(error) }),
    );
    this.#running.add(settled);
    settled.finally(() => this.#running.delete(settled));
  }

  /** Does something later, unless it is stopped before. */
  after(ms: number, act: () => void): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  /** Begins nothing more and waits for what runs, at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const grace = Promise.withResolvers<void>();
    const timer = setTimeout(grace.resolve, graceMs);
    await Promise.race([Promise.all(this.#running), grace.promise]);
    clearTimeout(timer);
  }
}
