/** How long a request may take before it stops counting as work in hand. */
const SLOW_AFTER_MS = 1_000;
/** Slow requests cost little more than a socket, so many of them may wait at once. */
const SLOW_PER_SLOT = 16;

/** One request in flight. */
export interface Slot {
  release(): void;
}

/**
 * Bounds how many requests are in flight over all webhooks. A request that has been waiting for its answer for a second
 * moves to a second, much larger pool: a hundred endpoints that hang cannot use up the places of those that answer.
 */
export interface Slots {
  /** Undefined when every place is taken. */
  acquire(): Slot | undefined;
  /** Requests in flight, slow ones included. */
  inFlight(): number;
  close(): void;
}

export function createSlots(
  { concurrency, now, onFree }: {
    readonly concurrency: number;
    readonly now: () => number;
    /** A place became free other than by a release. */
    readonly onFree: () => void;
  },
): Slots {
  interface Place extends Slot {
    readonly since: number;
    slow: boolean;
    open: boolean;
  }
  const quick = new Set<Place>(); // in the order in which they were taken
  let slow = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  function moveSlowOnes(): void {
    const before = quick.size;
    const takenBefore = now() - SLOW_AFTER_MS;
    for (const place of quick) {
      if (place.since > takenBefore || slow >= concurrency * SLOW_PER_SLOT) break;
      quick.delete(place);
      place.slow = true;
      slow++;
    }
    if (quick.size === 0) stopTimer();
    if (quick.size < before) onFree();
  }

  function stopTimer(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    acquire() {
      if (quick.size >= concurrency) return undefined;
      timer ??= setInterval(moveSlowOnes, SLOW_AFTER_MS / 4);
      const place: Place = {
        since: now(),
        slow: false,
        open: true,
        release() {
          if (!place.open) return;
          place.open = false;
          if (place.slow) slow--;
          else quick.delete(place);
        },
      };
      quick.add(place);
      return place;
    },
    inFlight: () => quick.size + slow,
    close: stopTimer,
  };
}
