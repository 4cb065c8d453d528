const HTTP_DATE = /^[A-Za-z]{3,9}, ?\d{2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How long a `Retry-After` header asks to wait, in milliseconds from `now`; null when it is absent or unreadable.
 * @see RFC 9110, 10.2.3 "Retry-After"
 */
export function parseRetryAfter(header: string | readonly string[] | undefined, now: number): number | null {
  const value = (typeof header === "object" ? header[0] : header)?.trim();
  if (value === undefined) return null;
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1000;
  if (!HTTP_DATE.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
