import { MINUTE_MS } from "../spans.ts";
import type { Formats } from "./formats.ts";

/** A time of the reader's zone as a browser's field writes it, epoch ms; NaN when it is none. */
export function atOf(text: string, formats: Formats): number {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text)) return NaN;
  const clock = Date.parse(`${text}Z`);
  return Number.isNaN(clock) ? NaN : inZone(clock, formats);
}

/**
 * When the clocks of the reader's zone show what those of UTC show at `clock`, epoch ms. What is read off the zone at
 * `clock` itself is off by an hour for some hours around each change of the clocks.
 */
export function inZone(clock: number, { offsetMinutes }: Formats): number {
  const near = clock - offsetMinutes(clock) * MINUTE_MS;
  return clock - offsetMinutes(near) * MINUTE_MS;
}
