import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { madeOnce } from "../store/made_once.ts";
import type { Settings } from "../store/settings.ts";

const NAME = "ids.key";

/** The key of the store's delivery ids; made once, and known to nobody outside. */
export async function deliveryIdKey(settings: Settings): Promise<Uint8Array> {
  const key = await madeOnce(settings, NAME, () => randomBytes(32).toString("base64url"));
  return new Uint8Array(Buffer.from(key, "base64url"));
}
