import { account } from "./account.ts";
import { cloud } from "./cloud.ts";
import { device } from "./device.ts";
import type { Format } from "./format.ts";
import { instance } from "./instance.ts";
import { session } from "./session.ts";

/**
 * Every payload format by its name, the default one first. This is the only list of formats: types, settings, retry
 * policies, reserved headers, the API's description, the README's table and the tests derive from it.
 */
export const FORMATS = { device, session, account, instance, cloud } as const satisfies Record<
  string,
  Format
>;

/** The name of a payload format. */
export type FormatName = keyof typeof FORMATS;

/** The names of all formats, the default one first. */
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

/** What a webhook gets that names no format. */
export const DEFAULT_FORMAT: FormatName = "device";

/** Whether there is a format of this name. */
export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name);
}

/**
 * The format of a webhook.
 * @throws {TypeError} If there is none of this name, as after going back to an older version.
 */
export function formatOf(name: string): Format {
  return FORMATS[formatNameOf(name)];
}

/**
 * The name, when there is such a format.
 * @throws {TypeError} If there is none.
 */
export function formatNameOf(name: string): FormatName {
  if (isFormatName(name)) return name;
  throw new TypeError(`Cannot use the format "${name}": there are ${FORMAT_NAMES.join(", ")}`);
}

const SHARED = /^(?:content-type|user-agent|webhook-.*|x-kabar-.*)$/;
const OWN: ReadonlySet<string> = new Set(
  Object.values(FORMATS).flatMap(({ ownHeaders }) => ownHeaders).map((name) => name.toLowerCase()),
);

/**
 * Whether a header is one that Kabar sets itself, in whichever format: a webhook may change its format later.
 * @param name In any case: letters of header names have none.
 */
export function isOwnHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return OWN.has(lower) || SHARED.test(lower);
}
