/** The last millisecond whose ISO form has a four-digit year. */
const LATEST_MS = 253_402_300_799_999;

/** Whole seconds since the Unix epoch. Other systems report odd times now and then: what is no time becomes 0. */
export function unixSeconds(ms: number): number {
  return Math.floor(unixMs(ms) / 1000);
}

/** Whole milliseconds since the Unix epoch, within the years that people can mean. */
export function unixMs(ms: number): number {
  return ms >= 0 ? Math.floor(Math.min(ms, LATEST_MS)) : 0;
}

/** `2025-10-19T12:00:00.000Z`. */
export function isoTime(ms: number): string {
  return new Date(unixMs(ms)).toISOString();
}

/** Unless there is no such time. */
export function optionalSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : unixSeconds(ms);
}
