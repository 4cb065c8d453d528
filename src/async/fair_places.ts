import { type Clock, systemClock } from "./clock.ts";

/** How long somebody waits for a turn, ms, and what it comes to then. */
export interface Patience {
  readonly ms: number;
  readonly error: () => Error;
}

/** Places for works that would hold up each other, shared among those who ask. */
export interface FairPlaces {
  /**
   * Does the work in its turn.
   * @param who For whom: those with less in hand come before those with more, whatever came first.
   * @param patience Left out: it waits for ever.
   */
  run<T>(who: string, work: () => Promise<T>, patience?: Patience): Promise<T>;
}

/**
 * @param inAll Works at once. Somebody who has none in hand is let in beyond that, up to twice as many.
 * @param ofOne Works at once for the same one.
 */
export function createFairPlaces(
  { inAll, ofOne, clock = systemClock }: {
    readonly inAll: number;
    readonly ofOne: number;
    readonly clock?: Pick<Clock, "wait">;
  },
): FairPlaces {
  const taken = new Map<string, number>();
  /** In the order of their turns. */
  const waiting = new Map<string, Set<() => void>>();
  let all = 0;

  function mayBegin(who: string): boolean {
    const own = taken.get(who) ?? 0;
    return own < ofOne && all < (own === 0 ? 2 * inAll : inAll);
  }

  function begin(who: string): void {
    taken.set(who, (taken.get(who) ?? 0) + 1);
    all++;
  }

  function end(who: string): void {
    const left = (taken.get(who) ?? 1) - 1;
    if (left === 0) taken.delete(who);
    else taken.set(who, left);
    all--;
    for (const [next, own] of waiting) {
      if (!mayBegin(next)) continue;
      const [enter] = own;
      own.delete(enter);
      waiting.delete(next); // its next turn comes after everybody else's
      if (own.size > 0) waiting.set(next, own);
      return enter();
    }
  }

  function turnOf(who: string, patience?: Patience): Promise<void> {
    const own = waiting.get(who) ?? new Set();
    waiting.set(who, own);
    return new Promise((resolve, reject) => {
      const entered = new AbortController();
      const enter = () => {
        begin(who);
        entered.abort();
        resolve();
      };
      own.add(enter);
      if (patience === undefined) return;
      void clock.wait(patience.ms, entered.signal).then(() => {
        if (!own.delete(enter)) return;
        if (own.size === 0) waiting.delete(who);
        reject(patience.error());
      });
    });
  }

  return {
    async run(who, work, patience) {
      if (mayBegin(who)) begin(who);
      else await turnOf(who, patience);
      try {
        return await work();
      } finally {
        end(who);
      }
    },
  };
}
