const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Since the endpoint was given up: 5 min, 30 min, 2 h, 5 h, then every 12 h until 3 days are over. */
const PROBES_AFTER_MS: readonly number[] = [
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  ...Array.from({ length: 6 }, (_, index) => 5 * HOUR + index * 12 * HOUR),
].filter((afterMs) => afterMs <= 3 * DAY);

/**
 * When a given-up endpoint is to be probed next, epoch ms, later than `now`; undefined when it was tried long enough.
 * @param failedAt When it was given up, epoch ms.
 * @param scale Multiplies every planned wait.
 */
export function nextProbeAt(failedAt: number, now: number, scale: number): number | undefined {
  return PROBES_AFTER_MS.map((afterMs) => failedAt + afterMs * scale).find((at) => at > now);
}

/** How many probes are still planned after `now`. */
export function probesAfter(failedAt: number, now: number, scale: number): number {
  return PROBES_AFTER_MS.filter((afterMs) => failedAt + afterMs * scale > now).length;
}
