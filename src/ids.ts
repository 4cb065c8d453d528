export type TenantId = string;
export type DeviceId = string;
export type WebhookId = string;
export type EventId = string;
export type MessageId = string;

/** The tenant that always exists: the operator's own. */
export const DEFAULT_TENANT: TenantId = "tenant_default";

type Prefix =
  | "rpl"
  | "tenant"
  | "device"
  | "wh"
  | "evt"
  | "msg"
  | "call"
  | "blast"
  | "tpl"
  | "req"
  | "key"
  | "ses"
  | "hist";

/**
 * Makes an id such as `evt_01k8…`: the prefix, then 26 lower-case characters that sort by time.
 * Ids made later sort later, so that indexes over them grow at one end.
 * @see ULID specification, "Components"
 */
export function newId(prefix: Prefix): string {
  const now = Date.now();
  if (now !== timeAt) {
    timeAt = now;
    time = timeDigits(now);
  }
  if (used + RANDOM_DIGITS > random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  let id = `${prefix}_${time}`;
  for (const end = used + RANDOM_DIGITS; used < end; used++) id += DIGITS[random[used] & 31];
  return id;
}

/** Crockford's Base32. @see https://www.crockford.com/base32.html */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;
/** Fetched for many ids at once: to ask for the few bytes of one costs more than all else. */
const random = new Uint8Array(RANDOM_DIGITS * 128);
let used = random.length;
/** The millisecond of the last id, and its digits. */
let timeAt = -1;
let time = "";

function timeDigits(ms: number): string {
  let digits = "";
  for (let rest = ms; digits.length < TIME_DIGITS; rest = Math.floor(rest / 32)) {
    digits = DIGITS[rest % 32] + digits;
  }
  return digits;
}
