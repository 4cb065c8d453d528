/** As Internet messages write it, and as RFC 850 did; a little more loosely than either. */
const HTTP_DATE =
  /^[A-Za-z]{3,9}, ?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} (?:GMT|UTC|[+-]0000)$/;
/** As C's `asctime` writes it, always in UTC: `Sun Nov  6 08:49:37 1994`. */
const ASCTIME = /^[A-Za-z]{3} ([A-Za-z]{3}) ([ \d]\d) (\d{2}:\d{2}:\d{2}) (\d{4})$/;

/**
 * How long a `Retry-After` header asks to wait, in milliseconds from `now`; null when it is absent or unreadable.
 * @see RFC 9110, 10.2.3 "Retry-After"
 */
export function parseRetryAfter(header: string | readonly string[] | undefined, now: number): number | null {
  const value = (typeof header === "object" ? header[0] : header)?.trim();
  if (value === undefined) return null;
  if (/^\d{1,10}(?:\.\d{1,9})?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const at = dateOf(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/** @see RFC 9110, 5.6.7 "Date/Time Formats": all three forms must be read */
function dateOf(value: string): number {
  const [, month, day, time, year] = ASCTIME.exec(value) ?? [];
  if (month !== undefined) return Date.parse(`${day.trim()} ${month} ${year} ${time} GMT`);
  return HTTP_DATE.test(value) ? Date.parse(value) : NaN;
}
