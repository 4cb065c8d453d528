import { LONGEST_TIMER_MS } from "../timers.ts";
import type { Alarm, Queue } from "./queue.ts";

/** Alarms that do not outlast the process: for tests and demonstrations. */
export function createMemoryQueue(): Queue {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let listener: ((alarm: Alarm) => void) | undefined;
  return {
    enqueue(alarm, { delayMs }) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        listener?.(alarm);
      }, Math.min(delayMs, LONGEST_TIMER_MS)); // what is due later is found by the sweep
      timers.add(timer);
      return Promise.resolve();
    },
    listen(onAlarm) {
      listener = onAlarm;
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      return Promise.resolve();
    },
  };
}
