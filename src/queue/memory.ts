import { type Clock, systemClock, type Timer } from "../async/clock.ts";
import type { Alarm, Queue } from "./queue.ts";

/** Alarms that do not outlast the process: for tests and demonstrations. */
export function createMemoryQueue(clock: Pick<Clock, "after"> = systemClock): Queue {
  const timers = new Set<Timer>();
  let listener: ((alarm: Alarm) => void) | undefined;
  return {
    enqueue(alarm, { delayMs }) {
      const timer = clock.after(delayMs, () => {
        timers.delete(timer);
        listener?.(alarm);
      });
      timers.add(timer);
      return Promise.resolve();
    },
    listen(onAlarm) {
      listener = onAlarm;
    },
    close() {
      for (const timer of timers) timer.cancel();
      timers.clear();
      return Promise.resolve();
    },
  };
}
