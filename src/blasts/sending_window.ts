import { MINUTE_MS } from "../spans.ts";
import type { SendingWindow } from "../store/blasts.ts";

const DAY_MINUTES = 24 * 60;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether this is the name of a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return clockOf(name) !== undefined;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * How long it is until messages may be sent, in ms; 0 when they may now. `from` and `to` at the same time mean all day.
 * @param now Epoch ms.
 */
export function waitForWindow({ from, to, timeZone }: SendingWindow, now: number): number {
  const [opens, closes] = [minutesOf(from), minutesOf(to)];
  if (opens === closes) return 0;
  const minute = minuteOfDay(now, timeZone);
  const open = opens < closes ? minute >= opens && minute < closes : minute >= opens || minute < closes;
  if (open) return 0;
  const wait = (opens - minute + DAY_MINUTES) % DAY_MINUTES;
  return wait * MINUTE_MS - now % MINUTE_MS;
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

function minuteOfDay(now: number, timeZone: string): number {
  return minutesOf(clockOf(timeZone).format(now));
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const options = { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const clock = new Intl.DateTimeFormat("en-GB", options);
  clocks.set(timeZone, clock);
  return clock;
}
