import { randomBytes } from "node:crypto";
import { madeOnce } from "../store/made_once.ts";
import type { Settings } from "../store/settings.ts";

const NAME = "store.mark";

/**
 * The random name that requests of all gateways of one store carry in `X-Kabar-From`, so that they know their own when
 * one comes back to them. Made once.
 */
export function storeMark(settings: Settings): Promise<string> {
  return madeOnce(settings, NAME, () => randomBytes(12).toString("hex"));
}
