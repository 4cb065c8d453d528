import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Clock, Timer } from "./clock.ts";
import { within } from "./within.ts";

/** Work that nobody waits for, now or later, and that ends with whoever began it. */
export class Background {
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #stopped = false;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
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
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }

  /** Begins nothing more and waits for what runs, at most `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    await within(graceMs, Promise.all(this.#running), this.#clock);
  }
}
