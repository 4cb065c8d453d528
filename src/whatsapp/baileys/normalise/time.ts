import { systemClock } from "../../../async/clock.ts";

/** A 64-bit number as protobuf decodes it. */
interface Long {
  toNumber(): number;
}

/** A number of a protobuf message, whatever it was decoded to; 0 when it is not there. */
export function numberOf(value: number | Long | string | null | undefined): number {
  if (value === null || value === undefined) return 0;
  const number = typeof value === "object" ? value.toNumber() : Number(value);
  return Number.isFinite(number) ? number : 0;
}

/** WhatsApp's unix seconds as epoch milliseconds. */
export function fromSeconds(value: Parameters<typeof numberOf>[0]): number {
  return numberOf(value) * 1_000;
}

/** WhatsApp began in 2009: nothing on it is older. */
const OLDEST_MS = Date.UTC(2009, 0, 1);
/** Clocks of phones may be ahead of ours, but not by more than this. */
const AHEAD_MS = 24 * 3_600_000;

/** A time that somebody else's program tells, epoch ms: now, where it tells none, or one that cannot be. */
export function sensibleTime(ms: number, now = systemClock.now()): number {
  return ms >= OLDEST_MS && ms <= now + AHEAD_MS ? ms : now;
}

/** When something happened by WhatsApp's unix seconds, as `sensibleTime`. */
export function timeOf(seconds: Parameters<typeof numberOf>[0]): number {
  return sensibleTime(fromSeconds(seconds));
}
