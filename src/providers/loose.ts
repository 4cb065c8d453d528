import { isPlain } from "../events/plain_text.ts";

/** JSON from a system that nobody here controls: any field may be missing or of any kind. */
export type Loose = Readonly<Record<string, unknown>>;

/** No id of any of these systems is nearly as long. */
const LONGEST_ID = 512;

export function isRecord(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object; an empty one when it is none. */
export function record(value: unknown): Loose {
  return isRecord(value) ? value : {};
}

/** The objects in a list; what is not an object in it, or no list, does not count. */
export function records(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** A text that is not empty. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The first of the values that is a text. */
export function firstText(...values: readonly unknown[]): string | undefined {
  return values.map(text).find((value) => value !== undefined);
}

/** An id: a text or a whole number, without anything that makes it look like another one. */
export function id(value: unknown): string | undefined {
  const given = typeof value === "number" && Number.isSafeInteger(value)
    ? String(value)
    : text(value)?.trim();
  if (given === undefined || given === "" || given.length > LONGEST_ID) return undefined;
  return isPlain(given) ? given : undefined;
}

/** A finite number, also when it is written as a text. */
export function number(value: unknown): number | undefined {
  const read = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof read === "number" && Number.isFinite(read) ? read : undefined;
}

/** As many of the texts in a list as there are. */
export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(text).filter((item) => item !== undefined) : [];
}

/** Later ones are no times: the largest that a `Date` can hold. */
const LATEST_MS = 8_640_000_000_000_000;
/** Numbers below are seconds (until the year 5138), others milliseconds (since 1973). */
const SECONDS_BELOW = 100_000_000_000;

/** A time as epoch ms: from Unix seconds or milliseconds, as a number or in digits, or from ISO 8601. */
export function timeMs(value: unknown): number | undefined {
  const read = number(value);
  if (read === undefined) return typeof value === "string" ? parsedMs(value) : undefined;
  if (read <= 0) return undefined;
  const ms = Math.trunc(read < SECONDS_BELOW ? read * 1000 : read);
  return ms <= LATEST_MS ? ms : undefined;
}

function parsedMs(value: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}
