import type { FormatName } from "../store/webhooks.ts";
import { account } from "./account.ts";
import { device } from "./device.ts";
import type { Format } from "./format.ts";
import { instance } from "./instance.ts";
import { session } from "./session.ts";

/** Every payload format, by its name. */
export const FORMATS: Readonly<Record<FormatName, Format>> = { device, session, account, instance };

/** The names of all formats, the default one first. */
export const FORMAT_NAMES: readonly FormatName[] = ["device", "session", "account", "instance"];

export function formatOf(name: FormatName): Format {
  return FORMATS[name];
}
