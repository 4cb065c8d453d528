/** A timer takes no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Time as a parameter, so that tests need not wait. The one place where timers are set. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Resolves after `ms`, or as soon as the signal aborts; never rejects. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Acts once after `ms`, unless it is cancelled before. */
  after(ms: number, act: () => void): Timer;
  /** Acts every `ms` until it is cancelled. */
  every(ms: number, act: () => void): Timer;
}

export interface Timer {
  /** Does nothing once the timer is over. */
  cancel(): void;
}

/** Shorter waits get a timer each: they are few, and over soon. */
const SHORTEST_SHARED_MS = 100;

interface Shared {
  /** By `performance.now()`. */
  readonly dueAt: number;
  readonly act: () => void;
}

/**
 * Waits of one length, which end in the order in which they began: one timer is enough for all of them. Nearly all are
 * cancelled, as time-outs are, and a timer for each costs more than what it watches.
 */
class SharedTimer {
  readonly #ms: number;
  readonly #waiting = new Set<Shared>();
  #id: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  after(act: () => void): Timer {
    const shared: Shared = { dueAt: performance.now() + this.#ms, act };
    this.#waiting.add(shared);
    this.#id ??= setTimeout(() => this.#fire(), this.#ms);
    return {
      cancel: () => {
        if (this.#waiting.delete(shared)) this.#restIfIdle();
      },
    };
  }

  #fire(): void {
    this.#id = undefined;
    const due: Shared[] = [];
    for (const shared of this.#waiting) {
      const leftMs = shared.dueAt - performance.now();
      if (leftMs > 0) {
        this.#id = setTimeout(() => this.#fire(), Math.ceil(leftMs));
        break;
      }
      due.push(shared);
    }
    for (const shared of due) {
      if (!this.#waiting.delete(shared)) continue; // another one's act has cancelled it
      try {
        shared.act();
      } catch (error) {
        queueMicrotask(() => {
          throw error; // as from a timer of its own
        });
      }
    }
    this.#restIfIdle();
  }

  #restIfIdle(): void {
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#id);
    this.#id = undefined;
    if (sharedTimers.get(this.#ms) === this) sharedTimers.delete(this.#ms);
  }
}

const sharedTimers = new Map<number, SharedTimer>();

function sharedTimer(ms: number): SharedTimer {
  const timer = sharedTimers.get(ms) ?? new SharedTimer(ms);
  sharedTimers.set(ms, timer);
  return timer;
}

export const systemClock: Clock = {
  now: Date.now,
  wait: (ms, signal) => waitOn(systemClock, ms, signal),
  after(ms, act) {
    if (ms >= SHORTEST_SHARED_MS && ms <= LONGEST_TIMER_MS) return sharedTimer(ms).after(act);
    let id: ReturnType<typeof setTimeout>;
    const set = (leftMs: number) => {
      const isLong = leftMs > LONGEST_TIMER_MS;
      id = isLong
        ? setTimeout(() => set(leftMs - LONGEST_TIMER_MS), LONGEST_TIMER_MS)
        : setTimeout(act, leftMs);
    };
    set(ms);
    return { cancel: () => clearTimeout(id) };
  },
  every(ms, act) {
    const id = setInterval(act, ms);
    return { cancel: () => clearInterval(id) };
  },
};

/** `Clock.wait` by the timers of the clock. */
export function waitOn({ after }: Pick<Clock, "after">, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      timer.cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = after(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
