import { MINUTE_MS } from "../spans.ts";
import type { Formats } from "./formats.ts";

/** A time of the reader's zone as a browser's field writes it, epoch ms; NaN when it is none. */
export function atOf(text: string, { offsetMinutes }: Formats): number {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text)) return NaN;
  const utc = Date.parse(`${text}Z`);
  return Number.isNaN(utc) ? NaN : utc - offsetMinutes(utc) * MINUTE_MS;
}
