import { until } from "./until.ts";
import { type Clock, systemClock, type Timer, waitOn } from "../../src/async/clock.ts";

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves it on by `ms`: whatever falls due on the way acts at its own time, one after the other. */
  advance(ms: number): Promise<void>;
  /** Lets time pass from timer to timer until something holds, also something that takes real time in between. */
  until(holds: () => boolean | Promise<boolean>, what: string): Promise<unknown>;
  /** How far away the timers are that are set, ms, soonest first. */
  waits(): readonly number[];
}

interface Set {
  dueAt: number;
  readonly everyMs?: number;
  readonly act: () => void;
}

/** @param startAt Epoch ms. */
export function createManualClock(startAt = 1_700_000_000_000): ManualClock {
  const timers: Set[] = [];
  let at = startAt;

  function set(timer: Set): Timer {
    timers.push(timer);
    return { cancel: () => remove(timer) };
  }

  function remove(timer: Set): void {
    const index = timers.indexOf(timer);
    if (index >= 0) timers.splice(index, 1);
  }

  /** The first that is due by then; of several, the one that was set first. */
  function nextBy(end: number): Set | undefined {
    return timers.filter(({ dueAt }) => dueAt <= end).toSorted((a, b) => a.dueAt - b.dueAt)[0];
  }

  async function advance(ms: number): Promise<void> {
    const end = at + ms;
    await settled();
    for (let next = nextBy(end); next !== undefined; next = nextBy(end)) {
      at = Math.max(at, next.dueAt);
      if (next.everyMs === undefined) remove(next);
      else next.dueAt += next.everyMs;
      next.act();
      await settled();
    }
    at = end;
  }

  const after: Clock["after"] = (ms, act) => set({ dueAt: at + Math.max(0, ms), act });
  return {
    now: () => at,
    after,
    wait: (ms, signal) => waitOn({ after }, ms, signal),
    every: (ms, act) => set({ dueAt: at + ms, everyMs: ms, act }),
    advance,
    until: (holds, what) =>
      until(async () => {
        if (await holds()) return true;
        const next = nextBy(Infinity);
        if (next !== undefined) await advance(Math.max(0, next.dueAt - at));
        return false;
      }, what),
    waits: () => timers.map(({ dueAt }) => dueAt - at).toSorted((a, b) => a - b),
  };
}

/** The timers of the system with another time of day. */
export function clockAt(now: () => number): Clock {
  return { ...systemClock, now };
}

/** Gives everything that can go on without a timer a turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
