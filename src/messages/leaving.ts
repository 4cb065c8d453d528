import { InvalidError } from "../errors.ts";

/** How far the clock of whoever asks may be behind. */
const CLOCK_MS = 60_000;
/** How far ahead something may be planned. */
export const YEAR_MS = 366 * 24 * 3_600_000;

/** When something is to leave, as it was asked for. */
export interface Leaving {
  /** The field that says so. */
  readonly field: string;
  /** Epoch ms. */
  readonly at: number;
  /** What the field got, as it is told to who asked. */
  readonly got: string;
}

/**
 * Checks when a message or a blast is to leave.
 * @throws {InvalidError} If that is over, or further away than a year.
 */
export function checkLeaving({ field, at, got }: Leaving, now: number): void {
  const takes = at < now - CLOCK_MS
    ? "in the future"
    : at > now + YEAR_MS
    ? "at most a year ahead"
    : undefined;
  if (takes === undefined) return;
  const message = `Field \`${field}\` must be ${takes}, got ${got} (it is ${
    new Date(now).toISOString()
  } here)`;
  throw new InvalidError(field, message, { kind: at < now ? "time_past" : "time_far" });
}
